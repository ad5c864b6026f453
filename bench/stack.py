"""The stack that is measured: the embedded one, files on disk, in a folder that is thrown away."""

from __future__ import annotations

import asyncio
import base64
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
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
from cli.folder import DataFolder
from cli.ports import Ports
from cli.progress import Progress
from cli.stack import DEVELOPMENT_SECRET, Stack
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

    async def campaign(self, key: str, document: Mapping[str, Any]) -> None:
        """Save and start a campaign."""
        path = f"/sojourn/v1/campaigns/{key}"
        (await self.manage.put(path, json=document)).raise_for_status()
        (await self.manage.post(f"{path}/start")).raise_for_status()

    async def identify(self, people: range, prefix: str = "b") -> None:
        """Make people `b0`… with an address each, and return when intake has applied them."""
        connections = [await Connection.open(self.port) for _ in range(16)]

        async def lane(connection: Connection, numbers: range) -> None:
            for number in numbers:
                await connection.send(identify(f"{prefix}{number}", {"email": address(f"{prefix}{number}")}))
            await connection.close()

        await asyncio.gather(*(lane(c, people[i::16]) for i, c in enumerate(connections)))
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


def event(person: str, name: str, data: Mapping[str, Any] | None = None) -> bytes:
    """Return an event call, ready for the wire."""
    body = orjson.dumps({"name": name, "data": data or {}})
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
