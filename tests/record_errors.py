"""How many errors of the record a part of this process has met: counters only rise, so tests look at what was added."""

from __future__ import annotations

import asyncio

from runtime.metrics import REGISTRY, Part


def record_errors(part: Part) -> float:
    """Return how many were counted so far."""
    return REGISTRY.get_sample_value("sojourn_record_errors_total", {"part": part}) or 0.0


async def counted_more(part: Part, than: float) -> None:
    """Return when another one was counted; fail if that takes too long."""
    async with asyncio.timeout(20):
        while record_errors(part) <= than:
            await asyncio.sleep(0.005)
