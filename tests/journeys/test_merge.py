"""Two people turn out to be one while journeys are under way (behaviour 16.10, 17.14)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email

NUDGE: dict[str, Any] = {
    "trigger": {"event": "bought"},
    "frequency": "once",
    "workflow": [{"delay": "1d"}, email("nudge")],
}


async def merge(world: World, primary: str, secondary: str) -> None:
    body = {"primary": {"id": primary}, "secondary": {"id": secondary}}
    assert 200 == (await world.http.post("/api/v1/merge_customers", json=body)).status_code
    await world.settle()


@pytest.mark.spec("16.10", "17.14")
async def test_a_running_journey_goes_on_for_the_survivor(world: World) -> None:
    await world.campaign(**NUDGE)
    await world.identify("ada")
    await world.event("old", "bought")
    before = await world.journey("old")

    await merge(world, "ada", "old")
    moved = await world.journey("ada")
    await world.event("ada", "bought")
    await world.advance(days=2)

    after = await world.journey("ada")
    assert (before["id"], before["workflow_id"]) == (moved["id"], moved["workflow_id"])
    assert ["ada@example.com"] == [mail.to for mail in world.mailbox.mails]
    assert ("finished", ["frequency"]) == (after["state"], [one["reason"] for one in await world.refusals("ada")])
    assert 404 == (await world.http.get("/sojourn/v1/people/old")).status_code


@pytest.mark.spec("16.10", "17.14")
async def test_in_a_campaign_that_both_have_entered_once_both_go_on(world: World) -> None:
    await world.campaign(**NUDGE)
    await world.event("ada", "bought")
    await world.event("old", "bought")
    await world.identify("ada")

    await merge(world, "ada", "old")
    await world.advance(days=2)

    assert ["ada@example.com"] * 2 == [mail.to for mail in world.mailbox.mails]


@pytest.mark.spec("17.14")
async def test_a_journey_that_went_over_is_told_of_a_stop_and_of_a_deletion(world: World) -> None:
    await world.campaign(**NUDGE)
    await world.campaign("other", **NUDGE)
    await world.identify("ada")
    await world.event("old", "bought")
    await merge(world, "ada", "old")

    await world.stop("other")
    await world.delete("ada")

    rows = await world.pool.fetch("SELECT exit_reason FROM journeys ORDER BY exit_reason")
    assert ["campaign_stopped", "person_deleted"] == [row["exit_reason"] for row in rows]


@pytest.mark.spec("17.14")
async def test_an_operator_ends_a_journey_that_went_over(world: World) -> None:
    await world.campaign(**NUDGE)
    await world.identify("ada")
    await world.event("old", "bought")
    await merge(world, "ada", "old")
    journey = await world.journey("ada")

    assert 200 == (await world.http.post(f"/sojourn/v1/journeys/{journey['id']}/end")).status_code
    await world.settle()

    ended = await world.journey("ada")
    assert ("exited", "manual") == (ended["state"], ended["exit_reason"])


@pytest.mark.spec("4.10", "4.12", "17.14")
@pytest.mark.parametrize("plan", ["pro", "free"])
async def test_an_event_that_waits_for_filters_is_decided_for_the_survivor_in_its_own_time(
    world: World, plan: str
) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.campaign(trigger={"event": "bought"}, filters={"in": "pro"}, workflow=[{"delay": "1d"}, email("nudge")])
    await world.identify("ada")
    await world.event("old", "bought")
    workflow = world.workflow(await world.journey("old"))
    await world.advance(minutes=20)

    await merge(world, "ada", "old")
    await world.advance(minutes=9)
    await world.identify("ada", plan=plan)
    await world.advance(days=2)

    await workflow.result()  # it ends by itself, a moment after its last decision
    assert (["ada@example.com"] if plan == "pro" else []) == [mail.to for mail in world.mailbox.mails]
    refused = [one["reason"] for one in await world.refusals("ada")]
    assert ([] if plan == "pro" else ["filters_never_matched"]) == refused
