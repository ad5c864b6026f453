"""Events whose filters do not match yet are retried for 30 minutes (behaviour 4.10-4.15)."""

from __future__ import annotations

import pytest

from tests.world import World, email

PURCHASE = {"trigger": {"event": "purchase"}, "filters": {"in": "pro"}, "workflow": [email("thanks")]}


@pytest.fixture
async def purchases(world: World) -> World:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.campaign(**PURCHASE)
    return world


@pytest.mark.spec("4.10", "4.12", "9.02")
async def test_a_person_who_matches_after_29_minutes_enters(purchases: World) -> None:
    await purchases.event("ada", "purchase")
    await purchases.advance(minutes=29)
    await purchases.identify("ada", plan="pro")
    assert ["thanks"] == purchases.subjects()


@pytest.mark.spec("4.10", "9.03")
async def test_who_does_not_match_within_30_minutes_never_enters_for_that_event(purchases: World) -> None:
    await purchases.event("ada", "purchase")
    await purchases.advance(minutes=31)
    await purchases.identify("ada", plan="pro")
    assert ([], [], ["filters_never_matched"]) == (
        purchases.subjects(),
        await purchases.journeys("ada"),
        [refusal["reason"] for refusal in await purchases.refusals("ada")],
    )
