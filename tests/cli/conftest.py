"""Commands as a person types them: processes of their own, started in an empty folder with nothing set."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from cli.ports import Ports, free_ports

ROOT = Path(__file__).parents[2]


class Command:
    """One `sojourn …` under way. What it prints goes to a file."""

    def __init__(self, words: tuple[str, ...], folder: Path, environment: dict[str, str]) -> None:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("SOJOURN_", "TEMPORAL_"))
        }
        self._output = folder / f"output-{time.monotonic_ns()}"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", *words],
                cwd=folder,
                env=inherited | {"PYTHONPATH": str(ROOT)} | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._output.read_text(encoding="utf-8")

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def family(self) -> list[psutil.Process]:
        """The process and everything it has started."""
        process = psutil.Process(self._process.pid)
        return [process, *process.children(recursive=True)]

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ends(self, within: float = 30.0) -> int:
        """Its exit code."""
        async with asyncio.timeout(within):
            while self.running:
                await asyncio.sleep(0.02)
        return self._process.wait()

    async def says(self, text: str, within: float = 45.0) -> None:
        """Return once it has printed this."""
        async with asyncio.timeout(within):
            while text not in self.said:
                assert self.running, self.said
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        if self.running:
            for process in self.family():
                process.kill()
        self._process.wait()


Sojourn = Callable[..., Command]


@pytest.fixture
def sojourn(tmp_path: Path) -> Iterator[Sojourn]:
    """Starts `sojourn` with these words and variables, in an empty folder; kills what a test leaves behind."""
    started: list[Command] = []

    def start(*words: str, **environment: str) -> Command:
        started.append(Command(words, tmp_path, environment))
        return started[-1]

    yield start
    for command in started:
        command.kill()


@pytest.fixture
def ports() -> Ports:
    """Ports that nobody uses."""
    return Ports(**dict(zip(asdict(Ports()), free_ports(6), strict=True)))


def flags(ports: Ports) -> list[str]:
    """The flags that choose these ports."""
    return [word for name, port in asdict(ports).items() for word in (f"--{name.replace('_', '-')}", str(port))]
