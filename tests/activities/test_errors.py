"""Failures reach Temporal without the values they stumbled over."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from temporalio.testing import WorkflowEnvironment

from activities.errors import Discretion, try_later
from engine.moves import Ask, JourneyStart, Leave
from tests.record_errors import record_errors
from tests.workflows.scripted_rules import GO, LEAVE, ScriptedRules, send
from workflows.journey import Journey

SECRET = "ada.secret@example.com"


async def test_what_an_exception_says_stays_out_of_the_history(
    temporal: WorkflowEnvironment, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(ask: Ask) -> Leave:
        raise ValueError(SECRET)

    rules, queue = ScriptedRules(GO, fail, LEAVE), f"test-{uuid4()}"
    async with rules.worker(temporal, queue, interceptors=[Discretion()]):
        start = JourneyStart(journey=1, turn=1, at=datetime.fromisoformat("2027-01-01T00:00:00Z"), first=send(1))
        handle = await temporal.client.start_workflow(Journey.run, start, id=str(uuid4()), task_queue=queue)
        await handle.result()
    history = (await handle.fetch_history()).to_json()
    assert SECRET not in history
    assert "ValueError; the worker's log has the details." in history
    assert SECRET in caplog.text


@pytest.mark.parametrize(
    ("error", "times"), [(asyncpg.DeadlockDetectedError(), 1), (ConnectionRefusedError(), 1), (ValueError(), 0)]
)
async def test_errors_of_the_record_are_counted(temporal: WorkflowEnvironment, error: Exception, times: int) -> None:
    async def fail(ask: Ask) -> Leave:
        raise error

    before = record_errors("activities")
    rules, queue = ScriptedRules(GO, fail, LEAVE), f"test-{uuid4()}"
    async with rules.worker(temporal, queue, interceptors=[Discretion()]):
        start = JourneyStart(journey=1, turn=1, at=datetime.fromisoformat("2027-01-01T00:00:00Z"), first=send(1))
        await temporal.client.execute_workflow(Journey.run, start, id=str(uuid4()), task_queue=queue)
    assert times == record_errors("activities") - before


def test_a_message_that_is_tried_again_names_the_delivery_by_its_number() -> None:
    error = try_later(7, timedelta(seconds=3))
    assert "Delivery 7 was not taken and will be tried again; the delivery says why." == error.message
    assert timedelta(seconds=3) == error.next_retry_delay
