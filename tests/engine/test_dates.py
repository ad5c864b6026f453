from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditions import Path
from engine.dates import Fire, NoFire, next_fire
from engine.triggers import DateTrigger
from engine.triggers.date import Every

ZONES: Final = (
    "UTC",
    "Europe/Zurich",
    "America/New_York",
    "Asia/Tokyo",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
)
NIGHT: Final = time(2, 30)


def trigger(every: Every = "year", **changes: Any) -> DateTrigger:
    given: dict[str, Any] = {"path": Path(("day",)), "at": time(9), "zone": "UTC"}
    return DateTrigger(every=every, **(given | changes))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fires(of: DateTrigger, value: Any, *, since: str, **attributes: Any) -> Iterator[Fire]:
    """Every fire from an instant on, in order."""
    after = at(since)
    while isinstance(found := next_fire(of, {"day": value, **attributes}, after=after), Fire):
        yield found
        after = found.at


def days(of: DateTrigger, value: Any, *, since: str, count: int = 3) -> list[str]:
    """The UTC dates of the first fires."""
    return [f"{fire.at:%Y-%m-%d}" for fire in islice(fires(of, value, since=since), count)]


def first(of: DateTrigger, value: Any, *, since: str = "2024-01-01", **attributes: Any) -> str:
    """The first fire, to the second, in UTC."""
    return f"{next(fires(of, value, since=since, **attributes)).at:%Y-%m-%d %H:%M:%S}"


@pytest.mark.spec("1.50")
def test_once_is_the_full_date_and_only_in_the_future() -> None:
    once = trigger("once")

    assert ["2024-06-05"] == days(once, "2024-06-05", since="2024-06-05T08:59")
    assert [] == days(once, "2024-06-05", since="2024-06-05T09:00")
    assert ["2025-01-02"] == days(once, "2025-01-02", since="2024-06-05T09:00")


@pytest.mark.spec("1.51")
def test_every_month_only_the_day_of_the_month_counts() -> None:
    assert ["2023-06-05", "2023-07-05", "2023-08-05"] == days(trigger("month"), "1977-06-05", since="2023-05-06")


@pytest.mark.spec("1.52")
@pytest.mark.parametrize(
    ("since", "expected"),
    [("2023-08-31T09:00", "2023-09-30"), ("2023-01-31T09:00", "2023-02-28"), ("2024-01-31T09:00", "2024-02-29")],
)
def test_a_day_that_the_month_does_not_have_is_its_last(since: str, expected: str) -> None:
    assert [expected] == days(trigger("month"), "2000-01-31", since=since, count=1)


@pytest.mark.spec("1.53")
def test_every_year_only_month_and_day_count() -> None:
    assert ["2023-06-05", "2024-06-05"] == days(trigger(), "1977-06-05", since="2023-01-01", count=2)
    assert ["2023-06-05", "2024-06-05"] == days(trigger(), "2031-06-05", since="2023-01-01", count=2)


@pytest.mark.spec("1.54")
def test_the_29_february_is_the_28_where_there_is_none() -> None:
    assert ["2023-02-28", "2024-02-29", "2025-02-28"] == days(trigger(), "1996-02-29", since="2022-03-01")


@pytest.mark.spec("1.56")
@pytest.mark.parametrize(
    ("every", "value", "offset", "since", "expected"),
    [
        ("month", "2000-01-31", -1, "2023-09-01", "2023-09-29"),
        ("year", "2000-03-01", -3, "2023-01-01", "2023-02-26"),
        ("year", "2000-03-01", -3, "2024-01-01", "2024-02-27"),
        ("year", "2000-01-01", -2, "2023-06-01", "2023-12-30"),
        ("year", "2000-12-31", 365, "2023-06-01", "2023-12-31"),
        ("year", "2000-02-29", 1, "2023-01-01", "2023-03-01"),
        ("once", "2024-06-05", 30, "2024-06-06", "2024-07-05"),
    ],
)
def test_the_date_comes_round_before_the_days_are_counted(
    every: Every, value: str, offset: int, since: str, expected: str
) -> None:
    assert [expected] == days(trigger(every, offset_days=offset), value, since=since, count=1)


def test_a_fire_carries_the_date_that_came_round_and_not_the_day_it_is_sent() -> None:
    [fire] = islice(fires(trigger("month", offset_days=-1), "2000-01-31", since="2023-09-01"), 1)

    assert Fire(at("2023-09-29T09:00"), date(2023, 9, 30)) == fire


@pytest.mark.spec("1.57", "1.58", "1.60", "1.61")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2000-06-05", "2024-06-05"),
        ("2000-06-05T23:59:59Z", "2024-06-05"),
        ("2000-06-05T23:30:00-11:00", "2024-06-05"),
        ("2000-06-05T00:30:00+14:00", "2024-06-05"),
        ("20000605T120000Z", "2024-06-05"),
        (960163200, "2024-06-05"),
        ("960163200", "2024-06-05"),
        (960163200.5, "2024-06-05"),
        (0, "2025-01-01"),
        ("0", "2025-01-01"),
        (-86400, "2024-12-31"),
    ],
)
def test_a_value_is_a_calendar_date_as_it_is_written_or_in_utc(value: Any, expected: str) -> None:
    assert [expected] == days(trigger(), value, since="2024-01-02", count=1)


@pytest.mark.spec("1.58")
def test_0_is_the_first_of_every_month() -> None:
    assert ["2024-02-01", "2024-03-01"] == days(trigger("month"), 0, since="2024-01-02", count=2)


@pytest.mark.spec("1.57", "1.59", "1.73")
@pytest.mark.parametrize(
    "value", [100_000_000_001, "100000000001", "5 June 1977", "1977-06-31", True, [], {}, " ", float("nan")]
)
def test_what_is_no_date_never_fires(value: Any) -> None:
    found = next_fire(trigger(), {"day": value}, after=at("2024-01-01"))

    assert isinstance(found, NoFire)
    assert "unrecognised" == found.reason


@pytest.mark.spec("1.57", "1.73")
@pytest.mark.parametrize("attributes", [{}, {"day": None}, {"day": ""}, {"Day": "2000-06-05"}])
def test_who_has_no_date_never_fires(attributes: dict[str, Any]) -> None:
    assert NoFire("missing", "The person has no `day`.") == next_fire(trigger(), attributes, after=at("2024-01-01"))


@pytest.mark.spec("1.73")
def test_who_has_no_fire_gets_the_reason() -> None:
    past = next_fire(trigger("once"), {"day": "2024-06-05"}, after=at("2024-07-01"))
    wrong = next_fire(trigger("once"), {"day": "soon"}, after=at("2024-07-01"))

    assert NoFire("past", "`day` is 2024-06-05, and the time for that is over.") == past
    assert isinstance(wrong, NoFire)
    assert '`day` is "soon"' in wrong.text


def test_the_date_may_lie_deep_inside_an_attribute() -> None:
    deep = trigger(path=Path(("plans", 1, "ends_at")))
    attributes = {"plans": [{}, {"ends_at": "2024-06-05"}]}

    assert Fire(at("2024-06-05T09:00"), date(2024, 6, 5)) == next_fire(deep, attributes, after=at("2024-01-01"))
    assert isinstance(next_fire(deep, {"plans": "none"}, after=at("2024-01-01")), NoFire)


@pytest.mark.spec("1.62")
def test_the_time_is_that_of_the_zone() -> None:
    assert "2024-06-05 00:00:00" == first(trigger(zone="Asia/Tokyo"), "2000-06-05")
    assert "2024-06-05 13:00:00" == first(trigger(zone="America/New_York"), "2000-06-05")


@pytest.mark.spec("1.62", "1.63", "1.64", "1.65")
@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"timezone": "Asia/Tokyo"}, "00:00"),
        ({}, "07:00"),
        ({"timezone": None}, "07:00"),
        ({"timezone": ""}, "07:00"),
        ({"timezone": "(GMT-08:00) Pacific Time"}, "07:00"),
        ({"timezone": "EST5EDT"}, "07:00"),
        ({"timezone": "asia/tokyo"}, "07:00"),
        ({"timezone": "../../etc/localtime"}, "07:00"),
        ({"timezone": 9}, "07:00"),
        ({"Timezone": "Asia/Tokyo"}, "07:00"),
        ({"timezone": "UTC"}, "09:00"),
    ],
)
def test_the_persons_own_zone_counts_if_it_is_the_name_of_a_region(attributes: dict[str, Any], expected: str) -> None:
    own = trigger(zone=None, fallback="Europe/Zurich")

    assert f"2024-06-05 {expected}:00" == first(own, "2000-06-05", **attributes)


@pytest.mark.spec("1.66")
@pytest.mark.parametrize(
    ("zone", "day", "local", "expected"),
    [
        ("Europe/Zurich", "2024-03-31", NIGHT, "2024-03-31 01:00:00"),
        ("Europe/Zurich", "2024-03-31", time(2), "2024-03-31 01:00:00"),
        ("Europe/Zurich", "2024-03-31", time(3), "2024-03-31 01:00:00"),
        ("Europe/Zurich", "2024-03-31", time(1, 59), "2024-03-31 00:59:00"),
        ("America/New_York", "2024-03-10", NIGHT, "2024-03-10 07:00:00"),
        ("Australia/Lord_Howe", "2024-10-06", time(2, 15), "2024-10-05 15:30:00"),
        ("Africa/Cairo", "2024-04-26", time(0, 30), "2024-04-25 22:00:00"),
        ("Pacific/Apia", "2011-12-30", time(9), "2011-12-30 10:00:00"),
        ("Europe/Zurich", "2024-10-27", NIGHT, "2024-10-27 00:30:00"),
        ("America/New_York", "2024-11-03", time(1, 30), "2024-11-03 05:30:00"),
    ],
)
def test_clocks_that_skip_or_repeat_the_time(zone: str, day: str, local: time, expected: str) -> None:
    assert expected == first(trigger("once", zone=zone, at=local), day, since="2000-01-01")


@pytest.mark.spec("1.67")
def test_before_the_time_of_today_it_is_today_and_at_it_too_late() -> None:
    assert ["2024-06-05"] == days(trigger(), "1990-06-05", since="2024-06-05T08:59:59", count=1)
    assert ["2025-06-05"] == days(trigger(), "1990-06-05", since="2024-06-05T09:00", count=1)


def test_the_same_values_give_the_same_instant_again_and_others_do_not() -> None:
    own = trigger(zone=None, fallback="UTC")
    person = {"day": "1990-06-05", "timezone": "Europe/Zurich"}
    fire = next_fire(own, person, after=at("2024-06-01"))
    assert isinstance(fire, Fire)

    def again(**changes: Any) -> Fire | NoFire:
        return next_fire(own, person | changes, after=fire.at - timedelta(microseconds=1))

    assert fire == again(first_name="Ada", day="1991-06-05T17:00:00Z")
    assert fire != again(timezone="Asia/Tokyo")
    assert fire != again(day="1990-06-06")


@pytest.mark.parametrize("every", ["once", "month", "year"])
@pytest.mark.parametrize("offset", [-365, -1, 0, 1, 365])
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_ends_of_time_are_no_error(every: Every, offset: int, zone: str) -> None:
    edges = [datetime.min.replace(tzinfo=UTC), at("2024-01-01"), datetime.max.replace(tzinfo=UTC)]

    for value in ("0001-01-01", "0001-12-31T00:00:00+14:00", "9999-12-31", "9999-02-28", -62135596800):
        for after in edges:
            found = next_fire(trigger(every, offset_days=offset, zone=zone), {"day": value}, after=after)

            assert isinstance(found, NoFire) or found.at > after


@st.composite
def triggers(draw: st.DrawFn) -> DateTrigger:
    return trigger(
        draw(st.sampled_from(("once", "month", "year"))),
        zone=draw(st.sampled_from(ZONES)),
        at=draw(st.times().map(lambda one: one.replace(second=0, microsecond=0))),
        offset_days=draw(st.integers(-365, 365)),
    )


def instants() -> st.SearchStrategy[datetime]:
    return st.datetimes(datetime(1995, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def dates() -> st.SearchStrategy[date]:
    return st.dates(date(1920, 1, 1), date(2080, 12, 31))


def all_between(of: DateTrigger, written: date, start: datetime, end: datetime) -> list[Fire]:
    """Every fire after an instant and up to another, found by looking at every day there is."""
    zone, found = ZoneInfo(of.zone or ""), []
    day = start.date() - timedelta(days=400)
    while day < end.date() + timedelta(days=400):
        last = monthrange(day.year, day.month)[1]
        is_it = {
            "once": day == written,
            "month": day.day == min(written.day, last),
            "year": day.month == written.month and day.day == min(written.day, last),
        }
        if is_it[of.every]:
            local = datetime.combine(day + timedelta(days=of.offset_days), of.at)
            instant = local.replace(tzinfo=zone).astimezone(UTC)
            while instant.astimezone(zone).replace(tzinfo=None) > local:
                before = instant - timedelta(minutes=1)
                if before.astimezone(zone).replace(tzinfo=None) < local:
                    break
                instant = before
            if start < instant <= end:
                found.append(Fire(instant, day))
        day += timedelta(days=1)
    return found


@given(triggers(), dates(), instants())
def test_a_fire_is_always_after_and_asking_just_before_it_gives_it_again(
    of: DateTrigger, written: date, after: datetime
) -> None:
    attributes = {"day": written.isoformat()}
    found = next_fire(of, attributes, after=after)

    if isinstance(found, Fire):
        assert after < found.at
        assert found == next_fire(of, attributes, after=found.at - timedelta(microseconds=1))
    else:
        assert ("once", "past") == (of.every, found.reason)


@given(triggers(), dates(), instants())
@settings(max_examples=60, deadline=None)
def test_no_fire_is_missed_and_none_comes_twice(of: DateTrigger, written: date, after: datetime) -> None:
    end = after + timedelta(days=800)
    expected = all_between(of, written, after, end)
    found: list[Fire] = []
    asked: Fire | NoFire = next_fire(of, {"day": written.isoformat()}, after=after)
    while isinstance(asked, Fire) and asked.at <= end:
        found.append(asked)
        asked = next_fire(of, {"day": written.isoformat()}, after=asked.at)

    assert expected == found
    assert all(one.date < other.date for one, other in pairwise(found))
