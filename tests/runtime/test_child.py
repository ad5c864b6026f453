"""Processes that we start: stopped when we stop, and found again when we did not get to stop them."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from runtime.child import Child, end_survivor

SLEEP = "import time; print('up', flush=True); time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""
OWNER = """
import sys, time
from pathlib import Path
from runtime.child import Child
folder = Path({folder!r})
child = Child("child", [sys.executable, "-c", {child!r}], log=folder / "log", record=folder / "pid")
child.start()
while not child.last_lines():
    time.sleep(0.01)
print(child.pid, flush=True)
time.sleep(60)
"""
ROOT = Path(__file__).parents[2]


class Started:
    """Starts children that a test leaves behind, and kills them after it."""

    def __init__(self, folder: Path) -> None:
        self.record = folder / "child.pid"
        self._folder = folder
        self._children: list[Child] = []

    async def __call__(self, code: str) -> Child:
        child = Child("child", [sys.executable, "-c", code], log=self._folder / "log", record=self.record)
        child.start()
        self._children.append(child)
        while not child.last_lines() and child.running:
            await asyncio.sleep(0.01)
        return child

    async def stop(self) -> None:
        for child in self._children:
            await child.stop(grace=0)


@pytest.fixture
async def started(tmp_path: Path) -> AsyncIterator[Started]:
    started = Started(tmp_path)
    yield started
    await started.stop()


async def test_a_child_is_asked_to_end_and_does(started: Started) -> None:
    child = await started(SLEEP)

    await child.stop()

    assert -signal.SIGTERM == child.code
    assert not started.record.exists()


async def test_a_child_that_does_not_listen_is_killed_after_its_grace(started: Started) -> None:
    child = await started(DEAF)

    await child.stop(grace=0.1)

    assert -signal.SIGKILL == child.code


async def test_what_a_child_has_started_itself_ends_with_it(started: Started) -> None:
    child = await started(PARENT)
    grandchild = psutil.Process(int(child.last_lines()))

    await child.stop()

    grandchild.wait(5)
    assert not grandchild.is_running()


async def test_the_end_of_the_log_says_why_a_child_died(started: Started) -> None:
    child = await started("raise SystemExit('the disk is full')")

    assert 1 == await child.wait()
    assert "the disk is full" == child.last_lines()


async def test_a_child_that_outlived_us_is_ended_at_the_next_start(started: Started) -> None:
    child = await started(SLEEP)

    assert await asyncio.to_thread(end_survivor, started.record)
    assert not child.running
    assert not started.record.exists()


async def test_a_process_that_only_got_the_same_number_is_left_alone(started: Started) -> None:
    child = await started(SLEEP)
    started.record.write_text(f"{child.pid} {psutil.Process(child.pid).create_time() - 3600}")

    assert not await asyncio.to_thread(end_survivor, started.record)
    assert child.running


@pytest.mark.parametrize("content", ["", "rubbish", "1", "999999999 1.0"])
def test_a_record_that_tells_nothing_is_forgotten(tmp_path: Path, content: str) -> None:
    record = tmp_path / "child.pid"
    record.write_text(content)

    assert not end_survivor(record)
    assert not record.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_child_of_a_parent_that_was_killed_ends(tmp_path: Path, number: signal.Signals) -> None:
    program = OWNER.format(folder=str(tmp_path), child=SLEEP)
    owner = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    child = psutil.Process(int(owner.stdout.readline()))

    owner.send_signal(number)
    owner.communicate(timeout=20)
    if sys.platform != "linux":  # nobody tells a child that its parent has ended: it ends at the next start
        end_survivor(tmp_path / "pid")

    child.wait(20)
    assert not child.is_running()
