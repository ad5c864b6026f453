"""Nothing here sleeps for a while and hopes: what must come true is looked for, until a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

LOOK = 0.05  # seconds between two looks


async def until(is_so: Callable[[], Awaitable[bool]], *, within: float, what: Callable[[], object] | str) -> float:
    """Return after how many seconds it was so. After `within` seconds the test fails and says `what` was to be."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not await is_so():
        waited = loop.time() - began
        assert waited < within, f"not within {within:g} s: {what if isinstance(what, str) else what()}"
        await asyncio.sleep(LOOK)
    return loop.time() - began
