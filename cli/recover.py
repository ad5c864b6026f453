"""`sojourn journeys recover`: when Temporal's data is gone, the record still knows where everybody stands."""

from __future__ import annotations

import asyncio

from cli import whereabouts
from cli.console import OUT
from intake.recovery import requeue, requeue_untaken
from runtime.clock import system_clock
from runtime.settings import Settings


def recover() -> None:
    """Start every open journey where it stands, after Temporal lost its data. Safe to repeat, and while workers run."""
    asyncio.run(_recover(whereabouts.settings()))


async def _recover(settings: Settings) -> None:
    from cli import readiness  # Temporal's client, for which no other command about journeys should wait

    total = after = 0
    async with readiness.connection(settings) as connection:
        while True:
            found, after = await requeue(connection, after=after, now=system_clock())
            total += found
            if not found:
                break
        found, after = await requeue_untaken(connection, now=system_clock())
        while found:
            found, after = await requeue_untaken(connection, after=after, now=system_clock())
    OUT.print(f"Asked for the start of {total} journeys. Those that are still in Temporal go on untouched.")
