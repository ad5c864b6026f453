"""Processes come and go in the middle of journeys (behaviour 9.10)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from channels.channel import Email, TryLater
from tests.world import World, email, kinds

TRIGGER = {"event": "purchase"}


@pytest.mark.spec("9.10", "6.03")
async def test_a_journey_survives_restarts_at_every_step_and_repeats_nothing(world: World) -> None:
    await world.segment("trial", {"attribute": "plan", "equals": "trial"})
    workflow: list[Any] = [
        email("one"),
        {"update_person": {"id": "mark", "set": {"order": "{{event.order}}"}}},
        {"delay": {"id": "short", "for": "1h"}},
        {
            "branch": {
                "id": "fork",
                "if": {"in": "trial"},
                "then": [email("two"), {"delay": {"id": "long", "for": "30d"}}],
            }
        },
        email("three"),
    ]
    await world.campaign(trigger=TRIGGER, filters={"in": "trial"}, workflow=workflow)
    await world.identify("ada", plan="none")
    await world.event("ada", "purchase", {"order": 7})
    await world.restart()
    await world.identify("ada", plan="trial")
    await world.restart()
    await world.identify("ada", order=0)
    await world.advance(minutes=30)
    await world.restart_worker()
    await world.advance(minutes=45)
    await world.restart()
    await world.advance(days=29)
    await world.restart()
    await world.advance(days=2)
    await world.restart()
    await world.advance(days=30)

    journey = await world.journey("ada")
    assert (["one", "two", "three"], "finished") == (world.subjects(), journey["state"])
    assert [
        "entered",
        *("due", "sent", "due", "changed", "waiting", "passed", "branched"),
        *("due", "sent", "waiting", "passed", "due", "sent", "finished"),
    ] == kinds(journey)
    assert 0 == (await world.get("people/ada"))["attributes"]["order"]


@pytest.mark.spec("9.10")
async def test_a_delay_ends_in_time_although_nobody_was_there_to_see_it_begin(world: World) -> None:
    await world.campaign(trigger=TRIGGER, workflow=[{"delay": "2h"}, email("one")])
    began = world.now
    await world.event("ada@example.com", "purchase")
    for _ in range(3):
        await world.advance(minutes=39)
        await world.restart()
    assert [] == world.mails
    await world.advance(minutes=39)

    (mail,) = world.mails
    assert timedelta(hours=2) <= mail.at - began < timedelta(hours=2, seconds=30)


@pytest.mark.spec("9.10")
async def test_a_worker_that_is_stopped_during_a_hand_over_finishes_it_first(world: World) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hold(_: Email) -> None:
        begun.set()
        await go_on.wait()

    world.mailbox.before = hold
    await world.campaign(trigger=TRIGGER, workflow=[email("one"), email("two")])
    telling = asyncio.create_task(world.event("ada@example.com", "purchase"))
    await begun.wait()
    restarting = asyncio.create_task(world.restart_worker())
    await asyncio.sleep(0.05)
    go_on.set()
    await asyncio.gather(telling, restarting)
    await world.settle()

    assert ["one", "two"] == world.subjects()
    assert ["sent", "sent"] == [delivery["state"] for delivery in await world.deliveries("ada@example.com")]


@pytest.mark.spec("9.10")
async def test_a_message_in_its_retries_is_tried_by_the_next_worker(world: World) -> None:
    world.mailbox.failures = [TryLater("busy")]
    await world.campaign(trigger=TRIGGER, workflow=[email("one"), email("two")])
    await world.event("ada@example.com", "purchase")
    (delivery,) = await world.deliveries("ada@example.com")
    await world.restart()
    await world.tried_again(delivery)

    assert ["one", "two"] == world.subjects()
