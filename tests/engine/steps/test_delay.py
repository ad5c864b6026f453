from __future__ import annotations

from datetime import timedelta

import pytest

from engine import journeys
from tests.engine.builders import HOUR, NOW, campaign, email, kinds, outcome, situation

DAY = timedelta(days=1)


@pytest.mark.spec("6.60")
@pytest.mark.parametrize(("written", "length"), [("5m", 5 / 60), ("3h", 3), ("2d", 48)])
def test_a_delay_counts_from_arrival(written: str, length: float) -> None:
    it = campaign({"delay": {"id": "pause", "for": written}}, email())
    almost = timedelta(hours=length) - timedelta(seconds=1)

    assert ("wait", "pause") == outcome(journeys.next_move(situation(it, at="pause", waited=almost)))
    assert ("send", "nudge") == outcome(journeys.next_move(situation(it, at="pause", waited=timedelta(hours=length))))


@pytest.mark.spec("6.61")
def test_a_delay_of_no_length_passes_through() -> None:
    it = campaign({"delay": "0"}, {"delay": "0m"}, email())

    decision = journeys.enter(situation(it))

    assert ("send", "nudge") == outcome(decision)
    assert NOW == decision.arrived_at


def test_lateness_of_one_delay_does_not_add_to_the_next() -> None:
    it = campaign({"delay": {"id": "a", "for": "1h"}}, {"delay": {"id": "b", "for": "2h"}}, email())
    late = HOUR + timedelta(seconds=20)

    decision = journeys.next_move(situation(it, at="a", waited=late, due_at=NOW - timedelta(seconds=20)))

    assert NOW - timedelta(seconds=20) + 2 * HOUR == decision.due_at


@pytest.mark.spec("15.10")
def test_a_shortened_delay_lets_go_at_once_of_those_who_waited_longer() -> None:
    it = campaign({"delay": {"id": "pause", "for": "5d"}}, email())

    over = journeys.next_move(situation(it, at="pause", waited=6 * DAY, due_at=NOW + DAY))
    not_yet = journeys.next_move(situation(it, at="pause", waited=4 * DAY, due_at=NOW + 3 * DAY))

    assert ("send", "nudge") == outcome(over)
    assert NOW + DAY == not_yet.due_at


def test_what_follows_a_shortened_delay_counts_from_now() -> None:
    it = campaign({"delay": {"id": "a", "for": "5d"}}, {"delay": {"id": "b", "for": "1d"}}, email())

    decision = journeys.next_move(situation(it, at="a", waited=6 * DAY, due_at=NOW + DAY))

    assert ("b", NOW, NOW + DAY) == (decision.block, decision.arrived_at, decision.due_at)


@pytest.mark.spec("15.11")
def test_a_lengthened_delay_holds_everyone_until_the_new_length_is_over() -> None:
    it = campaign({"delay": {"id": "pause", "for": "7d"}}, email())

    decision = journeys.next_move(situation(it, at="pause", waited=5 * DAY, due_at=NOW))

    assert ("pause", NOW - 5 * DAY, NOW + 2 * DAY) == (decision.block, decision.arrived_at, decision.due_at)
    assert [("waiting", "pause")] == kinds(decision)


def test_looking_again_at_an_unchanged_delay_writes_nothing_to_the_log() -> None:
    it = campaign({"delay": {"id": "pause", "for": "2h"}}, email())

    decision = journeys.next_move(situation(it, at="pause", waited=HOUR, due_at=NOW + HOUR))

    assert ("wait", "pause") == outcome(decision)
    assert () == decision.notes


@pytest.mark.spec("6.62", "10.33", "10.40")
def test_nothing_is_checked_while_a_delay_passes() -> None:
    it = campaign({"delay": {"id": "pause", "for": "2h"}}, email(), filters={"in": "customers"})

    woken = journeys.next_move(situation(it, at="pause", waited=HOUR, segments=set()))
    back_again = journeys.next_move(situation(it, at="pause", waited=2 * HOUR, segments={"customers"}))

    assert ("wait", "pause") == outcome(woken)
    assert ("send", "nudge") == outcome(back_again)
