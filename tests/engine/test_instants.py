from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.instants import parse_date, parse_instant, unix

NOON = datetime(2024, 6, 15, 12, tzinfo=UTC)


@pytest.mark.spec("1.57", "5.08")
@pytest.mark.parametrize(
    "value",
    [
        1_718_452_800,
        1_718_452_800.0,
        "1718452800",
        "2024-06-15T12:00:00Z",
        "2024-06-15T12:00:00",
        "2024-06-15 12:00",
        "2024-06-15t12:00z",
        "2024-06-15T14:00:00+02:00",
        "2024-06-15T14:00:00+0200",
        "2024-06-15T14:00+02",
        "20240615T120000Z",
        NOON,
        datetime(2024, 6, 15, 12),  # noqa: DTZ001  # as YAML gives it
        datetime(2024, 6, 15, 14, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_an_instant_has_many_spellings(value: Any) -> None:
    assert parse_instant(value) == NOON


@pytest.mark.spec("1.57")
@pytest.mark.parametrize("value", ["2024-06-15", date(2024, 6, 15), 1_718_409_600])
def test_a_date_is_its_first_instant_in_utc(value: Any) -> None:
    assert datetime(2024, 6, 15, tzinfo=UTC) == parse_instant(value)


@pytest.mark.spec("1.57")
@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "soon",
        "15.06.2024",
        "2024-06-15x12:00",
        "2024-6-15",
        "2024-02-30",
        "2024-06-15T25:00:00Z",
        "2024-06-15T12:00:00Z ",
        "2024-W24-6",
        "1718452800.5",
        "+1718452800",
        "١٢٣",
        "0001-01-01T00:00:00+02:00",
        "9999-12-31T23:59:59-02:00",
        float("nan"),
        float("inf"),
        [],
        {},
    ],
)
def test_everything_else_is_no_instant(value: Any) -> None:
    assert parse_instant(value) is None


@pytest.mark.spec("1.58")
@pytest.mark.parametrize("value", [0, "0"])
def test_zero_is_the_first_of_january_1970(value: Any) -> None:
    assert datetime(1970, 1, 1, tzinfo=UTC) == parse_instant(value)


def test_births_before_1970_are_negative() -> None:
    assert datetime(1969, 12, 31, tzinfo=UTC) == parse_instant(-86_400) == parse_instant("-86400")
    assert parse_instant(-100_000_000_000) is None


@pytest.mark.spec("1.59")
@pytest.mark.parametrize(
    ("value", "known"), [(100_000_000_000, True), (100_000_000_001, False), (1_718_452_800_000, False)]
)
def test_milliseconds_are_not_recognised(value: int, known: bool) -> None:
    assert known == (parse_instant(value) is not None) == (parse_instant(str(value)) is not None)


@given(st.datetimes(timezones=st.just(UTC)))
def test_unix_seconds_are_rounded_down_exactly(instant: datetime) -> None:
    assert instant.replace(microsecond=0) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=unix(instant))


@pytest.mark.spec("1.61")
@pytest.mark.parametrize(
    "value",
    [
        "2024-06-15",
        "2024-06-15T23:30:00-11:00",
        "2024-06-15t00:30z",
        "20240615T003000+1400",
        1_718_452_800,
        "1718452800",
    ],
)
def test_a_date_is_as_it_is_written_and_of_unix_seconds_in_utc(value: Any) -> None:
    assert date(2024, 6, 15) == parse_date(value)


@given(st.integers(-62_135_596_800, 100_000_000_000))
def test_unix_seconds_come_back_as_they_went(seconds: int) -> None:
    instant = parse_instant(seconds)

    assert instant is not None
    assert seconds == unix(instant)


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes() | st.binary())
def test_no_value_makes_the_reader_fail(value: Any) -> None:
    instant = parse_instant(value)

    assert instant is None or instant.utcoffset() == timedelta()


@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.from_regex(r"\d{4}-\d\d-\d\d", fullmatch=True)
)
def test_what_is_a_date_is_an_instant_too(value: Any) -> None:
    assert (parse_date(value) is None) == (parse_instant(value) is None)
