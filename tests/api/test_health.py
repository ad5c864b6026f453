from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import httpx
import pytest

from api.app import create_app
from api.inbox_writer import InboxWriter
from api.keyring import Keyring
from api.routes import health
from api.schemas.problem import Problem
from api.services import Services
from storage import inbox, outbox
from storage.database import Pool, open_pool
from tests.api.conftest import NOW, Inbox
from tests.api.faulty_line import FaultyLine


async def test_a_living_process_says_so_without_a_key(track: httpx.AsyncClient) -> None:
    response = await track.get("/health", auth=None)

    assert (200, {"status": "ok"}) == (response.status_code, response.json())


async def test_a_ready_process_says_how_much_waits(track: httpx.AsyncClient, pool: Pool) -> None:
    async with pool.acquire() as connection:
        past = NOW - timedelta(seconds=90)
        await inbox.append(connection, [inbox.Input(workspace_id=1, kind="event", payload={}, received_at=past)] * 2)
        await outbox.add(connection, [outbox.signal("w", "end")], now=NOW - timedelta(seconds=5))

    response = await track.get("/ready", auth=None)

    assert {
        "status": "ready",
        "inbox": {"waiting": 2, "oldest_seconds": 90.0},
        "outbox": {"waiting": 1, "oldest_seconds": 5.0},
    } == response.json()


async def test_a_database_of_another_release_is_not_ready(track: httpx.AsyncClient, pool: Pool) -> None:
    await pool.execute("INSERT INTO migrations VALUES ('9999_the_future.sql', '', $1)", NOW)

    response = await track.get("/ready", auth=None)

    assert 503 == response.status_code
    assert "9999_the_future.sql" in response.json()["message"]


async def test_an_empty_database_is_not_ready(track: httpx.AsyncClient, pool: Pool) -> None:
    await pool.execute("DROP TABLE migrations")

    response = await track.get("/ready", auth=None)

    assert 503 == response.status_code
    assert "0001_the_record.sql" in response.json()["message"]


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[FaultyLine]:
    async with FaultyLine(database_url) as line:
        yield line


@pytest.fixture
async def faulty(line: FaultyLine, workspace: int) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app whose line to the database can be cut."""
    pool = await open_pool(line.url, max_size=2)
    async with InboxWriter(pool) as writer:
        app = create_app(Services(pool=pool, clock=lambda: NOW, writer=writer, keyring=Keyring(pool)))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x", auth=("site", "key")) as client:
            yield client
    pool.terminate()


@pytest.mark.parametrize("path", ["/ready", "/auth"])
async def test_without_a_database_a_process_lives_and_says_that_it_cannot_work(
    line: FaultyLine, faulty: httpx.AsyncClient, path: str
) -> None:
    line.cut()

    alive, unable = await faulty.get("/health"), await faulty.get(path)
    line.mend()
    able = await faulty.get(path)

    assert [200, 503, 200] == [alive.status_code, unable.status_code, able.status_code]
    assert "1" == unable.headers["retry-after"]
    Problem.model_validate(unable.json())


async def test_without_a_database_a_process_does_not_tell_what_the_driver_says(
    track: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_: object) -> None:
        raise asyncpg.CannotConnectNowError('connection of "sojourn" at db.internal refused')

    monkeypatch.setattr(health, "pending", fail)

    response = await track.get("/ready", auth=None)

    assert 503 == response.status_code
    assert "db.internal" not in response.text
    assert "db.internal" in caplog.text


async def test_without_a_database_nothing_is_promised(
    line: FaultyLine, faulty: httpx.AsyncClient, inbox: Inbox
) -> None:
    before = await faulty.put("/api/v1/customers/before", json={})
    line.cut()
    during = await faulty.put("/api/v1/customers/during", json={})
    line.mend()
    after = await faulty.put("/api/v1/customers/after", json={})

    assert [200, 503, 200] == [before.status_code, during.status_code, after.status_code]
    assert "1" == during.headers["retry-after"]
    Problem.model_validate(during.json())
    assert ["before", "after"] == [payload["who"]["id"] for _, payload in await inbox()]
