"""A process that we start must never outlive us unnoticed: it would hold its port and write to our data folder.

Each child leads a process group of its own (so Ctrl-C in the terminal reaches only us, and we decide the order of
stopping) and is written down in a file while it lives. When we are killed, Linux asks it to stop (`tied.py`). Where no
system does that, or it does not listen, the next start of ours finds the file and ends whoever is left.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from runtime import tied

_LOOK: Final = 0.02  # seconds between two looks at a process that is ending
_SURVIVOR_GRACE: Final = 5.0  # seconds a survivor of a crash has before it is killed
_SAME_PROCESS: Final = 1.0  # seconds by which two readings of a start time may differ


class Child:
    """One child process: its output goes to `log`, its number to `record` while it runs; `ask` makes it stop."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        record: Path,
        environment: Mapping[str, str] | None = None,
        ask: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self._ask = ask
        self._command = list(command)
        self._record = record
        self._environment = dict(environment) if environment is not None else None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process number. Only of a child that was started."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """Exit code, negative for a signal; None while it runs and before it started."""
        return self._process.poll() if self._process is not None else None

    def start(self) -> None:
        """Start the process. Call it in a thread that stays: to the kernel, our end is the end of that thread."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._record.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-IS", tied.__file__, str(int(self._ask)), str(os.getpid()), *self._command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        self._record.write_text(f"{self.pid} {psutil.Process(self.pid).create_time()}", encoding="ascii")

    async def wait(self) -> int:
        """Return the exit code once the process has ended."""
        assert self._process is not None
        while (code := self._process.poll()) is None:  # noqa: ASYNC110 - nothing of ours happens when a process ends
            await asyncio.sleep(_LOOK)
        return code

    async def stop(self, *, grace: float = 10.0) -> None:
        """Ask the process to end; after `grace` seconds kill its whole group. Returns when it is gone."""
        if self.running:
            os.kill(self.pid, self._ask)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wait(), grace)
        self.kill()
        if self._process is not None:
            await self.wait()
        self._record.unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill the whole group at once, including what the process left behind when it ended."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def last_lines(self, count: int = 5) -> str:
        """Return the end of the log, for a message that says why the process ended."""
        with suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
        return ""


def end_survivor(record: Path) -> bool:
    """End the process written down in `record`, if it is still that very process. Returns whether there was one."""
    process = _recorded(record)
    if process is not None:
        family = [process, *process.children(recursive=True)]
        process.terminate()
        _gone(family)
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        _gone(family)
    record.unlink(missing_ok=True)
    return process is not None


def _gone(family: Sequence[psutil.Process]) -> None:
    """Return when all have ended, or after a grace. One that its new parent has not buried yet has ended, too."""
    deadline = time.monotonic() + _SURVIVOR_GRACE
    while time.monotonic() < deadline and any(map(_lives, family)):
        time.sleep(_LOOK)


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _recorded(record: Path) -> psutil.Process | None:
    try:
        number, began = record.read_text(encoding="ascii").split()
        process = psutil.Process(int(number))
        same = _lives(process) and abs(process.create_time() - float(began)) < _SAME_PROCESS
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process if same else None
