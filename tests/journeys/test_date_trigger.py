"""Journeys that a date of the person starts: once, every month, every year; before, on or after it; on whose clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.world import World, email


def on(every: str, **trigger: Any) -> dict[str, Any]:
    """Return a campaign that sends one mail at nine on the date in the attribute `day`."""
    timing = {"date": "day", "every": every, "at": "09:00", "timezone": "UTC"}
    return {"trigger": timing | trigger, "workflow": [email("hello")]}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def until(world: World, instant: str) -> None:
    """Let time pass until an instant."""
    await world.advance(seconds=(at(instant) - world.now).total_seconds())


def fired(world: World, person: str) -> list[str]:
    """Return when a person got mails, to the minute, in UTC."""
    return [f"{mail.at:%Y-%m-%d %H:%M}" for mail in world.mails if mail.to == f"{person}@example.com"]


async def fires(world: World, of: Mapping[str, Mapping[str, Any]], *, until_then: str) -> dict[str, list[str]]:
    """Let people have attributes and time pass; return when each of them got mails."""
    for person, attributes in of.items():
        await world.identify(person, **attributes)
    await until(world, until_then)
    return {person: fired(world, person) for person in of}


# When a date comes round


@pytest.mark.spec("1.50", "1.70")
async def test_once_is_the_full_date_and_a_later_date_is_another(world: World) -> None:
    await world.campaign(**on("once"))
    await world.identify("past", day="2027-02-28")
    await world.identify("ada", day="2027-03-10")
    await until(world, "2027-03-11T00:00")
    await world.identify("ada", day="2028-01-05")
    await until(world, "2029-03-15T00:00")

    assert ["2027-03-10 09:00", "2028-01-05 09:00"] == fired(world, "ada")
    assert [] == fired(world, "past")


@pytest.mark.spec("1.51", "1.52", "1.56")
@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("2028-01-20", {"last": "2028-01-31", "before": "2028-01-30", "fifth": "2028-02-05"}),
        ("2028-02-10", {"last": "2028-02-29", "before": "2028-02-28", "fifth": "2028-03-05"}),
        ("2028-09-10", {"last": "2028-09-30", "before": "2028-09-29", "fifth": "2028-10-05"}),
        ("2029-02-10", {"last": "2029-02-28", "before": "2029-02-27", "fifth": "2029-03-05"}),
    ],
)
async def test_every_month_on_its_day_or_on_the_last_one(world: World, since: str, expected: dict[str, str]) -> None:
    await until(world, since)
    await world.campaign("month", **on("month"))
    await world.campaign("before", **on("month", date="other", days_before=1))
    people = {
        "fifth": {"day": "1977-06-05"},
        "last": {"day": "2000-01-31"},
        "before": {"other": "2000-01-31"},
    }

    found = await fires(world, people, until_then=f"{expected['fifth']}T12:00")

    assert {person: [f"{day} 09:00"] for person, day in expected.items()} == found


@pytest.mark.spec("1.51", "1.53", "1.54")
async def test_it_comes_round_again_and_again(world: World) -> None:
    await world.campaign("month", **on("month"))
    await world.campaign("year", **on("year", date="birthday"))

    found = await fires(
        world, {"monthly": {"day": "2027-03-31"}, "leap": {"birthday": "1996-02-29"}}, until_then="2027-07-01"
    )
    assert ["03-31", "04-30", "05-31", "06-30"] == [instant[5:10] for instant in found["monthly"]]
    await world.stop("month")
    await until(world, "2029-03-02")

    assert ["2028-02-29 09:00", "2029-02-28 09:00"] == fired(world, "leap")


@pytest.mark.spec("1.53", "1.55", "1.56")
async def test_days_before_and_after_are_counted_from_the_date_of_that_year(world: World) -> None:
    await world.campaign("three", **on("year", date="three_before", days_before=3))
    await world.campaign("two", **on("year", date="two_before", days_before=2))
    await world.campaign("after", **on("year", date="after", days_after=365))
    await world.campaign("once", **on("once", date="once_after", days_after=30))

    found = await fires(
        world,
        {
            "march": {"three_before": "1990-03-01"},
            "january": {"two_before": "1990-01-01"},
            "leap": {"after": "1996-02-29"},
            "trial": {"once_after": "2027-03-01"},
        },
        until_then="2029-02-27",
    )

    assert {
        "march": ["2028-02-27 09:00", "2029-02-26 09:00"],
        "january": ["2027-12-30 09:00", "2028-12-30 09:00"],
        "leap": ["2028-02-28 09:00"],  # of 28 February 2027
        "trial": ["2027-03-31 09:00"],
    } == {person: [one for one in days if one < "2029-02-27"] for person, days in found.items()}


@pytest.mark.spec("1.55", "1.64")
@pytest.mark.parametrize(
    ("trigger", "place"),
    [
        ({"days_before": 0}, "trigger.days_before"),
        ({"days_before": 366}, "trigger.days_before"),
        ({"days_after": 1.5}, "trigger.days_after"),
        ({"days_before": 1, "days_after": 1}, "trigger.days_after"),
        ({"timezone": "person"}, "trigger.fallback_timezone"),
        ({"timezone": "(GMT-08:00) Pacific Time"}, "trigger.timezone"),
    ],
)
async def test_settings_that_make_no_sense_are_refused(world: World, trigger: dict[str, Any], place: str) -> None:
    document = {"name": "Birthday"} | on("year", **trigger)

    answer = await world.http.put("/sojourn/v1/campaigns/birthday", json=document)

    assert (422, [place]) == (answer.status_code, [fault["place"] for fault in answer.json()["faults"]])


# What a date is


@pytest.mark.spec("1.57", "1.58", "1.59", "1.60", "1.61")
async def test_a_value_is_a_calendar_date_as_it_is_written_or_in_utc(world: World) -> None:
    await world.campaign(**on("year", timezone="Asia/Tokyo"))
    june: list[Any] = [
        "2000-06-05",
        "2000-06-05T23:59:59Z",
        "2000-06-05T23:30:00-11:00",
        "2000-06-05T00:30:00+14:00",
        960163200,
        960249599,  # 23:59:59 in UTC, and the next day in Tokyo
        "960163200",
    ]
    epoch: list[Any] = [0, "0"]
    never: list[Any] = [100_000_000_001, "100000000001", "5 June 1977", "2000-06-31", "06/05/2000", True, None, ""]
    values = {f"{number}": value for number, value in enumerate([*june, *epoch, *never])}

    found = await fires(
        world, {person: {"day": value} for person, value in values.items()} | {"none": {}}, until_then="2028-02-01"
    )

    expected = [["2027-06-05 00:00"]] * len(june) + [["2028-01-01 00:00"]] * len(epoch) + [[]] * (len(never) + 1)
    assert dict(zip(found, expected, strict=True)) == found


@pytest.mark.spec("1.62", "1.63", "1.64", "1.65")
async def test_the_persons_own_zone_counts_if_it_is_the_name_of_a_region(world: World) -> None:
    await world.campaign(**on("year", timezone="person", fallback_timezone="Europe/Zurich"))
    zones: dict[str, dict[str, Any]] = {
        "tokyo": {"timezone": "Asia/Tokyo"},
        "vancouver": {"timezone": "Canada/Pacific"},
        "none": {},
        "display": {"timezone": "(GMT-08:00) Pacific Time"},
        "nowhere": {"timezone": "Mars/Olympus"},
        "number": {"timezone": -8},
        "capital": {"Timezone": "Asia/Tokyo"},
    }

    found = await fires(
        world, {person: {"day": "2000-06-05", **zone} for person, zone in zones.items()}, until_then="2027-06-06"
    )

    fallback = ["2027-06-05 07:00"]
    assert {
        "tokyo": ["2027-06-05 00:00"],
        "vancouver": ["2027-06-05 16:00"],
        **dict.fromkeys(("none", "display", "nowhere", "number", "capital"), fallback),
    } == found


@pytest.mark.spec("1.66")
async def test_a_time_that_clocks_skip_comes_right_after_and_one_that_they_repeat_comes_once(world: World) -> None:
    await world.campaign(**on("once", at="02:30", timezone="Europe/Zurich"))

    found = await fires(
        world, {"spring": {"day": "2027-03-28"}, "autumn": {"day": "2027-10-31"}}, until_then="2027-11-02"
    )

    assert {"spring": ["2027-03-28 01:00"], "autumn": ["2027-10-31 00:30"]} == found


# What changes


@pytest.mark.spec("1.50", "1.67")
async def test_today_counts_for_who_gets_the_date_before_the_time(world: World) -> None:
    await world.campaign("once", **on("once", at="10:00"))
    await world.campaign("year", **on("year", at="10:00", date="birthday"))
    await world.identify("early", day="2027-03-01", birthday="1990-03-01")
    await until(world, "2027-03-01T10:00")
    await world.identify("late", day="2027-03-01", birthday="1990-03-01")
    await until(world, "2028-03-02")

    assert ["2027-03-01 10:00", "2027-03-01 10:00", "2028-03-01 10:00"] == fired(world, "early")
    assert ["2028-03-01 10:00"] == fired(world, "late")


@pytest.mark.spec("1.68")
async def test_the_schedule_follows_the_date_and_the_zone(world: World) -> None:
    await world.campaign(**on("year", timezone="person", fallback_timezone="UTC"))
    for person in ("moved", "earlier", "travelled", "cleared", "deleted", "unrelated"):
        await world.identify(person, day="2000-03-10")
    await until(world, "2027-03-09T12:00")

    await world.identify("moved", day="2000-03-12")
    await world.identify("earlier", day="2000-03-10T00:00:00Z", timezone="Asia/Tokyo")
    await world.identify("travelled", timezone="America/New_York")
    await world.identify("cleared", day="")
    await world.delete("deleted")
    await world.identify("unrelated", city="Paris")
    await until(world, "2027-03-20")

    assert {
        "moved": ["2027-03-12 09:00"],
        "earlier": ["2027-03-10 00:00"],
        "travelled": ["2027-03-10 14:00"],
        "cleared": [],
        "deleted": [],
        "unrelated": ["2027-03-10 09:00"],
    } == {
        person: fired(world, person) for person in ("moved", "earlier", "travelled", "cleared", "deleted", "unrelated")
    }


@pytest.mark.spec("1.69")
async def test_a_date_starts_one_journey_even_if_it_comes_twice(world: World) -> None:
    """Nine o'clock comes in Tokyo, and much later once more in New York."""
    await world.campaign(**on("year", timezone="person", fallback_timezone="UTC"))
    await world.identify("ada", day="2000-03-10", timezone="Asia/Tokyo")
    await world.identify("bob", day="2000-03-10", timezone="Asia/Tokyo")
    await until(world, "2027-03-10T05:00")
    await world.identify("ada", timezone="America/New_York")
    await world.identify("bob", day="2000-03-12")
    await world.identify("bob", day="2000-03-10", timezone="America/New_York")
    await until(world, "2028-03-09T12:00")

    assert (["2027-03-10 00:00"], ["2027-03-10 00:00"]) == (fired(world, "ada"), fired(world, "bob"))
    assert [] == await world.refusals("ada")
    await until(world, "2028-03-11")
    assert ["2028-03-10 14:00"] == fired(world, "ada")[1:]


@pytest.mark.spec("1.05", "1.71")
async def test_what_passed_before_the_start_or_while_it_was_stopped_is_not_made_up(world: World) -> None:
    await world.identify("today", day="2000-03-01")
    await world.identify("stopped", day="2000-03-10")
    await world.identify("changed", day="2000-03-20")
    await until(world, "2027-03-01T09:30")
    await world.campaign(**on("year"))
    await until(world, "2027-03-09")
    await world.stop()
    await world.identify("changed", day="2000-03-25")
    await until(world, "2027-03-15")
    await world.start()
    await until(world, "2028-03-12")

    assert {
        "today": ["2028-03-01 09:00"],
        "stopped": ["2028-03-10 09:00"],
        "changed": ["2027-03-25 09:00"],
    } == {person: fired(world, person) for person in ("today", "stopped", "changed")}


@pytest.mark.spec("1.71")
async def test_who_has_the_date_when_the_campaign_starts_is_in_time_for_later_today(world: World) -> None:
    await world.identify("ada", day="2000-03-01")
    await world.campaign(**on("year", at="09:30"))
    await until(world, "2027-03-02")

    assert ["2027-03-01 09:30"] == fired(world, "ada")


@pytest.mark.spec("15.34")
async def test_changed_settings_count_for_everybody_and_make_nothing_up(world: World) -> None:
    await world.campaign(**on("year", at="12:00"))
    await world.identify("ada", day="2000-03-01", other="2000-03-04")
    await world.identify("bob", day="2000-03-02")

    await world.campaign(start=False, **on("year", at="11:00"))  # to what is still to come today
    await until(world, "2027-03-01T15:00")
    await world.campaign(start=False, **on("year", at="16:00"))  # the date has had its journey
    await until(world, "2027-03-02T10:00")
    await world.campaign(start=False, **on("year", at="09:30"))  # to what is over today
    await until(world, "2027-03-03")
    assert (["2027-03-01 11:00"], []) == (fired(world, "ada"), fired(world, "bob"))
    await world.campaign(start=False, **on("year", date="other", days_after=1))
    await until(world, "2028-03-03")

    assert (["2027-03-01 11:00", "2027-03-05 09:00"], []) == (fired(world, "ada"), fired(world, "bob"))


@pytest.mark.spec("1.68", "15.34")
async def test_settings_that_change_while_it_is_stopped_count_from_the_next_start(world: World) -> None:
    await world.campaign(**on("year", at="12:00"))
    await world.identify("ada", day="2000-03-01")
    await world.stop()
    await world.campaign(start=False, **on("year", at="09:30"))
    await until(world, "2027-03-01T13:00")
    await world.start()
    await until(world, "2028-03-01T13:00")

    assert ["2028-03-01 09:30"] == fired(world, "ada")


# Filters


@pytest.mark.spec("1.72", "4.03", "4.10")
async def test_filters_count_when_the_date_comes_and_for_30_minutes(world: World) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.campaign(filters={"in": "pro"}, **on("year"))
    await world.identify("ready", day="2000-03-02", plan="pro")
    await world.identify("soon", day="2000-03-02", plan="free")
    await world.identify("late", day="2000-03-02", plan="free")
    await world.identify("gone", day="2000-03-02", plan="pro")
    await world.identify("other", day="2000-04-02", plan="pro")
    await until(world, "2027-03-02T08:59")
    await world.identify("gone", plan="free")
    await until(world, "2027-03-02T09:29")
    await world.identify("soon", plan="pro")
    await until(world, "2027-03-02T09:31")
    await world.identify("late", plan="pro")
    await until(world, "2027-03-03")

    people = ("ready", "soon", "late", "gone", "other")
    assert [["2027-03-02 09:00"], ["2027-03-02 09:29"], [], [], []] == [fired(world, person) for person in people]
    assert [[], [], ["filters_never_matched"], ["filters_never_matched"], []] == [
        [refusal["reason"] for refusal in await world.refusals(person)] for person in people
    ]


async def test_a_journey_says_what_started_it(world: World) -> None:
    await world.campaign(**on("year"))
    await world.identify("ada", day="2000-03-02")
    await until(world, "2027-03-03")

    journey = await world.journey("ada")

    entered = journey["decisions"][0]
    assert ("entered", "Entered by date day", None) == (entered["kind"], entered["text"], journey["event"])


@pytest.mark.spec("1.69", "1.72")
async def test_a_date_whose_time_of_day_is_moved_on_is_decided_once(world: World) -> None:
    """At 9:15 the date of nine o'clock still waits for its filters; at ten it has been refused."""
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.campaign(filters={"in": "pro"}, **on("year"))
    await world.identify("soon", day="2000-03-02")
    await world.identify("never", day="2000-03-02")
    await until(world, "2027-03-02T09:05")
    await world.campaign(start=False, filters={"in": "pro"}, **on("year", at="09:15"))
    await until(world, "2027-03-02T09:20")
    await world.identify("soon", plan="pro")
    await until(world, "2027-03-02T09:40")
    await world.campaign(start=False, filters={"in": "pro"}, **on("year", at="10:00"))
    await world.identify("never", plan="pro")
    await until(world, "2027-03-03")

    assert (["2027-03-02 09:20"], []) == (fired(world, "soon"), fired(world, "never"))
    assert ["filters_never_matched"] == [refusal["reason"] for refusal in await world.refusals("never")]
