from __future__ import annotations

from datetime import timedelta

import pytest

from engine.frequency import EVERY_TIME, ONCE, OncePer
from tests.engine.builders import NOW

DAY = OncePer(timedelta(hours=24))


@pytest.mark.spec("2.20")
def test_every_time_allows_every_event() -> None:
    assert EVERY_TIME.allows(NOW, NOW)
    assert EVERY_TIME.allows(None, NOW)


@pytest.mark.spec("2.21", "17.10")
def test_once_allows_the_first_entry_only() -> None:
    assert ONCE.allows(None, NOW)
    assert not ONCE.allows(NOW - timedelta(days=3650), NOW)


@pytest.mark.spec("2.22")
def test_a_period_is_a_rolling_window_that_counts_entries() -> None:
    entered: list[timedelta] = []
    for at in (timedelta(0), timedelta(hours=1), timedelta(hours=23, minutes=59), timedelta(hours=24, minutes=1)):
        if DAY.allows(NOW + entered[-1] if entered else None, NOW + at):
            entered.append(at)

    assert [timedelta(0), timedelta(hours=24, minutes=1)] == entered


@pytest.mark.parametrize(
    ("since", "allowed"),
    [
        (timedelta(hours=24, seconds=-1), False),
        (timedelta(hours=24), True),
        (timedelta(seconds=-1), False),
    ],
)
def test_the_end_of_the_period_is_outside_it(since: timedelta, allowed: bool) -> None:
    assert allowed is DAY.allows(NOW - since, NOW)


@pytest.mark.spec("2.26")
def test_a_changed_setting_counts_earlier_entries() -> None:
    an_hour_ago = NOW - timedelta(hours=1)

    assert [True, False, False, True] == [
        frequency.allows(an_hour_ago, NOW) for frequency in (EVERY_TIME, ONCE, DAY, OncePer(timedelta(minutes=30)))
    ]


def test_a_refusal_says_how_long() -> None:
    assert "The person has entered within the last 1 day." == DAY.refusal
