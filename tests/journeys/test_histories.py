"""What Temporal is told of people: enough to find and understand a journey, and nothing about who it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from channels.channel import Refused, TryLater
from tests.world import World, email

SECRETS = {
    "id": "ada-17",
    "email": "ada@private.example",
    "name": "Lovelace",
    "plan": "ultraviolet",
    "data": "secret socks",
    "address": "boss@private.example",
    "told": "550 mailbox of Lovelace is full",
}
"""Whatever is said of the person in this play, by what it is."""


async def told(world: World, workflow: WorkflowHandle[Any, Any]) -> bytes:
    """Return all that Temporal has of a workflow: every event with its payloads, and what describes it."""
    history = await workflow.fetch_history()
    described = (await workflow.describe()).raw_description
    metadata = await workflow.query("__temporal_workflow_metadata")
    parts = [event.SerializeToString() for event in history.events]
    return b"\n".join([*parts, described.SerializeToString(), str(metadata).encode()])


async def workflows(world: World) -> AsyncIterator[WorkflowHandle[Any, Any]]:
    """All workflows of a world's journeys and retries, and of its campaign."""
    yield await world.campaign_workflow()
    for row in await world.pool.fetch(
        "SELECT campaign_id, person_id, occurrence FROM journeys "
        "UNION SELECT campaign_id, person_id, occurrence FROM refusals"
    ):
        yield world.workflow({"workflow_id": f"journey:{world.workspace}:{':'.join(map(str, row))}"})


async def play(world: World) -> list[str]:
    """Let all happen to one person that can: waits, blocks, failures, a stop, deletion. Return what became of mails."""
    person, data = SECRETS["id"], {"item": SECRETS["data"], "recipient": SECRETS["address"]}
    plan = {"attribute": "plan", "equals": SECRETS["plan"]}
    await world.segment("known", plan)
    await world.campaign(
        trigger={"event": "purchase", "where": [{"path": "item", "equals": SECRETS["data"]}]},
        filters={"in": "known"},
        workflow=[
            email("first", subject="{{event.item}} for {{customer.name}}", body="{{customer.plan}}"),
            {"update_person": {"set": {"last": "{{event.item}}", "nickname": "{{customer.name}}"}}},
            {"branch": {"if": plan, "then": [{"delay": "1h"}]}},
            email("broken", subject="{{customer.nobody_said_so}}"),
            email("late"),
            {"delay": "1d"},
        ],
    )
    await world.event(person, "purchase", data)
    known = {"email": SECRETS["email"], "name": SECRETS["name"], "plan": SECRETS["plan"]}
    await world.identify(person, **known)
    world.mailbox.failures += [Refused(SECRETS["told"])]
    await world.advance(hours=1)
    world.mailbox.failures += [TryLater(SECRETS["told"], timedelta(hours=9))]
    await world.event(person, "purchase", data)
    await world.stop()
    await world.start()
    await world.event(person, "purchase", data)
    states = [delivery["state"] for delivery in await world.deliveries(person)]
    await world.delete(person)
    await world.event("somebody", "purchase", data)
    await world.advance(hours=1)
    return states


async def test_no_history_holds_personal_data(world: World) -> None:
    states = await play(world)

    histories = {workflow.id: await told(world, workflow) async for workflow in workflows(world)}

    assert (["sent", "failed", "failed", "undeliverable", "sent"], 5) == (states, len(histories))
    for workflow_id, history in histories.items():
        assert b'"workspace":' in history or b'"journey":' in history  # what is told can be read here
        found = {what for what, secret in SECRETS.items() if secret.encode() in history}
        assert (workflow_id, set()) == (workflow_id, found)


async def test_journeys_and_campaigns_are_found_by_search_attributes(world: World) -> None:
    await world.campaign("thanks", trigger={"event": "purchase"}, workflow=[{"delay": "1h"}])
    await world.event("ada", "purchase")
    journey = await world.journey("ada")
    _, workspace, campaign, person, _ = journey["workflow_id"].split(":")

    described = [await one.describe() for one in (world.workflow(journey), await world.campaign_workflow("thanks"))]

    of_campaign = {"Campaign": "thanks", "CampaignId": campaign, "WorkspaceId": workspace}
    attributes = [{pair.key.name: pair.value for pair in one.typed_search_attributes} for one in described]
    ours = [{name: value for name, value in one.items() if name in {*of_campaign, "PersonKey"}} for one in attributes]
    assert [of_campaign | {"PersonKey": person}, of_campaign] == ours
    assert (f'Person {person} in campaign "thanks"', "Campaign thanks") == tuple(
        [await one.static_summary() for one in described]
    )


async def test_who_waits_for_filters_is_found_by_the_same_search_attributes(world: World) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.campaign(trigger={"event": "purchase"}, filters={"in": "pro"}, workflow=[{"delay": "1h"}])
    await world.event("ada", "purchase")

    described = await world.workflow(await world.journey("ada")).describe()

    assert {"Campaign", "CampaignId", "PersonKey", "WorkspaceId"} <= {
        pair.key.name for pair in described.typed_search_attributes
    }
