from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from api import inbox_writer
from api.errors import Unavailable
from api.inbox_writer import InboxWriter
from engine.errors import InputError
from storage.database import Pool, open_pool
from storage.inbox import Input
from tests.api.conftest import NOW
from tests.api.faulty_line import FaultyLine


def numbered(number: int, **more: str) -> Input:
    return Input(workspace_id=1, kind="event", payload={"number": number, **more}, received_at=NOW)


@asynccontextmanager
async def held_back(pool: Pool) -> AsyncIterator[None]:
    """Nobody can commit to the inbox inside this block."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE inbox IN EXCLUSIVE MODE")
        yield


async def until_a_commit_waits(pool: Pool) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'inbox'::regclass AND NOT granted"
    while not await pool.fetchval(waiting):
        pass


async def numbers(pool: Pool) -> list[int]:
    return [
        row["number"] for row in await pool.fetch("SELECT (payload ->> 'number')::int AS number FROM inbox ORDER BY id")
    ]


async def test_a_write_returns_only_after_the_commit(pool: Pool) -> None:
    async with InboxWriter(pool) as writer:
        async with held_back(pool):
            writing = asyncio.create_task(writer.write(numbered(1), 10))
            await until_a_commit_waits(pool)
            assert not writing.done()

        await writing

        assert [1] == await numbers(pool)


async def test_writes_that_gather_share_one_commit_and_keep_their_order(pool: Pool) -> None:
    async with InboxWriter(pool) as writer:
        async with held_back(pool):
            writing = [asyncio.create_task(writer.write(numbered(0), 10))]
            await until_a_commit_waits(pool)
            writing += [asyncio.create_task(writer.write(numbered(number), 10)) for number in range(1, 200)]

        await asyncio.gather(*writing)

    assert list(range(200)) == await numbers(pool)
    assert 2 == await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM inbox")


async def test_a_batch_is_bounded_in_number_and_weight(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_writer, "BATCH_INPUTS", 3)
    monkeypatch.setattr(inbox_writer, "BATCH_BYTES", 100)
    async with InboxWriter(pool) as writer:
        async with held_back(pool):
            writing = [asyncio.create_task(writer.write(numbered(0), 10))]
            await until_a_commit_waits(pool)
            sizes = [10, 10, 10, 10, 60, 60, 500, 10]
            writing += [asyncio.create_task(writer.write(numbered(n), size)) for n, size in enumerate(sizes, start=1)]

        await asyncio.gather(*writing)

    batches = await pool.fetch("SELECT count(*) AS n FROM inbox GROUP BY xmin::text ORDER BY min(id)")
    assert [1, 3, 2, 1, 1, 1] == [row["n"] for row in batches]


async def test_an_input_that_the_database_refuses_fails_alone(pool: Pool) -> None:
    async with InboxWriter(pool) as writer:
        async with held_back(pool):
            writing = [asyncio.create_task(writer.write(numbered(0), 10))]
            await until_a_commit_waits(pool)
            poisoned = numbered(2, text="\0")
            inputs = [numbered(1), poisoned, numbered(3)]
            writing += [asyncio.create_task(writer.write(item, 10)) for item in inputs]

        outcomes = await asyncio.gather(*writing, return_exceptions=True)
        await writer.write(numbered(4), 10)

    assert [type(None), type(None), InputError, type(None)] == [type(outcome) for outcome in outcomes]
    assert [0, 1, 3, 4] == await numbers(pool)


async def test_an_input_that_is_no_json_fails_alone(pool: Pool) -> None:
    async with InboxWriter(pool) as writer:
        with pytest.raises(InputError):
            await writer.write(Input(workspace_id=1, kind="event", payload={"n": 2**70}, received_at=NOW), 10)

        await writer.write(numbered(1), 10)

    assert [1] == await numbers(pool)


async def test_more_than_can_wait_is_told_to_come_back(pool: Pool) -> None:
    async with InboxWriter(pool, capacity=2) as writer:
        async with held_back(pool):
            writing = [asyncio.create_task(writer.write(numbered(0), 10))]
            await until_a_commit_waits(pool)
            writing += [asyncio.create_task(writer.write(numbered(number), 10)) for number in (1, 2)]
            await asyncio.sleep(0)

            with pytest.raises(Unavailable):
                await writer.write(numbered(3), 10)

        await asyncio.gather(*writing)

        await writer.write(numbered(4), 10)

    assert [0, 1, 2, 4] == await numbers(pool)


async def test_what_waits_is_bounded_in_weight_too(pool: Pool) -> None:
    async with InboxWriter(pool) as writer:
        with pytest.raises(Unavailable):
            await writer.write(numbered(1), inbox_writer.WAITING_BYTES + 1)


async def test_closing_writes_what_was_accepted_and_accepts_no_more(pool: Pool) -> None:
    async with InboxWriter(pool) as writer:
        writing = [asyncio.create_task(writer.write(numbered(number), 10)) for number in range(3)]
        await asyncio.sleep(0)

    await asyncio.gather(*writing)
    with pytest.raises(Unavailable):
        await writer.write(numbered(4), 10)
    assert [0, 1, 2] == await numbers(pool)


async def test_a_request_that_is_given_up_does_not_harm_the_others(pool: Pool) -> None:
    async with InboxWriter(pool) as writer:
        async with held_back(pool):
            given_up = asyncio.create_task(writer.write(numbered(0), 10))
            await until_a_commit_waits(pool)
            kept = asyncio.create_task(writer.write(numbered(1), 10))
            await asyncio.sleep(0)
            given_up.cancel()

        await kept

    assert [0, 1] == await numbers(pool)


async def test_a_database_that_went_away_is_told_and_its_return_is_found(database_url: str, pool: Pool) -> None:
    async with FaultyLine(database_url) as line:
        faulty = await open_pool(line.url, max_size=2)
        async with InboxWriter(faulty) as writer:
            await writer.write(numbered(1), 10)

            line.cut()
            for number in (2, 3):
                with pytest.raises(Unavailable):
                    await writer.write(numbered(number), 10)

            line.mend()
            await writer.write(numbered(4), 10)
        faulty.terminate()

    assert [1, 4] == await numbers(pool)


async def test_a_database_that_hangs_makes_nobody_wait_beyond_patience(database_url: str) -> None:
    async with FaultyLine(database_url) as line:
        faulty = await open_pool(line.url, max_size=2)
        async with InboxWriter(faulty, patience=0.2) as writer:
            await writer.write(numbered(1), 10)
            line.freeze()

            writing = [asyncio.create_task(writer.write(numbered(number), 10)) for number in range(2, 5)]
            outcomes = await asyncio.gather(*writing, return_exceptions=True)

            assert [Unavailable] * 3 == [type(outcome) for outcome in outcomes]
            line.thaw()
            await writer.write(numbered(5), 10)
        faulty.terminate()
