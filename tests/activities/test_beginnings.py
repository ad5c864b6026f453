"""A journey that waits for the instant to begin, as the record keeps it and follows its person (behaviour 1.19)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.moves import Go, Send, Wait
from tests.activities.passage import NOW, Passage, email, left

DAY = timedelta(days=1)


@pytest.fixture
async def trials(passage: Passage) -> Passage:
    """A passage whose segment `trial` asks for a timestamp, and `everybody` for somebody in `trial`."""
    await passage.segment("trial", {"attribute": "trial_ends", "is_timestamp": True})
    await passage.segment("everybody", {"any": [{"in": "trial"}]})
    return passage


async def enter(passage: Passage, ends: datetime, segment: str = "trial", **document: Any) -> int:
    """Let Ada enter by the value of her timestamp; return her journey."""
    await passage.campaign(email(), **({"trigger": {"condition": {"in": segment}}} | document))
    await passage.identify()
    await passage.identify(trial_ends=int(ends.timestamp()))
    return int(await passage.pool.fetchval("SELECT id FROM journeys"))


@pytest.mark.spec("1.19", "9.04")
@pytest.mark.parametrize("segment", ["trial", "everybody"])
async def test_the_journey_is_there_at_once_and_waits(trials: Passage, segment: str) -> None:
    journey = await enter(trials, NOW + 9 * DAY, segment)
    row = await trials.journey(journey)
    assert ("waiting_start", None, NOW, NOW + 9 * DAY) == (
        row["state"],
        row["block"],
        row["started_at"],
        row["due_at"],
    )
    move = await trials.ask(trials.next_move, journey)
    assert isinstance(move, Wait)
    assert (1, row) == (move.turn, await trials.journey(journey))


@pytest.mark.spec("1.19")
@pytest.mark.parametrize("segment", ["trial", "everybody"])
async def test_another_value_is_another_instant(trials: Passage, segment: str) -> None:
    journey = await enter(trials, NOW + 9 * DAY, segment)
    await trials.identify(trial_ends=int((NOW + 3 * DAY).timestamp()))
    move = await trials.ask(trials.next_move, journey)
    assert isinstance(move, Wait)
    row = await trials.journey(journey)
    assert (NOW + 3 * DAY, NOW + 3 * DAY, "waiting_start") == (move.until, row["due_at"], row["state"])


@pytest.mark.spec("1.19", "10.34")
async def test_at_the_instant_it_begins_for_whoever_still_matches(trials: Passage) -> None:
    journey = await enter(trials, NOW + 9 * DAY)
    trials.now += 9 * DAY
    move = await trials.ask(trials.next_move, journey)
    assert isinstance(move, Send)
    row = await trials.journey(journey)
    assert ("running", "hello", trials.now, NOW) == (row["state"], row["block"], row["begun_at"], row["started_at"])
    assert ["entered", "waiting", "began", "due"] == await trials.log(journey)


@pytest.mark.spec("10.34")
async def test_at_the_instant_who_matches_no_more_leaves(trials: Passage) -> None:
    journey = await enter(trials, NOW + 9 * DAY)
    await trials.identify(trial_ends="")
    assert isinstance(await trials.ask(trials.next_move, journey), Wait)
    trials.now += 9 * DAY
    assert "stopped_matching_at_entry" == left(await trials.ask(trials.next_move, journey))


@pytest.mark.spec("10.37")
async def test_of_an_event_goal_only_events_after_the_beginning_count(trials: Passage) -> None:
    journey = await enter(trials, NOW + 9 * DAY, goal={"event": "purchase"}, exit="goal")
    await trials.event("purchase")
    trials.now += 9 * DAY
    await trials.ask(trials.next_move, journey)
    assert Go() == await trials.ask(trials.check_exit, journey, 2, "hello")
    await trials.event("purchase")
    assert "goal" == left(await trials.ask(trials.check_exit, journey, 2, "hello"))
