"""The same thing told twice, late or too early: what counts as an occurrence, and when (behaviour 1.07, 1.37-1.43)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.world import World, email

HOUR = 3600

PURCHASE: dict[str, Any] = {"trigger": {"event": "purchase"}, "workflow": [email("thanks")]}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.spec("1.07", "1.40", "9.10")
async def test_an_event_that_is_delivered_again_after_a_restart_is_handled_once(world: World) -> None:
    await world.campaign(trigger={"event": "purchase"}, workflow=[{"delay": "1h"}, email("thanks")])
    await world.identify("ada")
    await world.event("ada", "purchase", {"order": 1}, id="order-1")
    await world.restart()

    await world.event("ada", "purchase", {"order": 1}, id="order-1")
    await world.advance(hours=1)
    await world.restart()
    await world.event("ada", "purchase", {"order": 1}, id="order-1")
    await world.advance(hours=1)

    assert (["thanks"], "finished") == (world.subjects(), (await world.journey("ada"))["state"])


@pytest.mark.spec("1.07")
async def test_one_event_starts_one_journey_in_each_campaign_for_each_person(world: World) -> None:
    for key in ("one", "two"):
        await world.campaign(key, trigger={"event": "purchase"}, workflow=[email(key)])
    for person in ("ada", "bob"):
        await world.identify(person)
        await world.event(person, "purchase")

    assert ["one", "two"] * 2 == sorted(world.subjects("ada@example.com")) + sorted(world.subjects("bob@example.com"))


@pytest.mark.spec("1.40")
async def test_two_events_with_the_same_id_count_once_also_if_they_come_at_once(world: World) -> None:
    await world.campaign(**PURCHASE)
    await world.identify("ada")

    async def tell(number: int) -> httpx.Response:
        body = {"name": "purchase", "id": "k", "data": {"n": number}}
        return await world.http.post("/api/v1/customers/ada/events", json=body)

    answers = await asyncio.gather(*(tell(number) for number in range(5)))
    await world.settle()
    await world.event("ada", "purchase", {"n": 9}, id="k")
    await world.event("ada", "purchase", {"n": 10}, id="other")
    await world.event("ada", "purchase", {"n": 11})

    assert {200} == {answer.status_code for answer in answers}
    assert [10, 11] == [one["event_data"]["n"] for one in await world.journeys("ada")][1:]
    assert 3 == len(world.mails)


@pytest.mark.spec("1.37")
async def test_an_event_without_a_timestamp_happened_when_it_came_in(world: World) -> None:
    await world.campaign(**PURCHASE)
    await world.advance(hours=5)
    before = world.now
    await world.event("ada", "purchase")
    after = world.now
    await world.event("ada", "purchase", timestamp=int(world.now.timestamp()) - HOUR)

    silent, said = [instant(one["event"]["at"]) for one in await world.journeys("ada")]

    assert before <= silent <= after
    assert datetime.fromtimestamp(int(after.timestamp()) - HOUR, UTC) == said


@pytest.mark.spec("1.38")
async def test_an_event_of_more_than_72_hours_ago_never_triggers_and_a_younger_one_does(world: World) -> None:
    await world.campaign(**PURCHASE)
    await world.identify("ada")
    await world.advance(days=7)
    now = int(world.now.timestamp())

    await world.event("ada", "purchase", {"age": 73}, timestamp=now - 73 * HOUR)
    await world.event("ada", "purchase", {"age": 71}, timestamp=now - 71 * HOUR)
    await world.advance(days=7)

    (refusal,) = await world.refusals("ada")
    occurred_at, received_at = (instant(refusal["seen"][at]) for at in ("occurred_at", "received_at"))
    assert [71] == [one["event_data"]["age"] for one in await world.journeys("ada")]
    assert ("stale", 73) == (refusal["reason"], (received_at - occurred_at).total_seconds() // HOUR)
    assert 2 == await world.pool.fetchval("SELECT count(*) FROM events WHERE name = 'purchase'")


@pytest.mark.spec("1.39")
async def test_an_event_from_the_future_triggers_on_receipt(world: World) -> None:
    await world.campaign(trigger={"event": "purchase"}, workflow=[{"delay": "1h"}, email("thanks")])
    await world.identify("ada")
    await world.event("ada", "purchase", timestamp=int(world.now.timestamp()) + 48 * HOUR)

    await world.advance(hours=1)
    at_once = world.subjects()
    await world.advance(days=3)

    assert (["thanks"], ["thanks"]) == (at_once, world.subjects())


@pytest.mark.spec("1.43")
async def test_events_from_before_the_start_never_trigger(world: World) -> None:
    await world.campaign(start=False, **PURCHASE)
    await world.identify("ada")
    await world.event("ada", "purchase", {"told": "before"})
    happened = int(world.now.timestamp())
    await world.advance(hours=1)

    await world.start()
    await world.event("ada", "purchase", {"told": "after"}, timestamp=happened)
    await world.event("ada", "purchase", {"told": "now"})

    (refusal,) = await world.refusals("ada")
    started_at = instant((await world.get("campaigns/campaign"))["started_at"])
    assert ["now"] == [one["event_data"]["told"] for one in await world.journeys("ada")]
    assert ("before_start", started_at) == (refusal["reason"], instant(refusal["seen"]["started_at"]))


@pytest.mark.spec("1.43", "13.10")
async def test_events_from_before_a_restart_never_trigger(world: World) -> None:
    await world.campaign(**PURCHASE)
    await world.identify("ada")
    await world.stop()
    happened = int(world.now.timestamp())
    await world.advance(hours=1)
    await world.start()

    await world.event("ada", "purchase", timestamp=happened)

    assert ([], ["before_start"]) == (world.subjects(), [one["reason"] for one in await world.refusals("ada")])
