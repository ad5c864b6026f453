"""The whole stack as `sojourn dev` runs it, files on disk and the disk waited for, with a grip on every process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
import pytest
from rich.console import Console
from temporalio.client import Client
from temporalio.service import RPCError

from cli.development_key import DEVELOPMENT_SECRET
from cli.folder import DataFolder
from cli.ports import Ports, free_ports
from cli.progress import Progress
from cli.stack import Stack
from runtime.caught_mail import CaughtMail
from runtime.child import Child
from runtime.settings import PREFIX, variable
from tests.faults.mail_line import MailLine
from tests.faults.waiting import until

SETTLES_WITHIN = 90.0
"""Seconds. A worker that died is missed for ten of them, and a mail that was not taken is tried again in between."""

_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, RuntimeError, RPCError, httpx.TransportError)

_LEFT = """
SELECT (SELECT count(*) FROM inbox) AS "inputs to apply",
       (SELECT count(*) FROM outbox) AS "things to tell Temporal",
       (SELECT count(*) FROM journeys WHERE state NOT IN ('finished', 'exited')) AS "open journeys",
       (SELECT count(*) FROM deliveries WHERE state IN ('handing_over', 'attempted')) AS "messages under way",
       (SELECT count(*) FROM segments WHERE state = 'building') AS "segments to build",
       (SELECT count(*) FROM campaigns WHERE state = 'starting') AS "campaigns that are starting",
       (SELECT count(*) FROM campaigns WHERE dates_cursor IS NOT NULL) AS "campaigns with dates to compute"
"""


class RunningStack:
    """A stack that starts again whatever ends. `line` leads from its worker to its mail catcher."""

    def __init__(self, stack: Stack, line: MailLine, manage: httpx.AsyncClient) -> None:
        self.line = line
        self.manage = manage
        """Client of Sojourn's own API."""
        self.port = stack.ports.port
        self.folder = stack.folder
        self._stack = stack
        self._left: dict[str, int] = {}

    def part(self, name: str) -> Child:
        """Return a process: `postgres`, `temporal`, `api`, `intake` or `worker`."""
        return next(part.child for part in self._stack._parts if part.child.name == name)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to that one process."""
        os.kill(self.part(name).pid, number)

    async def kill(self, name: str) -> None:
        """Kill a process as `kill -9` does, and return when it has been started again."""
        pid = self.part(name).pid
        self.signal(name, signal.SIGKILL)

        async def is_another() -> bool:
            return self.part(name).pid != pid

        # One that dies again and again is started again after 30 seconds at the latest.
        await until(is_another, within=45, what=f"{name} is started again")

    @asynccontextmanager
    async def another(self, name: str, **settings: str) -> AsyncIterator[None]:
        """Run one more process of a kind beside the first, told the same but for `settings`."""
        told = json.loads(self.folder.environment.read_text(encoding="utf-8"))
        told |= {variable(setting): value for setting, value in settings.items()}
        also = Child(
            name,
            [sys.executable, "-m", "cli.main", name],
            log=self.folder.log(f"another-{name}"),
            record=self.folder.record(f"another-{name}"),
            environment=os.environ | told,
        )
        also.start()
        try:
            await started(also)
            yield
        finally:
            await also.stop()

    async def start_campaign(self, key: str, **document: Any) -> None:
        """Save and start a campaign that an event of its key's name enters."""
        document = {"name": key, "trigger": {"event": key}, "workflow": [email("hello")], **document}
        for answer in (
            await self.manage.put(f"campaigns/{key}", json=document),
            await self.manage.post(f"campaigns/{key}/start"),
        ):
            assert answer.is_success, answer.text

    async def query(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """Ask the record itself, which must be there."""
        connection = await asyncpg.connect(self._stack.database_url)
        try:
            return list(await connection.fetch(sql, *arguments))
        finally:
            await connection.close()

    async def all(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Return all items of a list of Sojourn's own API."""
        items: list[dict[str, Any]] = []
        cursor: Mapping[str, str] = {}
        while True:
            response = await self.manage.get(path, params={"limit": "200", **query, **cursor})
            page = response.raise_for_status().json()
            items += page["items"]
            if page["next"] is None:
                return items
            cursor = {"cursor": page["next"]}

    async def person(self, identifier: str) -> dict[str, Any] | None:
        """Return what is known of a person; None if there is none."""
        answer = await self.manage.get(f"people/{quote(identifier, safe='')}")
        assert answer.status_code in (200, 404), answer.text
        return answer.json() if answer.is_success else None

    async def unknown(self, campaign: str) -> list[dict[str, Any]]:
        """Return what an operator finds to settle, of one campaign."""
        found = await self.all("deliveries", state="unknown")
        return [delivery for delivery in found if delivery["campaign"]["key"] == campaign]

    async def delivery(self, person: str) -> dict[str, Any] | None:
        """Return the only delivery for a person; None if there is none yet."""
        response = await self.manage.get(f"people/{person}/deliveries")
        found = response.json()["items"] if response.is_success else []
        assert len(found) < 2
        return found[0] if found else None

    async def delivered(self, person: str, state: str, *, within: float = 30.0) -> dict[str, Any]:
        """Return the only delivery for a person once it is in a state."""
        seen: dict[str, Any] = {}

        async def is_so() -> bool:
            seen.clear()
            seen.update(await self.delivery(person) or {})
            return seen.get("state") == state

        await until(is_so, within=within, what=lambda: f"the delivery is {state}: {seen}")
        return seen

    async def ask(self, delivery: Mapping[str, Any], action: str) -> None:
        """Ask for a settlement, and do not wait for it."""
        answer = await self.manage.post(f"deliveries/{delivery['id']}/settle", json={"action": action})
        assert answer.is_success, answer.text

    async def settle(self, delivery: Mapping[str, Any], action: str) -> None:
        """Do what an operator does with an unknown outcome, `resend` or `drop`, and see that it comes to that."""
        await self.ask(delivery, action)
        await self.delivered(delivery["person"]["id"], {"resend": "sent", "drop": "undeliverable"}[action])

    def caught(self, domain: str) -> list[CaughtMail]:
        """Return the mails caught for addresses of a domain."""
        return [mail for mail in self._stack.mails.find() if mail.recipients[0].endswith(f"@{domain}")]

    async def settled(self) -> float:
        """Return when nothing is left to do, neither in the record nor in Temporal; after how many seconds."""
        return await until(self._is_settled, within=SETTLES_WITHIN, what=lambda: f"nothing is left of {self._left}")

    async def beaten_for(self, workflow_id: str) -> float:
        """Return how many seconds the activity of a workflow had been running when it last told Temporal so."""
        client = await Client.connect(self._stack.temporal_address)
        described = await client.get_workflow_handle(workflow_id).describe()
        [activity] = described.raw_description.pending_activities
        begun, beaten = activity.last_started_time, activity.last_heartbeat_time
        return (beaten.ToDatetime() - begun.ToDatetime()).total_seconds()

    async def _is_settled(self) -> bool:
        try:
            connection = await asyncpg.connect(self._stack.database_url)
            try:
                row = await connection.fetchrow(_LEFT)
            finally:
                await connection.close()
            client = await Client.connect(self._stack.temporal_address)
            running = await client.count_workflows("ExecutionStatus = 'Running' AND WorkflowType = 'Journey'")
            ready = await self.manage.get(f"{self._stack.api_url}/ready")
        except _AWAY:
            return False
        assert row is not None
        self._left = dict(row) | {"running workflows": running.count, "an API that is not ready": ready.is_error}
        return not any(self._left.values())


def email(block: str) -> dict[str, Any]:
    """Return an email block for a campaign's workflow."""
    return {"email": {"id": block, "subject": block, "body": "<p>Hello {{customer.id}}</p>"}}


async def started(process: Child) -> None:
    """Return when a process of ours has found that it can work; if it ends, the test fails and shows why."""

    async def is_so() -> bool:
        assert process.running, process.last_lines()
        return "process=" in process.last_lines()

    await until(is_so, within=30, what=f"{process.name} has started")


@asynccontextmanager
async def running_stack(root: Path) -> AsyncIterator[RunningStack]:
    """Start a stack in a folder of its own, on free ports, and stop it at the end."""
    names = ("port", "temporal_port", "temporal_ui_port", "mail_port", "mail_web_port", "postgres_port")
    ports = Ports(**dict(zip(names, free_ports(len(names)), strict=True)))
    headers = {"Authorization": f"Bearer {DEVELOPMENT_SECRET}"}
    with pytest.MonkeyPatch.context() as environment:
        for variable in [name for name in os.environ if name.startswith((PREFIX, "TEMPORAL_"))]:
            environment.delenv(variable)
        async with (
            MailLine(ports.mail_port) as line,
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{ports.port}/sojourn/v1/", headers=headers, timeout=10
            ) as manage,
        ):
            environment.setenv(f"{PREFIX}SMTP_PORT", str(line.port))
            stack = Stack(folder=DataFolder(root), ports=ports, say=lambda said: None)
            try:
                with Progress(Console(quiet=True)) as progress:
                    await stack.start(progress)
                running = RunningStack(stack, line, manage)
                for name in ("api", "intake", "worker"):
                    await started(running.part(name))
                async with _kept(stack):
                    yield running
            finally:
                await stack.stop()


@asynccontextmanager
async def _kept(stack: Stack) -> AsyncIterator[None]:
    keeping = asyncio.create_task(stack.keep())
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
