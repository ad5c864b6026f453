"""The journeys process as a whole: it waits for what is away, works, and stops cleanly."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from engine import names
from engine.moves import JourneyStart, Leave
from intake.dispatch import Dispatcher
from runtime.clock import system_clock
from runtime.settings import Settings
from storage import outbox
from storage.database import Pool, open_pool
from tests.record_errors import counted_more, record_errors
from workers.journeys import Engine, run

AWAY = "127.0.0.1:9"


def _settings(database_url: str, temporal: str, queue: str = "test") -> Settings:
    return Settings(database_url=database_url, temporal_address=temporal, task_queue=queue, environment="development")


async def test_it_carries_what_the_outbox_holds_and_stops_when_it_is_told(
    pool: Pool, database_url: str, temporal: WorkflowEnvironment
) -> None:
    workflow_id, stop = f"journey:1:1:1:{uuid4()}", asyncio.Event()
    leave = Leave(turn=1, reason="finished", text="Finished")
    argument = JourneyStart(journey=1, turn=1, at=datetime.now(UTC), first=leave).model_dump(mode="json")
    async with pool.acquire() as connection:
        start = outbox.start(workflow_id, names.JOURNEY, argument, search={}, summary="Person 1")
        await outbox.add(connection, [start], now=datetime.now(UTC))
    address = temporal.client.service_client.config.target_host
    running = asyncio.create_task(run(_settings(database_url, address, f"test-{uuid4()}"), stop=stop))
    while await pool.fetchval("SELECT count(*) FROM outbox"):
        await asyncio.sleep(0.02)
    assert "finished" == await temporal.client.get_workflow_handle(workflow_id).result()
    stop.set()
    await asyncio.wait_for(running, 10)


async def test_it_waits_for_temporal_and_can_be_stopped_meanwhile(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(run(_settings(database_url, AWAY), stop=stop))
    while "cannot reach Temporal" not in caplog.text:
        await asyncio.sleep(0.02)
    stop.set()
    await asyncio.wait_for(running, 10)


async def test_it_waits_for_the_record_and_can_be_stopped_meanwhile(caplog: pytest.LogCaptureFixture) -> None:
    stop, before = asyncio.Event(), record_errors("start")
    running = asyncio.create_task(run(_settings(f"postgresql://nobody@{AWAY}/none", AWAY), stop=stop))
    while "cannot reach the record" not in caplog.text:
        await asyncio.sleep(0.02)
    await counted_more("start", before)
    stop.set()
    await asyncio.wait_for(running, 10)


async def test_what_the_record_does_not_answer_is_counted_by_what_goes_on(
    database_url: str, temporal: WorkflowEnvironment
) -> None:
    gone = await open_pool(database_url)
    await gone.close()
    dispatcher = Dispatcher(gone, temporal.client, task_queue="test", clock=system_clock)
    engine = Engine(list, dispatcher, gone, system_clock)
    dispatched, swept = record_errors("dispatch"), record_errors("sweep")

    await engine.start()
    await counted_more("dispatch", dispatched)
    await counted_more("sweep", swept)

    await engine.stop()


async def test_a_worker_that_cannot_work_ends_the_process_with_the_reason(
    pool: Pool, temporal: WorkflowEnvironment
) -> None:
    elsewhere = Client(temporal.client.service_client, namespace="nowhere")
    engine = Engine.build(pool=pool, client=elsewhere, channels={}, clock=system_clock, task_queue="test")
    with pytest.raises(RuntimeError, match="nowhere"):
        await asyncio.wait_for(engine.run(asyncio.Event()), 10)
