"""An edit of a live campaign as a workflow: one activity, and its answer."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from temporalio.testing import WorkflowEnvironment

from engine.moves import EditStart
from tests.workflows.scripted_rules import ScriptedRules
from workflows.edit import Edit


async def test_it_wakes_those_who_wait_and_says_how_many(temporal: WorkflowEnvironment) -> None:
    rules, queue = ScriptedRules(), f"test-{uuid4()}"
    start = EditStart(campaign=7, at=datetime(2027, 3, 1, tzinfo=UTC))
    async with rules.worker(temporal, queue):
        with temporal.with_time_skipping_disabled():
            woken = await temporal.client.execute_workflow(Edit.run, start, id=f"edit:{uuid4()}", task_queue=queue)
    assert (3, [start]) == (woken, rules.edits)
