"""The intake process: applies what was accepted, the moment it is committed, for as long as the process lives.

The record may be away for a while; then it says so, waits, and goes on. Any number of these processes may run.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from intake.loop import Intake
from runtime import metrics
from runtime.clock import Clock, system_clock
from runtime.settings import Settings
from storage import inbox
from storage.database import RECORD_AWAY, Pool, open_pool
from storage.wakeups import Wakeups
from workers.housekeeping import forget, tidy
from workers.leads import fetched

_PATIENCE: Final = 0.5
"""Seconds until intake looks by itself: the longest that a lost wake-up or a membership that is due can be late."""

_BREATH: Final = 0.02
"""Seconds of rest after a few inputs: the journeys that they begin need the processor more than looking around does."""

_LOOK_AFTER: Final = 0.05
"""Seconds for which inputs that keep coming may keep intake from looking around."""

_MANY: Final = 50
"""Inputs of a batch after which the next one follows at once."""

_PAUSE: Final = 1.0
"""Seconds between attempts to reach a record that is away."""

_HOUSEKEEPING: Final = timedelta(hours=1)
"""How often partitions are made ahead and dropped, and old refusals forgotten."""

_NEXT_PAGES: Final = timedelta(seconds=10)
"""The same while more old refusals are left than are forgotten at once."""

_log = logging.getLogger(__name__)


async def run(settings: Settings, *, clock: Clock = system_clock, stop: asyncio.Event) -> None:
    """Apply inputs until `stop` is set; returns when the batch at hand is committed."""
    while not stop.is_set():
        try:
            pool = await open_pool(settings.database_url, min_size=2, max_size=6, name="sojourn-intake")
        except RECORD_AWAY as error:
            metrics.record_failed("start")
            await _pause(error, stop)
            continue
        try:
            async with fetched(pool, settings, clock):
                await _serve(pool, settings, clock, stop)
        finally:
            await _close(pool)


async def _serve(pool: Pool, settings: Settings, clock: Clock, stop: asyncio.Event) -> None:
    intake = Intake(pool, clock)
    while not stop.is_set():
        try:
            async with Wakeups(pool, inbox.CHANNEL) as wakeups:
                stopping = asyncio.create_task(_ring(wakeups, at=stop))
                try:
                    await _work(intake, pool, wakeups, settings, clock, stop)
                finally:
                    stopping.cancel()
        except RECORD_AWAY as error:
            metrics.record_failed("inputs")
            await _pause(error, stop)
        except Exception as error:
            # A mistake of ours must be seen, and must not keep the inputs of today waiting.
            _log.exception("intake failed")
            await _pause(error, stop)


async def _work(
    intake: Intake, pool: Pool, wakeups: Wakeups, settings: Settings, clock: Clock, stop: asyncio.Event
) -> None:
    tidied_at: datetime | None = None
    forget_at: datetime | None = None
    unlooked: float | None = None
    while not stop.is_set():
        if tidied_at is None or clock() - tidied_at >= _HOUSEKEEPING:
            tidied_at = clock()
            await tidy(pool, now=tidied_at, retention_days=settings.event_retention_days)
        if forget_at is None or clock() >= forget_at:
            is_done = await forget(pool, now=clock(), retention_days=settings.refusal_retention_days)
            forget_at = clock() + (_HOUSEKEEPING if is_done else _NEXT_PAGES)
        applied = await _apply(intake)
        if applied:
            unlooked = unlooked or time.monotonic()
            if time.monotonic() - unlooked < _LOOK_AFTER:
                if applied < _MANY:
                    await wakeups.wait(_BREATH)
                continue
        unlooked = None
        if not await intake.look_around():
            await wakeups.wait(_patience(await intake.next_due(), clock()))


async def _apply(intake: Intake) -> int:
    try:
        return await intake.apply()
    except Exception:
        await intake.look_around()  # time goes on, whatever is wrong with the inputs
        raise


def _patience(due: datetime | None, now: datetime) -> float:
    return _PATIENCE if due is None else min(_PATIENCE, max(0.0, (due - now).total_seconds()))


async def _ring(wakeups: Wakeups, *, at: asyncio.Event) -> None:
    await at.wait()
    wakeups.ring()


async def _pause(error: Exception, stop: asyncio.Event) -> None:
    _log.warning("the record cannot be used, trying again in %s s: %r", _PAUSE, error)
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), _PAUSE)


async def _close(pool: Pool) -> None:
    """Close the connections; those that nobody answers on are dropped."""
    try:
        await asyncio.wait_for(pool.close(), _PAUSE)
    except RECORD_AWAY:
        pool.terminate()
