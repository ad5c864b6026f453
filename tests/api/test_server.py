from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.server import listen, run, serve
from engine.errors import ConfigurationError
from runtime.settings import Settings
from storage.database import Pool
from tests.api.conftest import NOW, Inbox

Address = tuple[str, int]


async def exchange(address: Address, request: bytes) -> bytes:
    """Send bytes as they are, and return what comes back until the other side closes."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def put(path: str, *headers: str, body: bytes = b"{}") -> bytes:
    lines = [
        f"PUT {path} HTTP/1.1",
        "host: sojourn",
        "authorization: Bearer key",
        "connection: close",
        f"content-length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
def settings(database_url: str) -> Settings:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Settings(database_url=database_url, port=port, environment="development", database_pool_max=3)


@pytest.fixture
async def running(settings: Settings, workspace: int) -> AsyncIterator[tuple[asyncio.Event, asyncio.Task[None]]]:
    stop = asyncio.Event()
    process = asyncio.create_task(run(settings, clock=lambda: NOW, stop=stop))
    yield stop, process
    stop.set()
    await process


@pytest.mark.parametrize(
    ("segment", "identifier"),
    [("a%2Fb", "a/b"), ("x%2Fdevices", "x/devices"), ("..", ".."), ("p%203%2F%C3%A9%40x.test", "p 3/é@x.test")],
)
async def test_an_identifier_is_one_segment_on_the_wire_too(
    address: Address, inbox: Inbox, segment: str, identifier: str
) -> None:
    answer = await exchange(address, put(f"/api/v1/customers/{segment}"))

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert [("identify", {"who": {"id": identifier}, "attributes": {}})] == await inbox()


@pytest.mark.parametrize("segment", ["%", "a%zz", "%ff"])
async def test_broken_escapes_are_refused_on_the_wire_too(address: Address, segment: str) -> None:
    answer = await exchange(address, put(f"/api/v1/customers/{segment}"))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"place":"path"' in answer


async def test_bytes_that_are_no_path_are_refused(address: Address) -> None:
    answer = await exchange(address, "PUT /api/v1/customers/é HTTP/1.1\r\nhost: x\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_a_body_that_is_too_large_ends_the_connection_before_it_is_sent(address: Address) -> None:
    head = put("/api/v1/customers/p1", body=b"")
    head = head.replace(b"content-length: 0", b"content-length: 999999999").replace(b"connection: close\r\n", b"")

    answer = await exchange(address, head)

    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_the_process_serves_until_it_is_told_to_stop(
    settings: Settings, running: tuple[asyncio.Event, asyncio.Task[None]], inbox: Inbox
) -> None:
    stop, process = running
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", auth=("site", "key")) as client:
        response = await client.put("/api/v1/customers/p1", json={"plan": "pro"})
        assert 200 == response.status_code

    stop.set()
    await asyncio.wait_for(process, 10)

    assert [("identify", {"who": {"id": "p1"}, "attributes": {"plan": "pro"}})] == await inbox()
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", settings.port)


async def test_a_request_under_way_is_answered_and_kept_when_the_process_stops(
    settings: Settings, running: tuple[asyncio.Event, asyncio.Task[None]], pool: Pool, inbox: Inbox
) -> None:
    stop, process = running
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", auth=("site", "key")) as client:
        await client.get("/auth")
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE inbox IN EXCLUSIVE MODE")
            request = asyncio.create_task(client.put("/api/v1/customers/p1", json={}))
            while not await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                pass
            stop.set()
            while not await refuses(settings.port):
                pass
            assert not request.done()

        response = await request

    assert 200 == response.status_code
    await process
    assert 1 == len(await inbox())


async def refuses(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return True
    writer.close()
    await writer.wait_closed()
    return False


async def test_a_port_that_is_taken_is_named() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ConfigurationError, match=f"port {port}"):
            listen("127.0.0.1", port)


async def test_stopping_leaves_signals_to_the_process(app: FastAPI) -> None:
    before: list[Any] = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app, listen("127.0.0.1", 0), stop))
    await asyncio.sleep(0)

    during: list[Any] = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    stop.set()
    await serving

    assert before == during
