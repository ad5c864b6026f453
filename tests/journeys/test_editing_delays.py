"""A delay is edited while people wait in it: who moves on, and when (behaviour 15.10-15.12)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.stillness import is_busy
from tests.world import World, email


def pause(length: str) -> dict[str, Any]:
    return {"delay": {"id": "pause", "for": length}}


async def edit(world: World, *workflow: Any) -> None:
    await world.campaign(start=False, trigger={"event": "purchase"}, workflow=list(workflow))


async def days_to_the_mail(world: World, person: str = "ada") -> list[float]:
    entered = datetime.fromisoformat((await world.journey(person))["started_at"])
    mails = [mail for mail in world.mails if mail.to == f"{person}@example.com"]
    return [round((mail.at - entered) / timedelta(days=1), 2) for mail in mails]


async def length(world: World) -> int:
    """Return how many events the history of Ada's journey has."""
    return (await world.workflow(await world.journey("ada")).describe()).history_length


@pytest.fixture
async def waiting(world: World) -> World:
    """Ada is in a delay of five days."""
    await world.campaign(trigger={"event": "purchase"}, workflow=[pause("5d"), email("one")])
    await world.identify("ada")
    await world.event("ada", "purchase")
    return world


@pytest.mark.spec("15.10")
async def test_of_those_in_a_shortened_delay_only_who_waited_longer_moves_on_at_once(waiting: World) -> None:
    await waiting.advance(days=2)
    await waiting.identify("bob")
    await waiting.event("bob", "purchase")
    await waiting.advance(days=1)
    await edit(waiting, pause("2d"), email("one"))
    at_once = [mail.to for mail in waiting.mails]
    await waiting.advance(days=9)

    assert (["ada@example.com"], [3]) == (at_once, await days_to_the_mail(waiting, "ada"))
    assert [2] == await days_to_the_mail(waiting, "bob")


@pytest.mark.spec("15.10")
async def test_who_has_not_waited_longer_waits_until_the_shortened_length_is_over(waiting: World) -> None:
    await waiting.advance(days=3)
    await edit(waiting, pause("4d"), email("one"))
    early = waiting.subjects()
    await waiting.advance(days=9)

    assert ([], [4]) == (early, await days_to_the_mail(waiting))


@pytest.mark.spec("15.10")
async def test_a_delay_shortened_twice_counts_as_it_is_now(waiting: World) -> None:
    await waiting.advance(days=1)
    await edit(waiting, pause("4d"), email("one"))
    await waiting.advance(days=1)
    await edit(waiting, pause("3d"), email("one"))
    await waiting.advance(days=9)

    assert [3] == await days_to_the_mail(waiting)


@pytest.mark.spec("15.10")
async def test_a_shortening_is_heard_by_those_who_wait_in_a_campaign_that_stops(waiting: World) -> None:
    await waiting.stop(mode="finish")
    await waiting.advance(days=3)
    await edit(waiting, pause("2d"), email("one"))

    assert ([3], "stopped") == (await days_to_the_mail(waiting), (await waiting.get("campaigns/campaign"))["state"])


@pytest.mark.spec("15.11")
async def test_a_lengthened_delay_holds_everybody_until_the_new_length_is_over(waiting: World) -> None:
    await waiting.advance(days=3)
    await edit(waiting, pause("7d"), email("one"))
    until = (await waiting.journey("ada"))["due_at"]
    await waiting.advance(days=9)

    entered = datetime.fromisoformat((await waiting.journey("ada"))["started_at"])
    assert ([7], 7) == (await days_to_the_mail(waiting), (datetime.fromisoformat(until) - entered).days)


@pytest.mark.spec("15.11")
async def test_a_delay_lengthened_twice_holds_until_the_latest_length(waiting: World) -> None:
    await edit(waiting, pause("6d"), email("one"))
    await waiting.advance(days=5, hours=12)
    await edit(waiting, pause("8d"), email("one"))
    await waiting.advance(days=9)

    assert [8] == await days_to_the_mail(waiting)


@pytest.mark.spec("15.12")
async def test_who_is_in_a_deleted_delay_moves_on_to_a_message_at_once(waiting: World) -> None:
    await waiting.advance(days=3)
    await edit(waiting, email("one"))

    assert [3] == await days_to_the_mail(waiting)


@pytest.mark.spec("15.12")
@pytest.mark.parametrize(
    ("behind", "day"),
    [({"update_person": {"id": "mark", "set": {"marked": "yes"}}}, 3), ({"delay": {"id": "later", "for": "2d"}}, 5)],
    ids=["a data block", "a delay"],
)
async def test_who_is_in_a_deleted_delay_moves_on_at_once_to_a_block_that_runs_or_waits(
    world: World, behind: dict[str, Any], day: float
) -> None:
    await world.campaign(trigger={"event": "purchase"}, workflow=[pause("5d"), behind, email("one")])
    await world.identify("ada")
    await world.event("ada", "purchase")
    await world.advance(days=3)
    await edit(world, behind, email("one"))
    marked = (await world.get("people/ada"))["attributes"].get("marked")
    await world.advance(days=9)

    assert ("yes" if "update_person" in behind else None, [day]) == (marked, await days_to_the_mail(world))


async def test_an_edit_that_leaves_the_waits_alone_costs_those_who_wait_nothing(waiting: World) -> None:
    before = await length(waiting)
    await edit(waiting, pause("120h"), email("one", subject="Better"), email("two"))
    other = {"delay": {"id": "other", "for": "1h"}}
    await edit(waiting, other, pause("5d"), email("one"))
    await edit(waiting, pause("5d"), email("one"))

    assert before == await length(waiting)


async def test_an_edit_that_nobody_was_told_of_is_told_after_a_restart(waiting: World) -> None:
    await waiting.advance(days=3)
    document = {"name": "campaign", "trigger": {"event": "purchase"}, "workflow": [email("one")]}
    async with waiting.without_worker():
        await waiting.http.put("/sojourn/v1/campaigns/campaign", json=document)
    while not waiting.mails:
        await asyncio.sleep(0.01)

    assert [3] == await days_to_the_mail(waiting)


@pytest.mark.spec("15.10", "15.11", "15.12", "15.30")
@pytest.mark.parametrize(("workflow", "days"), [([pause("2d")], 3), ([pause("7d")], 7), ([], 3)])
async def test_who_entered_before_an_edit_and_is_found_after_it_follows_it(
    world: World, workflow: list[Any], days: int
) -> None:
    """Intake was away for three days. The event has met the trigger of before the edit, and the delay as it is now."""
    await world.campaign(trigger={"event": "purchase"}, workflow=[pause("5d"), email("one")])
    await world.identify("ada")
    await world.http.post("/api/v1/customers/ada/events", json={"name": "purchase", "data": {}})
    world.clock.jump(world.now + timedelta(days=3))
    edited = {"name": "campaign", "trigger": {"event": "viewed"}, "workflow": [*workflow, email("one")]}
    await world.http.put("/sojourn/v1/campaigns/campaign", json=edited)
    await world.settle()
    journey = world.workflow(await world.journey("ada"))
    while is_busy(await journey.describe()):  # it was told to look again, which the record does not know
        await asyncio.sleep(0.01)
    await world.advance(days=5)

    assert [days] == await days_to_the_mail(world)
