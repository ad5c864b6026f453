"""A delay is edited while people wait in it: who moves on, and when (behaviour 15.10-15.12).

A journey finds the edit when it wakes next: at the end it waits for, or when it is told to look again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import World, email


def pause(length: str) -> dict[str, Any]:
    return {"delay": {"id": "pause", "for": length}}


async def edit(world: World, *workflow: Any) -> None:
    await world.campaign(start=False, trigger={"event": "purchase"}, workflow=list(workflow))


async def look_again(world: World) -> None:
    await world.signal(world.workflow(await world.journey("ada")), "look_again")


async def days_to_the_mail(world: World) -> list[float]:
    entered = datetime.fromisoformat((await world.journey("ada"))["started_at"])
    return [round((mail.at - entered) / timedelta(days=1), 2) for mail in world.mails]


@pytest.fixture
async def waiting(world: World) -> World:
    """Ada is in a delay of five days."""
    await world.campaign(trigger={"event": "purchase"}, workflow=[pause("5d"), email("one")])
    await world.identify("ada")
    await world.event("ada", "purchase")
    return world


@pytest.mark.spec("15.11")
@pytest.mark.parametrize("is_woken", [True, False])
async def test_a_lengthened_delay_holds_everybody_until_the_new_length_is_over(waiting: World, is_woken: bool) -> None:
    await waiting.advance(days=3)
    await edit(waiting, pause("7d"), email("one"))
    if is_woken:
        await look_again(waiting)
    await waiting.advance(days=9)

    assert [7] == await days_to_the_mail(waiting)


@pytest.mark.spec("15.11")
async def test_a_delay_lengthened_twice_holds_until_the_latest_length(waiting: World) -> None:
    await edit(waiting, pause("6d"), email("one"))
    await waiting.advance(days=5, hours=12)
    await edit(waiting, pause("8d"), email("one"))
    await waiting.advance(days=9)

    assert [8] == await days_to_the_mail(waiting)


async def test_who_has_waited_longer_than_a_shortened_delay_moves_on_when_it_looks(waiting: World) -> None:
    await waiting.advance(days=3)
    await edit(waiting, pause("2d"), email("one"))
    await look_again(waiting)

    assert [3] == await days_to_the_mail(waiting)


async def test_who_has_not_waits_until_the_shortened_length_is_over(waiting: World) -> None:
    await waiting.advance(days=3)
    await edit(waiting, pause("4d"), email("one"))
    await look_again(waiting)
    await waiting.advance(days=9)

    assert [4] == await days_to_the_mail(waiting)


async def test_who_looks_at_a_deleted_delay_moves_on_to_a_message(waiting: World) -> None:
    await waiting.advance(days=3)
    await edit(waiting, email("one"))
    await look_again(waiting)

    assert [3] == await days_to_the_mail(waiting)


@pytest.mark.parametrize(
    ("behind", "day"),
    [({"update_person": {"id": "mark", "set": {"marked": "yes"}}}, 3), ({"delay": {"id": "later", "for": "2d"}}, 5)],
    ids=["a data block", "a delay"],
)
async def test_who_looks_at_a_deleted_delay_moves_on_to_a_block_that_runs_or_waits(
    world: World, behind: dict[str, Any], day: float
) -> None:
    await world.campaign(trigger={"event": "purchase"}, workflow=[pause("5d"), behind, email("one")])
    await world.identify("ada")
    await world.event("ada", "purchase")
    await world.advance(days=3)
    await edit(world, behind, email("one"))
    await look_again(world)
    marked = (await world.get("people/ada"))["attributes"].get("marked")
    await world.advance(days=9)

    assert ("yes" if "update_person" in behind else None, [day]) == (marked, await days_to_the_mail(world))
