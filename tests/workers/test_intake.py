"""The intake process: quick when something comes, patient when the record is away, and clean when it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from intake import definitions
from runtime.settings import Settings
from storage import inbox
from storage.database import Pool
from tests.record_errors import counted_more, record_errors
from workers.intake import run

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def clock(pool: Pool) -> Callable[[], datetime]:
    """A clock that stands still, and the workspace 1."""
    await pool.execute("INSERT INTO workspaces (name, created_at) VALUES ('shop', $1)", NOW)
    return lambda: NOW


@pytest.fixture
async def process(database_url: str, clock: Callable[[], datetime]) -> AsyncIterator[asyncio.Task[None]]:
    """The process, running; it is asked to stop at the end, and has to within the time that is allowed."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(Settings(database_url=database_url), clock=clock, stop=stop))
    yield task
    stop.set()
    await asyncio.wait_for(task, 10)


async def send(pool: Pool, who: str) -> None:
    payload: dict[str, Any] = {"who": {"id": who}, "attributes": {"plan": "pro"}}
    async with pool.acquire() as connection:
        await inbox.append(connection, [inbox.Input(workspace_id=1, kind="identify", payload=payload, received_at=NOW)])


async def until(truth: Callable[[], Awaitable[Any]]) -> None:
    """Return when something has become true; fail if that takes too long."""
    async with asyncio.timeout(20):
        while not await truth():
            await asyncio.sleep(0.005)


async def is_known(pool: Pool, who: str) -> bool:
    return bool(await pool.fetchval("SELECT count(*) FROM people WHERE external_id = $1", who))


async def test_an_input_is_applied_when_it_is_committed(process: asyncio.Task[None], pool: Pool) -> None:
    await send(pool, "ada")
    await until(lambda: is_known(pool, "ada"))

    await send(pool, "bob")
    await until(lambda: is_known(pool, "bob"))

    assert not process.done()


async def test_partitions_are_made_ahead(process: asyncio.Task[None], pool: Pool) -> None:
    await until(lambda: pool.fetchval("SELECT to_regclass('events_2026_04')"))

    assert not process.done()


async def test_a_process_that_loses_its_connections_goes_on(process: asyncio.Task[None], pool: Pool) -> None:
    await send(pool, "ada")
    await until(lambda: is_known(pool, "ada"))

    query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'sojourn-intake'"
    assert 0 < await pool.fetchval(query)
    await send(pool, "bob")

    await until(lambda: is_known(pool, "bob"))
    assert not process.done()


async def test_a_process_whose_record_refuses_what_it_asks_counts_that_and_goes_on(
    process: asyncio.Task[None], pool: Pool
) -> None:
    await send(pool, "ada")
    await until(lambda: is_known(pool, "ada"))

    before = record_errors("inputs")
    await pool.execute("ALTER TABLE inbox RENAME TO elsewhere")
    await counted_more("inputs", before)
    await pool.execute("ALTER TABLE elsewhere RENAME TO inbox")
    await send(pool, "bob")

    await until(lambda: is_known(pool, "bob"))
    assert not process.done()


async def test_a_record_that_is_away_is_waited_for_and_the_process_can_be_stopped(
    clock: Callable[[], datetime],
) -> None:
    stop = asyncio.Event()
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:1/nothing")
    before = record_errors("start")
    task = asyncio.create_task(run(settings, clock=clock, stop=stop))

    await counted_more("start", before)
    assert not task.done()
    stop.set()

    await asyncio.wait_for(task, 10)


async def test_a_membership_that_is_due_is_looked_at(database_url: str, pool: Pool) -> None:
    now = NOW
    await pool.execute("INSERT INTO workspaces (name, created_at) VALUES ('shop', $1)", NOW)
    async with pool.acquire() as connection:
        condition = {"attribute": "seen", "before": {"ago": "1h"}}
        await definitions.save_segment(connection, 1, "rested", {"name": "Rested", "condition": condition}, now=NOW)
        payload = {"who": {"id": "ada"}, "attributes": {"seen": NOW.isoformat()}}
        await inbox.append(connection, [inbox.Input(workspace_id=1, kind="identify", payload=payload, received_at=NOW)])
    stop = asyncio.Event()
    task = asyncio.create_task(run(Settings(database_url=database_url), clock=lambda: now, stop=stop))
    await until(lambda: pool.fetchval("SELECT count(*) FROM segment_rechecks"))
    assert 0 == await pool.fetchval("SELECT count(*) FROM segment_members")

    now = NOW + timedelta(hours=2)

    await until(lambda: pool.fetchval("SELECT count(*) FROM segment_members"))
    stop.set()
    await asyncio.wait_for(task, 10)
