"""What a journey costs in Temporal: events and bytes are what a server with millions of them pays for."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.testing import WorkflowEnvironment

from engine import names
from engine.moves import Ask, JourneyStart, Leave, Move, Send, Wait
from intake.dispatch import Dispatcher
from runtime.temporal import prepare
from storage import outbox
from storage.database import Pool
from tests.workflows.scripted_rules import GO, ScriptedRules

DELAY = timedelta(days=2)
BLOCKS = ("welcome_mail", "second_mail", "last_reminder")

_OF_THE_TEST_SERVER = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED


def _send(turn: int, block: str) -> Send:
    return Send(turn=turn, block=block, channel="email", text=f"Email {block}")


def _wait(turn: int, until: datetime) -> Wait:
    text = f"Delay {BLOCKS[turn // 2]}.delay (2 days), until {until:%Y-%m-%d %H:%M} UTC"
    return Wait(turn=turn, until=until, text=text)


class Rules(ScriptedRules):
    """Answers as the real rules do, for a delay before each of some emails."""

    async def _reply(self, name: str, ask: Ask) -> Any:
        if name == names.SEND and ask.turn >= 2 * len(BLOCKS) - 1:
            return Leave(turn=ask.turn + 1, reason="finished", text="Finished")
        if name == names.SEND:
            return _wait(ask.turn + 1, ask.now + DELAY)
        if name == names.CHECK_EXIT:
            return GO
        return _send(ask.turn + 1, BLOCKS[ask.turn // 2])


async def _history(pool: Pool, temporal: WorkflowEnvironment, first: Move, at: datetime) -> list[HistoryEvent]:
    """Run a journey to its end, started by the dispatcher as intake does; Temporal skips the time between."""
    queue, workflow_id = names.JOURNEYS_QUEUE, f"journey:1:1000007:12345678:e{uuid4().int % 10**9}"
    search = {"Campaign": "onboarding", "CampaignId": "1000007", "PersonKey": "12345678", "WorkspaceId": "1"}
    argument = JourneyStart(journey=12345678, turn=first.turn, at=at, first=first).model_dump(mode="json")
    summary = 'Person 12345678 in campaign "Onboarding"'
    message = outbox.start(workflow_id, names.JOURNEY, argument, search=search, summary=summary)
    handle = temporal.client.get_workflow_handle(workflow_id)
    await prepare(temporal.client)
    async with Rules().worker(temporal, queue), pool.acquire() as connection:
        await outbox.add(connection, [message], now=at)
        await Dispatcher(pool, temporal.client, task_queue=queue, clock=lambda: at).settle()
        assert "finished" == await handle.result()
    history = await handle.fetch_history()
    return [event for event in history.events if event.event_type != _OF_THE_TEST_SERVER]


def _kinds(events: list[HistoryEvent]) -> list[str]:
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in events]


async def test_a_journey_of_one_email_is_start_check_send_end(pool: Pool, temporal: WorkflowEnvironment) -> None:
    at = datetime.now(UTC)
    events = await _history(pool, temporal, _send(2 * len(BLOCKS) - 1, BLOCKS[-1]), at)
    task = ["WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED"]
    send = [f"ACTIVITY_TASK_{what}" for what in ("SCHEDULED", "STARTED", "COMPLETED")]
    whole = ["WORKFLOW_EXECUTION_STARTED", *task, "MARKER_RECORDED", *send, *task, "WORKFLOW_EXECUTION_COMPLETED"]
    assert whole == _kinds(events)


async def test_three_delays_and_three_emails_stay_within_45_events_and_8_kb(
    pool: Pool, temporal: WorkflowEnvironment, capsys: pytest.CaptureFixture[str]
) -> None:
    at = datetime.now(UTC)
    events = await _history(pool, temporal, _wait(0, at + DELAY), at)
    size = sum(event.ByteSize() for event in events)
    with capsys.disabled():
        sys.stdout.write(f"\n3 delays and 3 emails: {len(events)} events, {size} bytes\n")
    assert (3, 3) == (_kinds(events).count("TIMER_FIRED"), _kinds(events).count("ACTIVITY_TASK_COMPLETED"))
    assert len(events) <= 45
    assert size <= 8000
