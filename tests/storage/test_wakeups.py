from __future__ import annotations

import asyncio

import pytest

from storage.database import Pool
from storage.wakeups import Wakeups


async def test_a_cancellation_that_comes_with_a_ring_is_not_lost(pool: Pool) -> None:
    """Else a loop that is told to stop in the moment of a commit would go on for ever."""
    async with Wakeups(pool, "anything") as wakeups:
        await wakeups.wait(1)  # it rings once by itself
        waiting = asyncio.create_task(wakeups.wait(60))
        await asyncio.sleep(0)

        wakeups.ring()
        waiting.cancel()

        with pytest.raises(asyncio.CancelledError):
            await waiting
