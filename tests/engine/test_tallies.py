from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tallies import MOST_UPCOMING, NEVER, Tally

NOW = datetime(2024, 6, 15, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

minutes = st.integers(-20, 20)


def at(minute: int) -> datetime:
    return NOW + minute * MINUTE


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(minutes, st.integers(0, 3), st.booleans()), max_size=15), st.integers(0, 4))
def test_a_tally_is_the_count_of_a_list_whatever_came_when(arrivals: list[tuple[int, int, bool]], newest: int) -> None:
    tally, now = NEVER, NOW - 10 * MINUTE
    for minute, later, is_looked_at in arrivals:
        now += later * MINUTE
        if is_looked_at:
            tally = tally.up_to(now, newest=newest)
        tally = tally.plus(at(minute), now=now, newest=newest)
    tally = tally.up_to(now, newest=newest)

    past = sorted((at(minute) for minute, _, _ in arrivals if at(minute) <= now), reverse=True)
    future = sorted(at(minute) for minute, _, _ in arrivals if at(minute) > now)
    assert Tally(len(past), tuple(past[:newest]), tuple(future)) == tally
    for window in (MINUTE, 5 * MINUTE, 100 * MINUTE):
        assert min(newest, sum(one > now - window for one in past)) == tally.within(window, now)


@pytest.mark.spec("1.39")
def test_an_event_from_the_future_counts_once_its_time_has_come() -> None:
    tally = NEVER.plus(at(5), now=NOW, newest=1)

    assert tally == tally.up_to(at(5) - timedelta(microseconds=1), newest=1)
    assert tally.total == 0
    assert Tally(1, (at(5),)) == tally.up_to(at(5), newest=1)


def test_looking_changes_nothing_where_no_time_has_come() -> None:
    tally = NEVER.plus(at(5), now=NOW, newest=1).plus(at(-5), now=NOW, newest=1)

    assert tally is tally.up_to(NOW, newest=1)


def test_a_question_that_needs_no_instants_keeps_none() -> None:
    assert Tally(2) == NEVER.plus(at(0), now=NOW, newest=0).plus(at(-1), now=NOW, newest=0)


def test_of_too_many_upcoming_events_the_nearest_are_remembered() -> None:
    tally = Tally(upcoming=tuple(at(minute) for minute in range(2, 2 + MOST_UPCOMING)))

    assert at(1) == tally.plus(at(1), now=NOW, newest=0).upcoming[0]
    assert MOST_UPCOMING == len(tally.plus(at(1), now=NOW, newest=0).upcoming)
