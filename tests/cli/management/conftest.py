"""Management commands against a real API on a real socket, with a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.inbox_writer import InboxWriter
from api.keyring import Keyring
from api.server import listen, serve
from api.services import Services
from cli.commands import app
from storage import keys
from storage.database import Pool

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Typed:
    """What became of a command."""

    code: int
    out: str
    err: str


Ask = Callable[..., Awaitable[Typed]]


def typed(*words: str) -> Typed:
    """Type `sojourn …` in this process."""
    result = CliRunner().invoke(app, list(words))
    error = result.exception
    said = f"{result.stderr}{error if error and not isinstance(error, SystemExit) else ''}"
    return Typed(code=result.exit_code, out=result.stdout, err=said)


@pytest.fixture(autouse=True)
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain terminal of 80 columns in an empty folder, and no variables of the machine."""
    for name in ("SOJOURN_API_URL", "SOJOURN_APP_KEY", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def workspace(pool: Pool) -> int:
    """A workspace that the app key `dev` opens."""
    async with pool.acquire() as connection:
        workspace_id = await keys.open_workspace(connection, "tests", now=NOW)
        await keys.add(connection, workspace_id, "app", "dev", is_development=True, now=NOW)
    return workspace_id


@pytest.fixture
async def ask(pool: Pool, workspace: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ask]:
    """Types a command and returns what became of it; the API's clock stands still at NOW."""
    stop = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    host, port = listener.getsockname()
    monkeypatch.setenv("SOJOURN_API_URL", f"http://{host}:{port}")
    async with InboxWriter(pool) as writer:
        services = Services(pool=pool, clock=lambda: NOW, writer=writer, keyring=Keyring(pool))
        serving = asyncio.create_task(serve(create_app(services), listener, stop))
        yield lambda *words: asyncio.to_thread(typed, *words)
        stop.set()
        await serving
