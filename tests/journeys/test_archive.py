"""Putting campaigns away and bringing them back (behaviour 3.30, 3.31, 13.14)."""

from __future__ import annotations

import pytest

from tests.world import World, email


async def post(world: World, path: str) -> int:
    """Call; return the status."""
    answer = await world.http.post(f"/sojourn/v1/{path}")
    await world.settle()
    return answer.status_code


async def segment_states(world: World) -> dict[str, str]:
    """Return key to state."""
    return {one["key"]: one["state"] for one in (await world.get("segments"))["items"]}


@pytest.mark.spec("3.30", "3.31", "13.14")
async def test_bringing_a_campaign_back_brings_back_the_segments_of_its_trigger_filters_and_goal(world: World) -> None:
    for key in ("pro", "german", "paid", "other"):
        await world.segment(key, {"attribute": key, "equals": "yes"})
    filters, goal = {"in": "german"}, {"enters": "paid"}
    trigger = {"condition": {"in": "pro"}}
    await world.campaign(trigger=trigger, filters=filters, goal=goal, exit="goal", workflow=[email("hello")])
    assert 409 == await post(world, "campaigns/campaign/archive")
    await world.stop()
    assert 409 == await post(world, "segments/pro/archive")
    assert 200 == await post(world, "campaigns/campaign/archive")
    for key in ("pro", "german", "paid", "other"):
        assert 200 == await post(world, f"segments/{key}/archive")
    await world.identify("ada", pro="yes")

    assert 200 == await post(world, "campaigns/campaign/unarchive")

    assert "stopped" == (await world.get("campaigns/campaign"))["state"]
    assert {"pro": "ready", "german": "ready", "paid": "ready", "other": "archived"} == await segment_states(world)
    assert 1 == (await world.get("segments/pro"))["members"]  # built anew


async def test_an_archived_campaign_is_neither_saved_nor_started(world: World) -> None:
    await world.campaign(start=False, trigger={"event": "purchase"}, workflow=[email("hello")])
    assert 200 == await post(world, "campaigns/campaign/archive")
    document = {"name": "campaign", "trigger": {"event": "refund"}, "workflow": [email("hello")]}

    saved = await world.http.put("/sojourn/v1/campaigns/campaign", json=document)

    assert (409, 409, 409) == (
        saved.status_code,
        await post(world, "campaigns/campaign/start"),
        await post(world, "campaigns/campaign/archive"),
    )
    await world.event("ada@example.com", "purchase")
    assert [] == world.mails
