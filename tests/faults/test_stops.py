"""A deploy stops processes in the middle of everything: each ends cleanly in time, and nothing is left half done."""

from __future__ import annotations

import asyncio
import signal

import pytest

from activities.sending import AT_ONCE
from tests.faults.account import begin, broken_promises, reached
from tests.faults.burst import Burst
from tests.faults.mail_line import SlowSmtp
from tests.faults.stack import RunningStack

PEOPLE = 120
RATE = 50.0
"""Events a second: about what one machine carries, so that every process has work when one of them stops."""

IN_TIME = 10.0
"""Seconds that container engines wait by default before they kill."""

pytestmark = pytest.mark.timeout(150)


async def stop(stack: RunningStack, name: str, ask: signal.Signals = signal.SIGTERM) -> int:
    """Ask a process to end; return the code with which it does."""
    child = stack.part(name)
    stack.signal(name, ask)
    return await asyncio.wait_for(child.wait(), IN_TIME)


def stops_begun(stack: RunningStack) -> int:
    """Count how often a worker has begun to stop, by its log."""
    return stack.part("worker").log.read_text(encoding="utf-8").count("Beginning worker shutdown")


@pytest.mark.spec("1.07", "9.10")
@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("worker", signal.SIGTERM),
        ("intake", signal.SIGTERM),
        ("api", signal.SIGTERM),
        ("temporal", signal.SIGTERM),
        ("postgres", signal.SIGINT),  # on SIGTERM it waits for its clients to leave, as long as that takes
    ],
)
async def test_a_process_told_to_stop_during_a_burst_leaves_nothing_half_done(
    stack: RunningStack, name: str, ask: signal.Signals
) -> None:
    burst = Burst(stack.port, f"stop-{name}", PEOPLE)
    performing = await begin(stack, burst, rate=RATE)
    await reached(40, lambda: burst.accepted, "events accepted")
    await reached(20, lambda: len(stack.caught(burst.domain)), "mails caught")

    assert 0 == await stop(stack, name, ask)

    await performing
    await stack.settled()
    assert {} == await broken_promises(stack, burst)
    assert [] == await stack.unknown(burst.name)
    assert {1} == {one["attempts"] for one in await stack.all(f"campaigns/{burst.name}/deliveries")}


@pytest.mark.spec("9.10")
async def test_a_worker_told_to_stop_hears_out_the_mail_server_and_begins_nothing_new(stack: RunningStack) -> None:
    burst = Burst(stack.port, "heard-out", AT_ONCE + 4)
    await stack.start_campaign(burst.name)

    async with SlowSmtp() as server, stack.line.to(server.port):
        await burst.identify()
        await burst.perform()
        await reached(AT_ONCE, lambda: len(server.contents), "messages arrive")
        before = stops_begun(stack)
        stopping = asyncio.create_task(stop(stack, "worker"))
        await reached(before + 1, lambda: stops_begun(stack), "stops begun")
        server.answering.set()
        assert 0 == await stopping
    await stack.settled()

    deliveries = await stack.all(f"campaigns/{burst.name}/deliveries")
    assert [("sent", 1)] * burst.size == [(one["state"], one["attempts"]) for one in deliveries]
    assert (AT_ONCE, 4) == (len(server.contents), len(stack.caught(burst.domain)))
