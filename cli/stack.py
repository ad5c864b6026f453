"""Everything that Sojourn needs, started on one machine in the right order, kept running, and stopped in order.

PostgreSQL, Temporal and our own processes are children; the mail catcher runs in here. Our processes are the very ones
of production (`sojourn api`, `intake`, `worker`), told everything by environment variables and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import asyncpg
import httpx

from cli import readiness
from cli.development_key import DEVELOPMENT_SECRET
from cli.folder import DataFolder
from cli.ports import ADDRESS, Ports
from cli.progress import Progress
from engine.errors import ConfigurationError
from runtime.caught_mail import CaughtMails
from runtime.child import Child, end_survivor
from runtime.clock import system_clock
from runtime.embedded import EmbeddedTemporal
from runtime.mail_catcher import MailCatcher
from runtime.postgres import EmbeddedPostgres
from runtime.settings import PREFIX, Settings, variable
from runtime.temporal import prepare
from storage import keys
from storage.migrations import migrate

WORKSPACE: Final = "default"

_OURS: Final = ("api", "intake", "worker")
_OF_ONE: Final = frozenset({variable("metrics_port"), variable("temporal_metrics_port")})
"""Ports that several processes would want at once."""
_OURS_GRACE: Final = 8.5  # seconds: a hand-over under way may take eight, and the servers end within one more
_PATIENCE: Final = 30.0  # seconds until the API must answer
_LOOK: Final = 0.1
_FIRST_PAUSE: Final = 0.5  # seconds before a part that died is started again; doubles while it keeps dying
_LONGEST_PAUSE: Final = 30.0
_STEADY: Final = 60.0  # seconds a part has to live for the next death to count as the first


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    child: Child
    start: Callable[[], Awaitable[None]]


@dataclass(kw_only=True)
class Stack:
    """The embedded stack in one data folder, which the caller has locked. `say` shows a line to a person.

    `SOJOURN_DATABASE_URL` and `SOJOURN_TEMPORAL_ADDRESS` replace the embedded server of that kind.
    """

    folder: DataFolder
    ports: Ports
    say: Callable[[str], None]
    _parts: list[_Part] = field(default_factory=list)
    _children: list[Child] = field(default_factory=list)

    has_begun: bool = False
    """Whether there may be something to stop."""

    def __post_init__(self) -> None:
        folder, ports = self.folder, self.ports
        self.database_url = os.environ.get(f"{PREFIX}DATABASE_URL", "")
        self.temporal_address = os.environ.get(f"{PREFIX}TEMPORAL_ADDRESS", "")
        self._postgres: EmbeddedPostgres | None = None
        if not self.database_url:
            self._postgres = EmbeddedPostgres(
                folder.postgres, port=ports.postgres_port, log=folder.log("postgres"), record=folder.record("postgres")
            )
            self.database_url = self._postgres.url
        self._temporal: EmbeddedTemporal | None = None
        if not self.temporal_address:
            self._temporal = EmbeddedTemporal(
                folder.temporal,
                port=ports.temporal_port,
                ui_port=ports.temporal_ui_port,
                log=folder.log("temporal"),
                record=folder.record("temporal"),
            )
            self.temporal_address = self._temporal.address
        self._mail = MailCatcher(
            folder=folder.mail, smtp_port=ports.mail_port, http_port=ports.mail_web_port, host=ADDRESS
        )

    @property
    def api_url(self) -> str:
        """Where our API answers."""
        return f"http://{ADDRESS}:{self.ports.port}"

    @property
    def mails(self) -> CaughtMails:
        """What the mail catcher has caught."""
        return self._mail.mails

    @property
    def mail_url(self) -> str:
        """Where the caught mail is shown."""
        return f"http://{ADDRESS}:{self.ports.mail_web_port}"

    def addresses(self) -> dict[str, str]:
        """What a person may open, by what it is."""
        found = {"API": self.api_url, "API docs": f"{self.api_url}/docs", "Caught mail": self.mail_url}
        if self._temporal:
            found["Temporal Web UI"] = f"http://{ADDRESS}:{self.ports.temporal_ui_port}"
        if self._postgres:
            found["PostgreSQL"] = self._postgres.tcp_url
        return found

    async def start(self, progress: Progress, *, reset: bool = False) -> None:
        """Start every part, from nothing with `reset`, and return when the API answers.

        Raises ConfigurationError when a part cannot start.
        """
        await asyncio.gather(*(asyncio.to_thread(end_survivor, record) for record in self.folder.records()))
        self.check_ports()
        self.has_begun = True
        if reset:
            self.folder.reset()
        await self._start_servers(progress)
        with progress.part("record and namespace prepared"):
            await self._prepare()
        told = self._told()
        self.folder.environment.parent.mkdir(exist_ok=True)
        self.folder.environment.write_text(json.dumps(told), encoding="utf-8")
        self._children = [self._child(name, dict(os.environ) | told) for name in _OURS]
        for child in self._children:
            child.start()
            self._parts.append(_Part(child=child, start=_plain(child)))
        with progress.part("API, intake and worker"):
            await self._answers()

    def check_ports(self) -> None:
        """Raise ConfigurationError if one of those that it needs is taken."""
        self.ports.check(unused=self._unused())

    async def keep(self) -> None:
        """Start again whatever ends, for as long as this is awaited."""
        async with asyncio.TaskGroup() as group:
            for part in self._parts:
                group.create_task(self._keep(part))

    def kill(self) -> None:
        """End every child at once, when there is no time left to stop."""
        for child in (*self._children, *(part.child for part in self._parts)):
            child.kill()

    async def stop(self) -> None:
        """Stop every part that was started: our processes first, then what they stand on."""
        self.folder.environment.unlink(missing_ok=True)
        await asyncio.gather(*(child.stop(grace=_OURS_GRACE) for child in self._children))
        await asyncio.gather(*(server.stop() for server in (self._temporal, self._postgres, self._mail) if server))

    def _unused(self) -> set[str]:
        """The ports of servers that are not ours to start."""
        return ({"postgres_port"} if self._postgres is None else set()) | (
            {"temporal_port", "temporal_ui_port"} if self._temporal is None else set()
        )

    async def _start_servers(self, progress: Progress) -> None:
        servers = [("PostgreSQL", self._postgres), ("Temporal", self._temporal)]
        starts = [("mail catcher", self._mail.start)]
        for name, server in servers:
            if server is not None:
                starts.append((name, server.start))
                self._parts.append(_Part(child=server.child, start=server.start))
        try:
            async with asyncio.TaskGroup() as group:
                for name, start in starts:
                    group.create_task(_started(progress, name, start))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _prepare(self) -> None:
        connection = await asyncpg.connect(self.database_url)
        try:
            now = system_clock()
            await migrate(connection, now=now)
            async with connection.transaction():
                workspace = await keys.open_workspace(connection, WORKSPACE, now=now)
                secret = DEVELOPMENT_SECRET
                await keys.add(connection, workspace, "track", secret, site_id=secret, is_development=True, now=now)
                await keys.add(connection, workspace, "app", secret, is_development=True, now=now)
        finally:
            await connection.close()
        await prepare(
            await readiness.temporal(Settings(database_url=self.database_url, temporal_address=self.temporal_address))
        )

    def _child(self, name: str, environment: Mapping[str, str]) -> Child:
        command = [sys.executable, "-m", "cli.main", name]
        log, record = self.folder.log(name), self.folder.record(name)
        return Child(name, command, log=log, record=record, environment=environment)

    def _told(self) -> dict[str, str]:
        """The variables our processes get. What the person has set stands, except for what this stack decides."""
        defaults = {
            "SMTP_HOST": ADDRESS,
            "SMTP_PORT": str(self.ports.mail_port),
            "SMTP_TLS": "none",
            "PUBLIC_URL": self.api_url,
            "EMAIL_FROM": "Sojourn <hello@sojourn.example>",
            "LOG_FORMAT": "text",
        }
        decided = {
            "ENVIRONMENT": "development",
            "DATABASE_URL": self.database_url,
            "TEMPORAL_ADDRESS": self.temporal_address,
            "HOST": ADDRESS,
            "PORT": str(self.ports.port),
        }
        own = {name: value for name, value in os.environ.items() if name.startswith(PREFIX) and name not in _OF_ONE}
        return (
            {variable(name): value for name, value in defaults.items()}
            | own
            | {variable(name): value for name, value in decided.items()}
        )

    async def _answers(self) -> None:
        async with httpx.AsyncClient(base_url=self.api_url, timeout=5.0) as client:
            for _ in range(int(_PATIENCE / _LOOK)):
                for child in self._children:
                    if not child.running:
                        raise ConfigurationError(f"`sojourn {child.name}` did not start:\n{child.last_lines()}")
                try:
                    if (await client.get("/ready")).is_success:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(_LOOK)
        raise ConfigurationError(f"The API did not answer within {_PATIENCE:.0f} s; see {self.folder.log('api')}.")

    async def _keep(self, part: _Part) -> None:
        pause = _FIRST_PAUSE
        while True:
            began = time.monotonic()
            code = await part.child.wait()
            if time.monotonic() - began > _STEADY:
                pause = _FIRST_PAUSE
            name, log = part.child.name, part.child.log
            self.say(f"{name} ended unexpectedly (exit code {code}); it starts again in {pause:g} s. Its log: {log}")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            try:
                await part.start()
            except ConfigurationError as error:
                self.say(str(error))


def _plain(child: Child) -> Callable[[], Awaitable[None]]:
    async def start() -> None:
        child.start()

    return start


async def _started(progress: Progress, name: str, start: Callable[[], Awaitable[None]]) -> None:
    with progress.part(name):
        await start()
