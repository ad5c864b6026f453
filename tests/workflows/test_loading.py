"""Letting in those who match already, as a workflow: it asks until it is over, and an order is asked along."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from temporalio.bridge.proto.activity_task import ActivityTask, Cancel
from temporalio.bridge.worker import Worker as Bridge
from temporalio.testing import WorkflowEnvironment

from engine import names
from engine.moves import Loaded, LoadingStart
from tests.workflows.scripted_rules import ScriptedRules
from workflows.loading import Loading

START = LoadingStart(workspace=1, campaign=7, at=datetime(2027, 3, 1, tzinfo=UTC))


def loaded(state: str, entered: int) -> Loaded:
    return Loaded.model_validate({"state": state, "entered": entered, "matching": 9})


async def test_it_asks_again_until_everybody_has_entered(temporal: WorkflowEnvironment) -> None:
    rules, queue = ScriptedRules(), f"test-{uuid4()}"
    rules.loads = [loaded("loading", 4), loaded("over", 9)]
    async with rules.worker(temporal, queue):
        with temporal.with_time_skipping_disabled():
            said = await temporal.client.execute_workflow(Loading.run, START, id=f"loading:{uuid4()}", task_queue=queue)

    assert ("9 entered", [None, None]) == (said, [ask.verb for ask in rules.loading_asked])


async def test_while_it_is_paused_it_waits_for_an_order(temporal: WorkflowEnvironment) -> None:
    rules, queue = ScriptedRules(), f"test-{uuid4()}"
    rules.loads = [loaded("paused", 4), loaded("over", 9)]
    async with rules.worker(temporal, queue):
        with temporal.with_time_skipping_disabled():
            workflow = await temporal.client.start_workflow(
                Loading.run, START, id=f"loading:{uuid4()}", task_queue=queue
            )
            while not rules.loading_asked:
                await asyncio.sleep(0.01)
            await workflow.signal(names.RESUME)
            said = await workflow.result()

    assert ("9 entered", [None, "resume"]) == (said, [ask.verb for ask in rules.loading_asked])


async def test_a_cancellation_that_comes_when_its_activity_is_over_ends_no_worker(
    temporal: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause cancels the activity that ends by itself: a busy worker hears of the two in either order."""
    late = [ActivityTask(task_token=b"over", cancel=Cancel())]
    poll = Bridge.poll_activity_task

    async def poll_late(bridge: Bridge) -> ActivityTask:
        return late.pop() if late else await poll(bridge)

    monkeypatch.setattr(Bridge, "poll_activity_task", poll_late)
    rules, queue = ScriptedRules(), f"test-{uuid4()}"
    rules.loads = [loaded("over", 9)]
    async with rules.worker(temporal, queue):
        with temporal.with_time_skipping_disabled():
            said = await temporal.client.execute_workflow(Loading.run, START, id=f"loading:{uuid4()}", task_queue=queue)

    assert ("9 entered", []) == (said, late)
