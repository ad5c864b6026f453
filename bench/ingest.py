"""How many single calls a second are answered 200 after their commit, beside the same app doing nothing."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from itertools import cycle
from pathlib import Path

import asyncpg

from bench.figures import Figure
from bench.load import Connection, Request, saturate
from bench.stack import TRACK, event, identify
from runtime.child import Child
from runtime.clock import system_clock
from runtime.postgres import EmbeddedPostgres
from storage import keys
from storage.migrations import migrate

_PORT = 18100
_CONNECTIONS = 64
_PEOPLE = 5000


async def ingest(*, seconds: float) -> list[Figure]:
    """Measure the API alone (nobody takes from the inbox), one process, on a PostgreSQL that waits for the disk."""
    root = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    postgres = EmbeddedPostgres(root / "postgres")
    try:
        async with postgres:
            await _prepare(postgres.url)
            command = [sys.executable, "-m", "bench.ingest_server", postgres.url, str(_PORT)]
            server = Child("bench api", command, log=root / "api.log", record=root / "api.pid")
            server.start()
            try:
                await _answers()
                return await _measure(seconds)
            finally:
                await server.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


async def _measure(seconds: float) -> list[Figure]:
    noop = Request(method="POST", path="/noop", authorization=TRACK, body=b'{"name": "purchase"}').encode()
    calls = {
        "event": [event(f"p{n}", "purchase", {"price": 23.45, "sku": f"A{n}"}) for n in range(_PEOPLE)],
        "identify": [
            identify(f"p{n}", {"email": f"p{n}@bench.example", "plan": "pro", "n": n}) for n in range(_PEOPLE)
        ],
    }
    await saturate(_PORT, lambda: noop, seconds=2, connections=_CONNECTIONS)
    figures = []
    for name, prepared in calls.items():
        limit = await saturate(_PORT, lambda: noop, seconds=seconds, connections=_CONNECTIONS)
        value = await saturate(_PORT, cycle(prepared).__next__, seconds=seconds, connections=_CONNECTIONS)
        figures.append(
            Figure(
                name=f"ingest, single {name} calls, durable 200s",
                value=value,
                unit="1/s",
                limit=limit,
                limit_is="authenticated no-op route of the same app",
                goal=0.6,
                better="higher",
            )
        )
    return figures


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    now = system_clock()
    await migrate(connection, now=now)
    workspace = await keys.open_workspace(connection, "bench", now=now)
    await keys.add(connection, workspace, "track", "dev", site_id="dev", is_development=True, now=now)
    await connection.close()


async def _answers() -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await (await Connection.open(_PORT)).close()
            except OSError:
                await asyncio.sleep(0.05)
            else:
                return
