"""A real Temporal without a cluster: the official CLI's dev server with a file, run and watched as our child.

It is for one machine. One SQLite file takes every write, so it does some tens of journeys a second where a cluster does
thousands; the options below are those that were measured to matter.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Final, Self

from temporalio.client import Client
from temporalio.service import RPCError

from engine.errors import ConfigurationError
from runtime.child import Child, end_survivor

NAMESPACE: Final = "default"

_PATIENCE: Final = 30.0  # seconds
_LOOK: Final = 0.05

_PRAGMAS: Final = ("journal_mode=wal", "synchronous=normal")  # twice the throughput of the defaults

_DYNAMIC_CONFIGURATION: Final = (
    # One queue partition is enough for one worker, and a poll never waits at an empty one: p99 0.9 s -> 0.4 s.
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    # Timers under a second end on time, not up to a second late.
    'history.timerProcessorMaxTimeShift="1ms"',
    # A test may move a journey's clock.
    "frontend.WorkflowTimeSkippingEnabled=true",
)


class EmbeddedTemporal:
    """One Temporal dev server under `folder`, on 127.0.0.1. Its Web UI is on `ui_port`; None starts none."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int,
        ui_port: int | None = None,
        log: Path | None = None,
        record: Path | None = None,
    ) -> None:
        self._folder = folder.absolute()
        self._record = record or self._folder / "pid"
        self.address = f"127.0.0.1:{port}"
        command = [_program(), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port)]
        command += ["--ui-port", str(ui_port)] if ui_port else ["--headless"]
        command += ["--db-filename", str(self._folder / "temporal.db"), "--log-level", "warn"]
        command += [word for pragma in _PRAGMAS for word in ("--sqlite-pragma", pragma)]
        command += [word for value in _DYNAMIC_CONFIGURATION for word in ("--dynamic-config-value", value)]
        self.child = Child("temporal", command, log=log or self._folder / "log", record=self._record)

    async def start(self) -> None:
        """Start the server and return when its namespace answers.

        Raises ConfigurationError with the end of the server's log when it does not start.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(end_survivor, self._record)
        self.child.start()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._ready()
        except TimeoutError:
            await self.stop()
            raise ConfigurationError(
                f"Temporal did not answer within {_PATIENCE:.0f} s; see {self.child.log}."
            ) from None

    async def stop(self) -> None:
        """Stop the server. Returns when it is gone; what it knows is in the file."""
        await self.child.stop(grace=5.0)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _ready(self) -> None:
        while True:
            if not self.child.running:
                raise ConfigurationError(f"Temporal did not start:\n{self.child.last_lines()}")
            try:
                client = await Client.connect(self.address, namespace=NAMESPACE)
                await client.count_workflows()
            except (RuntimeError, RPCError):
                await asyncio.sleep(_LOOK)
            else:
                return


def _program() -> str:
    """The CLI lies beside our interpreter when it came with our packages, else anywhere on PATH."""
    beside = Path(sys.executable).with_name("temporal")
    program = str(beside) if beside.exists() else shutil.which("temporal")
    if program is None:
        raise ConfigurationError("There is no `temporal` program; install the packages of requirements.lock.")
    return program
