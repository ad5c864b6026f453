"""A started campaign as a workflow: its signals, and for how long it lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from engine.moves import CampaignStart, Inside, LookAgain
from tests.workflows.scripted_rules import ScriptedRules
from workflows.campaign import Campaign

AT = datetime(2027, 3, 1, tzinfo=UTC)


@asynccontextmanager
async def _started(
    temporal: WorkflowEnvironment, *inside: Inside
) -> AsyncIterator[tuple[ScriptedRules, WorkflowHandle[Campaign, str]]]:
    rules, queue = ScriptedRules(), f"test-{uuid4()}"
    rules.inside = inside[0] if inside else Inside(state="running", journeys=3)
    async with rules.worker(temporal, queue):
        with temporal.with_time_skipping_disabled():
            yield (
                rules,
                await temporal.client.start_workflow(
                    Campaign.run,
                    CampaignStart(workspace=1, campaign=7, at=AT),
                    id=f"campaign:{uuid4()}",
                    task_queue=queue,
                ),
            )


async def _asked(rules: ScriptedRules, count: int) -> None:
    while len(rules.campaign_asked) < count:
        await asyncio.sleep(0.01)


async def test_it_lives_while_the_campaign_is_started_and_says_who_is_inside(temporal: WorkflowEnvironment) -> None:
    async with _started(temporal) as (rules, handle):
        await _asked(rules, 1)
        said = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        assert "**running**" in said.current_details
        assert "3 journeys are open" in said.current_details
        rules.inside = Inside(state="stopped", journeys=0)
        await handle.signal(Campaign.look_again)
        assert "stopped" == await handle.result()


async def test_a_stop_is_applied_and_ends_it(temporal: WorkflowEnvironment) -> None:
    async with _started(temporal) as (rules, handle):
        await handle.signal("stop")
        assert "stopped" == await handle.result()
    assert "stop" in [ask.verb for ask in rules.campaign_asked]


async def test_a_stop_by_hand_is_never_from_before_the_start(temporal: WorkflowEnvironment) -> None:
    async with _started(temporal) as (rules, handle):
        await handle.signal("stop")
        await handle.result()
    assert [AT] == [ask.now for ask in rules.campaign_asked if ask.verb == "stop"]


async def test_a_stop_from_the_api_carries_its_instant(temporal: WorkflowEnvironment) -> None:
    at = AT + timedelta(hours=1)
    async with _started(temporal) as (rules, handle):
        await handle.signal(Campaign.stop, LookAgain(at=at))
        await handle.result()
    assert [at] == [ask.now for ask in rules.campaign_asked if ask.verb == "stop"]


async def test_a_draining_campaign_lives_until_the_record_says_it_is_stopped(temporal: WorkflowEnvironment) -> None:
    async with _started(temporal) as (rules, handle):
        await handle.signal(Campaign.drain)
        while rules.inside.state != "stopping":
            await asyncio.sleep(0.01)
        rules.inside = Inside(state="stopped", journeys=0)
        await handle.signal(Campaign.look_again)
        assert "stopped" == await handle.result()


async def test_a_restart_in_the_moment_of_the_end_keeps_it_alive(temporal: WorkflowEnvironment) -> None:
    async with _started(temporal, Inside(state="stopping", journeys=1)) as (rules, handle):
        await _asked(rules, 1)
        rules.inside = Inside(state="running", journeys=1)
        await handle.signal(Campaign.look_again)
        await _asked(rules, 2)
        assert "RUNNING" == (await handle.describe()).status.name  # type: ignore[union-attr]  # it has a status
        await handle.signal(Campaign.stop)
        await handle.result()


async def test_signals_are_applied_in_their_order(temporal: WorkflowEnvironment) -> None:
    async with _started(temporal) as (rules, handle):
        await _asked(rules, 1)
        await handle.signal(Campaign.drain)
        await handle.signal(Campaign.stop)
        await handle.result()
    assert ["drain", "stop"] == [ask.verb for ask in rules.campaign_asked if ask.verb]
