"""A journey that has lived long starts over with a fresh history and loses nothing on the way."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from engine.moves import Ask, LookAgain
from tests.workflows.scripted_rules import LEAVE, Journeys, ScriptedRules, wait
from workflows.journey import Journey

EVENTS = 20
"""After so many events this file's own server suggests to start over; a real one waits for thousands."""


@pytest.fixture(scope="module")
async def impatient() -> AsyncIterator[WorkflowEnvironment]:
    environment = await WorkflowEnvironment.start_local(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_log_level="error",
        dev_server_extra_args=["--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={EVENTS}"],
    )
    async with environment:
        yield environment


class Counting(ScriptedRules):
    """Waits on and on, for a number of turns."""

    def __init__(self, most: int, until: datetime) -> None:
        super().__init__()
        self.most, self.until = most, until

    async def _reply(self, name: str, ask: Ask) -> Any:
        self.asked.append((name, ask))
        return LEAVE if ask.turn + 1 >= self.most or ask.ending else wait(ask.turn + 1, self.until)


async def _asked_again(rules: Counting, questions: int) -> None:
    while len(rules.asked) <= questions:
        await asyncio.sleep(0.01)


async def _runs(environment: WorkflowEnvironment, workflow_id: str) -> int:
    return len([run async for run in environment.client.list_workflows(f"WorkflowId = '{workflow_id}'")])


async def test_a_long_history_is_left_behind_and_the_journey_goes_on_where_it_stood(
    impatient: WorkflowEnvironment,
) -> None:
    journeys, until = Journeys(impatient), datetime.now(UTC) + timedelta(days=30)
    rules = Counting(12, until)
    async with rules.worker(impatient, journeys.queue):
        handle = await journeys.start(wait(0, until))
        said = until - timedelta(days=20)
        # A signal that comes while a start over is under way repeats a question, and the rules answer it the same: so
        # there may be more signals than turns.
        while len({ask.turn for _, ask in rules.asked}) < 12:
            questions, said = len(rules.asked), said + timedelta(hours=1)
            await handle.signal(Journey.look_again, LookAgain(at=said))
            await _asked_again(rules, questions)
        assert "finished" == await handle.result()
    assert list(range(12)) == sorted({ask.turn for _, ask in rules.asked})
    # The journey's clock is carried over, though Temporal's lies weeks behind it.
    assert said == rules.asked[-1][1].now
    assert await _runs(impatient, handle.id) > 1


async def test_an_end_and_signals_that_arrive_meanwhile_are_carried_over(impatient: WorkflowEnvironment) -> None:
    journeys, until = Journeys(impatient), datetime.now(UTC) + timedelta(days=30)
    handle = await journeys.start(wait(0, until))
    for _ in range(EVENTS + 5):
        await handle.signal(Journey.look_again)
    await handle.signal(Journey.end, "campaign_stopped")
    rules = Counting(100, until)
    async with rules.worker(impatient, journeys.queue):
        assert "finished" == await handle.result()
    assert "campaign_stopped" == rules.asked[-1][1].ending
    assert 1 == len(rules.asked)
    assert await _runs(impatient, handle.id) > 1
