"""How long a grace period is, which is a matter of when the person stopped matching (behaviour 10.51-10.53)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import journeys
from engine.steps.delay import Delay
from engine.steps.step import Pass
from tests.engine.builders import HOUR, NOW, campaign, email, kinds, outcome, situation
from tests.engine.nurture import DAY, after_delay, delay, nurture, pause


@pytest.mark.spec("10.51")
@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        ("3d", timedelta(hours=36)),
        ("20m", timedelta(hours=24)),
        ("70d", timedelta(days=31)),
        ("2d", timedelta(hours=24)),
        ("62d", timedelta(days=31)),
        ("10d", timedelta(days=5)),
    ],
)
def test_it_is_half_of_the_delay_in_which_they_stopped_matching(wait: str, expected: timedelta) -> None:
    it = nurture(delay(wait), email())
    length = it.plan.blocks["pause"].length  # type: ignore[attr-defined]  # a delay

    decision = after_delay(it, length, unmatched_at=NOW - length / 2)

    assert ("grace", "nudge", expected) == pause(decision)


@pytest.mark.spec("10.53")
def test_what_counts_of_a_delay_that_was_cut_short_is_the_time_spent_in_it() -> None:
    shortened = nurture(delay("4d"), email())
    deleted = nurture(email())

    short = after_delay(shortened, 8 * DAY, due_at=NOW + 2 * DAY, unmatched_at=NOW - DAY)
    gone = after_delay(
        deleted, 6 * DAY, due_at=NOW + 4 * DAY, unmatched_at=NOW - DAY, previous=shortened.plan, unmatched_wait=10 * DAY
    )

    assert (4 * DAY, 3 * DAY) == (pause(short)[2], pause(gone)[2])


@pytest.mark.spec("10.53")
def test_what_counts_of_a_wait_that_ended_by_itself_is_the_time_spent_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window or a wait knows its latest end only, and may be over before."""
    monkeypatch.setattr(Delay, "arrive", lambda step, standing: Pass(text="It is over"))

    decision = after_delay(nurture(delay("90d"), email()), 8 * DAY, due_at=NOW + 82 * DAY, unmatched_at=NOW - DAY)

    assert ("grace", "nudge", 4 * DAY) == pause(decision)


@pytest.mark.spec("10.53")
def test_a_delay_before_the_latest_one_counts_if_the_change_was_in_it() -> None:
    it = nurture(delay("1h"), email())

    in_an_earlier_one = after_delay(
        it, HOUR, unmatched_at=NOW - 5 * DAY, unmatched_wait=8 * DAY, started_at=NOW - 9 * DAY
    )
    in_the_latest = after_delay(it, HOUR, unmatched_at=NOW - HOUR / 2, unmatched_wait=None, last_wait=8 * DAY)

    assert (4 * DAY, DAY) == (pause(in_an_earlier_one)[2], pause(in_the_latest)[2])


def test_of_several_delays_that_are_over_at_once_the_one_of_the_change_counts() -> None:
    it = nurture(delay("8d"), delay("6d", "second"), email())

    first = after_delay(it, 14 * DAY, due_at=NOW - 6 * DAY, unmatched_at=NOW - 13 * DAY)
    second = after_delay(it, 14 * DAY, due_at=NOW - 6 * DAY, unmatched_at=NOW - 5 * DAY)

    assert (4 * DAY, 3 * DAY) == (pause(first)[2], pause(second)[2])


@pytest.mark.spec("10.52")
@pytest.mark.parametrize(
    "changes",
    [
        {"unmatched_at": None},
        {"unmatched_at": NOW - 5 * DAY, "unmatched_wait": None},
        {"unmatched_at": NOW, "unmatched_wait": None},
    ],
)
def test_who_stopped_matching_elsewhere_has_24_hours(changes: dict[str, Any]) -> None:
    """By an edit, at a data block, in the very moment: in none of these the length of a delay says anything."""
    decision = after_delay(nurture(delay("4d"), email()), 4 * DAY, started_at=NOW - 9 * DAY, **changes)

    assert ("grace", "nudge", DAY) == pause(decision)


@pytest.mark.spec("10.52", "1.17", "4.06")
def test_who_has_never_matched_the_filters_has_half_of_the_delay_before_the_message() -> None:
    it = nurture(delay("2d"), {"update_person": {"id": "mark", "set": {"x": 1}}}, delay("10d", "second"), email())
    never: dict[str, Any] = {"unmatched_at": NOW - 12 * DAY, "started_at": NOW - 12 * DAY, "segments": {"signed-up"}}

    at_last = journeys.next_move(situation(it, at="second", waited=10 * DAY, last_wait=2 * DAY, **never))

    assert ("grace", "nudge", 5 * DAY) == pause(at_last)
    half_of = at_last.notes[-1].seen["grace"]["half_of"]
    assert "10 days" == half_of


@pytest.mark.spec("10.52", "1.17")
def test_who_has_never_matched_and_has_not_waited_yet_has_24_hours() -> None:
    decision = journeys.enter(situation(nurture(email()), segments={"signed-up"}))

    assert ("grace", "nudge", DAY) == pause(decision)
    assert [("entered", None), ("grace", "nudge")] == kinds(decision)


def test_the_journey_remembers_the_wait_that_is_over() -> None:
    it = nurture(delay("3d"), {"update_person": {"id": "mark", "set": {"x": 1}}}, email())

    in_it = after_delay(it, 3 * DAY, unmatched_at=NOW - DAY)
    before_it = after_delay(it, 3 * DAY, unmatched_at=NOW - 4 * DAY, started_at=NOW - 9 * DAY, unmatched_wait=9 * DAY)
    still_waiting = journeys.next_move(situation(it, at="pause", waited=DAY, due_at=NOW + 2 * DAY))

    assert ("act", "mark") == outcome(in_it)
    assert (3 * DAY, 3 * DAY) == (in_it.last_wait, in_it.unmatched_wait)
    assert (3 * DAY, 9 * DAY) == (before_it.last_wait, before_it.unmatched_wait)
    assert (None, None) == (still_waiting.last_wait, still_waiting.unmatched_wait)


def test_campaigns_without_grace_remember_no_waits() -> None:
    decision = after_delay(campaign(delay("3d"), email()), 3 * DAY)

    assert (None, None, False) == (decision.last_wait, decision.unmatched_wait, decision.filters_met)
