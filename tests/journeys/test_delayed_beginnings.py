"""A trigger segment with *is a timestamp*: a member at once, a journey at once, which begins at the instant (1.19)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import World, email, kinds

TRIGGER = {"condition": {"in": "trial"}}


@pytest.fixture
async def trials(world: World) -> World:
    """A world whose segment `trial` asks for a timestamp."""
    await world.segment("trial", {"attribute": "trial_ends", "is_timestamp": True})
    return world


async def enter(world: World, person: str = "ada", *, days: float) -> datetime:
    """Give a person a trial that ends so many days later; return when."""
    await world.identify(person)
    ends = (world.now + timedelta(days=days)).replace(microsecond=0)
    await world.identify(person, trial_ends=int(ends.timestamp()))
    return ends


async def stands(world: World, person: str = "ada") -> tuple[str, str | None]:
    """Return state of the person's journey, and its block or how it ended."""
    journey = await world.journey(person)
    return journey["state"], journey["block"] or journey["exit_reason"]


@pytest.mark.spec("1.19", "9.04")
async def test_the_journey_is_recorded_at_once_and_begins_at_the_instant(trials: World) -> None:
    world = trials
    await world.campaign(trigger=TRIGGER, workflow=[email("ends"), {"delay": "1d"}, email("after")])
    ends = await enter(world, days=9)

    journey = await world.journey("ada")
    assert (("waiting_start", None), ["entered", "waiting"]) == (await stands(world), kinds(journey))
    assert ends == datetime.fromisoformat(journey["due_at"])
    assert "Waits to begin" in journey["doing"]
    members = await world.pool.fetchval("SELECT count(*) FROM segment_members")
    assert 1 == members

    await world.advance(days=8, hours=23)
    assert [] == world.subjects()
    await world.advance(hours=26)
    assert ["ends", "after"] == world.subjects()
    begun = [mail.at - ends for mail in world.mails]
    assert pytest.approx([0, 24 * 3600], abs=2) == [one.total_seconds() for one in begun]


@pytest.mark.spec("1.19")
async def test_an_instant_in_the_past_begins_at_once(trials: World) -> None:
    await trials.campaign(trigger=TRIGGER, workflow=[email("ends")])
    await enter(trials, days=-9)

    assert (["ends"], ("finished", None)) == (trials.subjects(), await stands(trials))


@pytest.mark.spec("1.19")
async def test_conditions_relative_to_now_wait_for_nothing(world: World) -> None:
    await world.segment("soon", {"attribute": "trial_ends", "before": {"from_now": "30d"}})
    await world.campaign(trigger={"condition": {"in": "soon"}}, workflow=[email("ends")])
    await enter(world, days=9)

    assert ["ends"] == world.subjects()


@pytest.mark.spec("1.19")
@pytest.mark.parametrize(("days", "is_ending"), [(3, False), (20, False), (-1, False), (3, True)])
async def test_another_value_meanwhile_is_followed(trials: World, days: int, is_ending: bool) -> None:
    world = trials
    await world.campaign(trigger=TRIGGER, workflow=[email("ends")])
    await enter(world, days=9)
    if is_ending:
        await world.stop(mode="finish")
    changed_at = world.now
    await enter(world, days=days)
    await world.advance(days=30)

    (mail,) = world.mails
    assert pytest.approx(max(days, 0) * 24 * 3600, abs=2) == (mail.at - changed_at).total_seconds()


@pytest.mark.spec("10.34", "1.19")
async def test_who_does_not_match_at_the_instant_leaves_before_any_block(trials: World) -> None:
    world = trials
    mark: dict[str, Any] = {"update_person": {"set": {"marked": True}}}
    await world.campaign(trigger=TRIGGER, workflow=[mark, email("ends")])
    await enter(world, days=9)
    await world.identify("ada", trial_ends="")
    assert ("waiting_start", None) == await stands(world)
    await world.advance(days=10)

    assert ("exited", "stopped_matching_at_entry") == await stands(world)
    assert "marked" not in (await world.get("people/ada"))["attributes"]


@pytest.mark.spec("10.40")
async def test_a_value_that_is_away_for_a_while_changes_nothing(trials: World) -> None:
    world = trials
    await world.campaign(trigger=TRIGGER, workflow=[email("ends")])
    ends = await enter(world, days=9)
    await world.identify("ada", trial_ends="")
    await world.advance(days=1)
    await world.identify("ada", trial_ends=int(ends.timestamp()))
    await world.advance(days=9)

    assert (["ends"], ("finished", None)) == (world.subjects(), await stands(world))


@pytest.mark.spec("2.07")
async def test_a_journey_that_waits_to_begin_is_one_that_runs(trials: World) -> None:
    world = trials
    await world.campaign(trigger=TRIGGER, frequency="every_match", workflow=[email("ends")])
    await enter(world, days=9)
    await world.identify("ada", trial_ends="")
    await enter(world, days=3)

    assert 1 == len(await world.journeys("ada"))


async def test_a_stop_ends_a_journey_before_it_begins(trials: World) -> None:
    world = trials
    await world.campaign(trigger=TRIGGER, workflow=[email("ends")])
    await enter(world, days=9)
    await world.stop()
    await world.advance(days=10)

    assert (("exited", "campaign_stopped"), []) == (await stands(world), world.mails)


@pytest.mark.spec("9.10")
async def test_waiting_to_begin_survives_a_restart(trials: World) -> None:
    world = trials
    await world.campaign(trigger=TRIGGER, workflow=[email("ends")])
    await enter(world, days=9)
    await world.restart()
    await world.advance(days=9)

    assert ["ends"] == world.subjects()
