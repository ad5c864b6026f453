"""A process stops cleanly when a signal asks for it, at once at a second one, and after ten seconds in any case."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Final

from runtime.leaving import leave

GRACE: Final = 10.0
"""Seconds from the first signal to a forced exit. Container engines wait as long by default before they kill."""

INTERRUPTED: Final = 130
"""Exit code of what was stopped before it was done, as shells have it."""

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

_log = logging.getLogger(__name__)


async def until_signalled(
    run: Callable[[asyncio.Event], Awaitable[int | None]],
    *,
    grace: float = GRACE,
    forced: Callable[[], None] = lambda: None,
) -> int:
    """Await `run`, which gets an event that SIGINT or SIGTERM sets and has to return soon after; its code, or 0.

    A second signal ends the process at once (code 128 + its number); a stop that takes longer than `grace` seconds ends
    it with code 1. `forced` is called before such an end, to kill what must not stay behind.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked(number: int) -> None:
        if stop.is_set():
            forced()
            leave(128 + number)
        stop.set()
        loop.call_later(grace, overdue)

    def overdue() -> None:
        _log.error("stopping took longer than %s seconds; leaving without waiting further", grace)
        forced()
        leave(1)

    for number in _SIGNALS:
        loop.add_signal_handler(number, asked, number)
    try:
        return await run(stop) or 0
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def unless(stop: asyncio.Event, work: Coroutine[None, None, object]) -> bool:
    """Await `work`, or cancel it when `stop` is set. Returns whether it was done; raises what it raised."""
    doing = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        finished = doing.done()
        if not finished:
            doing.cancel()
            await asyncio.wait({doing})
    if finished:
        doing.result()
    return finished
