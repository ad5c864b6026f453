from __future__ import annotations

from datetime import timedelta

import pytest

from engine.frequency import EVERY_MATCH, EVERY_TIME, ONCE, EveryMatch, Frequency, Interval, OncePer
from tests.engine.builders import NOW

WEEK = timedelta(days=7)
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


@pytest.mark.spec("2.02", "2.03")
def test_every_match_allows_each_change_to_matching_if_the_last_entry_is_long_enough_ago() -> None:
    assert EVERY_MATCH.allows(None, NOW)
    assert EVERY_MATCH.allows(NOW, NOW)
    assert EveryMatch(WEEK).allows(None, NOW)
    assert EveryMatch(WEEK).allows(NOW - WEEK, NOW)
    assert not EveryMatch(WEEK).allows(NOW - WEEK + timedelta(seconds=1), NOW)


@pytest.mark.spec("2.04", "2.05", "2.06")
def test_an_interval_counts_from_the_previous_entry() -> None:
    assert Interval(WEEK).allows(None, NOW)
    assert Interval(WEEK).allows(NOW - WEEK, NOW)
    assert not Interval(WEEK).allows(NOW - WEEK + timedelta(seconds=1), NOW)


def test_a_refusal_says_how_long() -> None:
    assert "The person has entered within the last day." == DAY.refusal
    assert "The person has entered within the last 7 days." == EveryMatch(WEEK).refusal == Interval(WEEK).refusal
    assert "The person has entered within the last hour." == OncePer(timedelta(hours=1)).refusal
    assert "The person has entered within the last 1 hour 30 minutes." == OncePer(timedelta(minutes=90)).refusal


@pytest.mark.parametrize("frequency", [OncePer(WEEK), EveryMatch(WEEK), Interval(WEEK)])
def test_the_instant_from_which_an_entry_is_possible_again_is_the_first_that_is_allowed(frequency: Frequency) -> None:
    again_at = frequency.again_at(NOW)

    assert NOW + WEEK == again_at
    assert frequency.allows(NOW, again_at)
    assert frequency.again_at(None) is None


@pytest.mark.parametrize("frequency", [EVERY_TIME, ONCE, EVERY_MATCH])
def test_what_does_not_count_time_has_no_such_instant(frequency: Frequency) -> None:
    assert frequency.again_at(NOW) is None
