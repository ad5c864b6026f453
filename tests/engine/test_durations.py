from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.durations import format_duration, parse_duration, plain
from engine.errors import Fault

whole_minutes = st.integers(0, 3650 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def parsed(value: Any) -> timedelta | None:
    return parse_duration(value, "delay", [])


@pytest.mark.parametrize(
    ("value", "duration"),
    [
        ("45m", timedelta(minutes=45)),
        ("1h", timedelta(hours=1)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
        ("1h30m", timedelta(minutes=90)),
        ("1w2d3h4m", timedelta(days=9, hours=3, minutes=4)),
        ("90m", timedelta(minutes=90)),
        ("0", timedelta()),
        ("0m", timedelta()),
        (0, timedelta()),
        ({"minutes": 45}, timedelta(minutes=45)),
        ({"days": 1, "hours": 12}, timedelta(hours=36)),
        ({"weeks": 2}, timedelta(days=14)),
        ("3650d", timedelta(days=3650)),
    ],
)
def test_a_duration_is_written_in_minutes_hours_days_and_weeks(value: Any, duration: timedelta) -> None:
    assert duration == parsed(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "30s",
        "-1h",
        "1.5h",
        "1 h",
        "1h 30m",
        "30m1h",
        "h",
        "7",
        7,
        1.5,
        False,
        None,
        [],
        {},
        {"seconds": 5},
        {"hours": -1},
        {"hours": 1.5},
        {"hours": True},
        "٣d",
    ],
)
def test_what_is_not_a_duration_is_refused_with_its_place(value: Any) -> None:
    faults: list[Fault] = []

    assert parse_duration(value, "workflow[0].delay", faults) is None
    assert [fault.place for fault in faults] == ["workflow[0].delay"]
    assert faults[0].problem.endswith("is not a duration.")
    assert '"1h30m"' in faults[0].remedy


@pytest.mark.parametrize("value", ["3651d", "522w", "3650d1m", "9999999w", {"days": 10**30}])
def test_more_than_ten_years_is_refused(value: Any) -> None:
    faults: list[Fault] = []

    assert parse_duration(value, "delay", faults) is None
    assert [fault.remedy for fault in faults] == ["Write at most 3650 days."]


@given(whole_minutes)
def test_a_duration_comes_back_as_it_went(duration: timedelta) -> None:
    assert duration == parsed(format_duration(duration))


@pytest.mark.parametrize(
    ("duration", "text", "words"),
    [
        (timedelta(), "0", "0 minutes"),
        (timedelta(minutes=1), "1m", "1 minute"),
        (timedelta(minutes=90), "1h30m", "1 hour 30 minutes"),
        (timedelta(days=7), "7d", "7 days"),
        (timedelta(days=1, minutes=5), "1d5m", "1 day 5 minutes"),
    ],
)
def test_a_duration_is_written_short_and_said_in_words(duration: timedelta, text: str, words: str) -> None:
    assert text == format_duration(duration)
    assert words == plain(duration)


def test_seconds_can_be_said_but_not_written() -> None:
    assert plain(timedelta(minutes=1, seconds=30)) == "1 minute 30 seconds"
    with pytest.raises(ValueError, match="whole number of minutes"):
        format_duration(timedelta(seconds=30))


@pytest.mark.parametrize("write", [format_duration, plain])
def test_a_negative_duration_is_neither_written_nor_said(write: Any) -> None:
    with pytest.raises(ValueError, match="negative"):
        write(timedelta(minutes=-1))
