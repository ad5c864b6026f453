"""How a process ends: a signal stops it cleanly, a second one at once, and a stop that hangs is cut short."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.shutdown import unless

PROGRAM = """
import asyncio, sys
from runtime.leaving import leave
from runtime.shutdown import until_signalled

async def run(stop):
    print("running", flush=True)
    await stop.wait()
    print("stopping", flush=True)
    await asyncio.sleep({lasts})
    print("stopped", flush=True)

leave(asyncio.run(until_signalled(run, grace={grace}, forced=lambda: print("forced", flush=True))))
"""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """What a test has started; killed after it."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def start(processes: list[subprocess.Popen[str]], *, lasts: float, grace: float = 30) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM.format(lasts=lasts, grace=grace)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    processes.append(process)
    assert process.stdout is not None
    assert "running\n" == process.stdout.readline()
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_process_cleanly(processes: list[subprocess.Popen[str]], number: signal.Signals) -> None:
    process = start(processes, lasts=0)

    process.send_signal(number)
    output, _ = process.communicate(timeout=20)

    assert ("stopping\nstopped\n", 0) == (output, process.returncode)


def test_a_second_signal_ends_it_at_once(processes: list[subprocess.Popen[str]]) -> None:
    process = start(processes, lasts=60)
    process.send_signal(signal.SIGTERM)
    assert process.stdout is not None
    assert "stopping\n" == process.stdout.readline()

    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)

    assert (output, process.returncode) == ("forced\n", 128 + signal.SIGINT)


def test_a_stop_that_hangs_is_cut_short(processes: list[subprocess.Popen[str]]) -> None:
    process = start(processes, lasts=60, grace=0.1)

    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=20)

    assert ("stopping\nforced\n", 1) == (output, process.returncode)
    assert "stopping took longer than 0.1 seconds" in errors


async def test_work_that_ends_by_itself_is_done() -> None:
    async def work() -> str:
        return "ignored"

    assert await unless(asyncio.Event(), work())


async def test_work_that_fails_raises_what_it_raised() -> None:
    async def work() -> None:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        await unless(asyncio.Event(), work())


async def test_work_under_way_is_cancelled_and_waited_for_when_stopped() -> None:
    stop, seen = asyncio.Event(), []

    async def work() -> None:
        try:
            stop.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            seen.append("cleaned up")

    assert not await unless(stop, work())
    assert ["cleaned up"] == seen
