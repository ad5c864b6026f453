"""The stack that is measured: the embedded one, files on disk, in a folder that is thrown away."""

from __future__ import annotations

import asyncio
import base64
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
from rich.console import Console
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from bench.load import Connection, Request
from cli.development_key import DEVELOPMENT_SECRET
from cli.folder import DataFolder
from cli.ports import Ports
from cli.progress import Progress
from cli.stack import Stack
from runtime.caught_mail import CaughtMails

TRACK = "Basic " + base64.b64encode(f"{DEVELOPMENT_SECRET}:{DEVELOPMENT_SECRET}".encode()).decode()
_PORTS = Ports(
    port=18000, temporal_port=17233, temporal_ui_port=18233, mail_port=11025, mail_web_port=18025, postgres_port=15432
)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A running stack and what a measurement needs of it."""

    port: int
    mails: CaughtMails
    database: asyncpg.Connection[asyncpg.Record]
    temporal: Client
    manage: httpx.AsyncClient

    async def campaign(self, key: str, document: Mapping[str, Any], start: Mapping[str, Any] | None = None) -> None:
        """Save and start a campaign; `start` is how, if not for the future."""
        path = f"/sojourn/v1/campaigns/{key}"
        (await self.manage.put(path, json=document)).raise_for_status()
        (await self.manage.post(f"{path}/start", json=start)).raise_for_status()

    async def segment(self, key: str, condition: Any, patience: float = 600.0) -> None:
        """Save a segment and return when it is built. Raises TimeoutError after `patience` seconds."""
        document = {"name": key, "condition": condition}
        (await self.manage.put(f"/sojourn/v1/segments/{key}", json=document)).raise_for_status()
        async with asyncio.timeout(patience):
            while await self.database.fetchval("SELECT state FROM segments WHERE key = $1", key) != "ready":
                await asyncio.sleep(0.1)

    async def identify(self, people: range, prefix: str = "b") -> None:
        """Make people `b0`… with an address each, and return when intake has applied them."""
        names = [f"{prefix}{number}" for number in people]
        await self.send([identify(name, {"email": address(name)}) for name in names])

    async def send(self, requests: Sequence[bytes]) -> None:
        """Send requests as they come, in no order, and return when intake has applied them."""
        connections = [await Connection.open(self.port) for _ in range(16)]

        async def lane(connection: Connection, some: Sequence[bytes]) -> None:
            for request in some:
                await connection.send(request)
            await connection.close()

        await asyncio.gather(*(lane(c, requests[i::16]) for i, c in enumerate(connections)))
        await self.drained()

    async def drained(self, patience: float = 120.0) -> None:
        """Return when nothing waits in the inbox or the outbox. Raises TimeoutError after `patience` seconds."""
        async with asyncio.timeout(patience):
            while await self.database.fetchval("SELECT EXISTS (SELECT 1 FROM inbox) OR EXISTS (SELECT 1 FROM outbox)"):
                await asyncio.sleep(0.05)

    def received(self) -> dict[str, list[float]]:
        """Return the instants (time.time) at which each address got its mails, oldest first."""
        found: dict[str, list[float]] = {}
        for mail in self.mails.find():
            for recipient in mail.recipients:
                found.setdefault(recipient, []).insert(0, mail.received_at)
        return found

    async def arrived_at(self, addresses: Sequence[str], patience: float = 120.0) -> dict[str, list[float]]:
        """Return what `received` does, when each of these has a mail. Raises TimeoutError after `patience` seconds."""
        async with asyncio.timeout(patience):
            while not (found := self.received()).keys() >= set(addresses):
                await asyncio.sleep(0.5)  # looking through the mails takes time from those that still come in
        return found

    async def arrived(self, mails: int, patience: float = 120.0) -> None:
        """Return when that many mails have been caught in all. Raises TimeoutError after `patience` seconds."""
        async with asyncio.timeout(patience):
            while self.mails.received < mails:
                await asyncio.sleep(0.05)


def address(person: str) -> str:
    """Return the address of a made-up person."""
    return f"{person}@bench.example"


def identify(person: str, attributes: Mapping[str, Any]) -> bytes:
    """Return an identify call, ready for the wire."""
    path = f"/api/v1/customers/{person}"
    return Request(method="PUT", path=path, authorization=TRACK, body=orjson.dumps(attributes)).encode()


def event(person: str, name: str, data: Mapping[str, Any] | None = None, at: float | None = None) -> bytes:
    """Return an event call, ready for the wire. `at` is when it happened, in Unix seconds; None is now."""
    body = orjson.dumps({"name": name, "data": data or {}} | ({} if at is None else {"timestamp": at}))
    path = f"/api/v1/customers/{person}/events"
    return Request(method="POST", path=path, authorization=TRACK, body=body).encode()


@asynccontextmanager
async def measured_stack() -> AsyncIterator[Measured]:
    """Start a fresh stack, and throw it away at the end."""
    root = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    console = Console(stderr=True)
    stack = Stack(folder=DataFolder(root), ports=_PORTS, say=console.print)
    try:
        with Progress(console) as progress:
            await stack.start(progress)
        database = await asyncpg.connect(stack.database_url)
        temporal = await Client.connect(stack.temporal_address, data_converter=pydantic_data_converter)
        headers = {"Authorization": f"Bearer {DEVELOPMENT_SECRET}"}
        async with httpx.AsyncClient(base_url=stack.api_url, headers=headers, timeout=30) as manage:
            yield Measured(port=_PORTS.port, mails=stack.mails, database=database, temporal=temporal, manage=manage)
        await database.close()
    finally:
        await stack.stop()
        shutil.rmtree(root, ignore_errors=True)
