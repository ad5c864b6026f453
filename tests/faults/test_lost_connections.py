"""A database connection that dies between two answers must not turn a success into a failure, nor stop a loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import asyncpg
import pytest
from temporalio.testing import WorkflowEnvironment

from intake.dispatch import Dispatcher
from storage.database import Pool


async def end(database_url: str, pid: int) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("SELECT pg_terminate_backend($1, 5000)", pid)
    await connection.close()


async def test_what_was_committed_stays_a_success_if_the_connection_dies_before_it_is_given_back(
    pool: Pool, database_url: str
) -> None:
    async with pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute("CREATE TABLE kept (n int)")
        with ThreadPoolExecutor() as elsewhere:  # while this thread waits, so that asyncpg has not noticed yet
            elsewhere.submit(asyncio.run, end(database_url, connection.get_server_pid())).result()

    another = await asyncpg.connect(database_url)
    assert 0 == await another.fetchval("SELECT count(*) FROM kept")
    await another.close()
    # The pool has heard of the end meanwhile, and asks on a new connection.
    assert 0 == await pool.fetchval("SELECT count(*) FROM kept")


async def test_a_dispatcher_that_cannot_go_on_says_so_instead_of_standing_still(
    pool: Pool, temporal: WorkflowEnvironment
) -> None:
    def broken() -> datetime:
        raise ArithmeticError

    dispatcher = Dispatcher(pool, temporal.client, task_queue="nobody", clock=broken)

    with pytest.raises(ArithmeticError):
        await asyncio.wait_for(dispatcher.run(asyncio.Event()), 10)
