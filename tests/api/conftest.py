"""The app on a database of its own: called in the process, and on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.inbox_writer import InboxWriter
from api.keyring import Keyring
from api.server import listen, serve
from api.services import Services
from engine.tracked_links import TrackedLinks
from storage import keys
from storage.database import Pool

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

LINKS = TrackedLinks(b"a secret")

Inbox = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]


@pytest.fixture
async def workspace(pool: Pool) -> int:
    """A workspace that the Track key `key` of site `site` and the app key `app-key` open."""
    async with pool.acquire() as connection:
        workspace_id = await keys.open_workspace(connection, "tests", now=NOW)
        await keys.add(connection, workspace_id, "track", "key", site_id="site", now=NOW)
        await keys.add(connection, workspace_id, "app", "app-key", now=NOW)
    return workspace_id


@pytest.fixture
async def app(pool: Pool, workspace: int) -> AsyncIterator[FastAPI]:
    """The app, whose clock stands still at NOW."""
    async with InboxWriter(pool) as writer:
        yield create_app(Services(pool=pool, clock=lambda: NOW, writer=writer, keyring=Keyring(pool), links=LINKS))


@pytest.fixture
async def track(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the Track API with valid credentials."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sojourn", auth=("site", "key")) as client:
        yield client


@pytest.fixture
async def inbox(pool: Pool) -> Inbox:
    """Reads what is in the inbox, oldest first, as (kind, payload)."""

    async def read() -> list[tuple[str, dict[str, Any]]]:
        rows = await pool.fetch("SELECT kind, payload FROM inbox ORDER BY id")
        return [(row["kind"], row["payload"]) for row in rows]

    return read


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[tuple[str, int]]:
    """Host and port where the app is served over a real socket."""
    stop = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    host, port = listener.getsockname()
    serving = asyncio.create_task(serve(app, listener, stop))
    yield host, port
    stop.set()
    await serving


@pytest.fixture
async def manage(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of Sojourn's own API with a valid app key."""
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": "Bearer app-key"}
    async with httpx.AsyncClient(transport=transport, base_url="http://sojourn/sojourn/v1", headers=headers) as client:
        yield client
