"""Whether live journeys feel it when a segment over a million people is built, or thousands of matches are let in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bench.crowd import ATTRIBUTES, LATELY, gather
from bench.figures import Figure, percentile
from bench.journeys import JourneyBench
from bench.stack import Measured
from cli.stack import WORKSPACE
from runtime.clock import system_clock

_RATE = 5
_MATCHES = 10_000
_LET_IN: Mapping[str, Any] = {
    "name": "Let in",
    "key": "let-in",
    "trigger": {"condition": {"in": "let-in"}},
    "workflow": [{"email": {"id": "hello", "subject": "Hello", "body": "<p>Hello {{customer.id}}.</p>"}}],
}


async def beside(stack: Measured, *, people: int, seconds: float) -> list[Figure]:
    """Measure event → message alone, while segments are built again and again, and while matches are let in."""
    workspace = await stack.database.fetchval("SELECT id FROM workspaces WHERE name = $1", WORKSPACE)
    await gather(stack.database, workspace, people=people, now=system_clock())
    await stack.segment("let-in", {"attribute": "number", "at_most": _MATCHES})
    journeys = JourneyBench(stack)
    await journeys.prepare()
    some = [await journeys.people(int(_RATE * seconds)) for _ in range(3)]
    alone = await journeys.latencies(some[0], rate=_RATE)
    building, built = await _while_building(stack, journeys, some[1])
    loading, loaded = await _while_loading(stack, journeys, some[2])
    return [
        _figure("a segment is built", alone, building, {"people": people, "segments_built": built}),
        _figure(f"{_MATCHES:,} matches are let in", alone, loading, {"entered_meanwhile": loaded}),
    ]


def _figure(what: str, alone: Sequence[float], ours: Sequence[float], details: dict[str, Any]) -> Figure:
    return Figure(
        name=f"event accepted → message, {_RATE}/s, while {what}, p95",
        value=percentile(ours, 0.95) * 1000,
        unit="ms",
        limit=percentile(alone, 0.95) * 1000,
        limit_is="alone",
        goal=2.0,
        details={
            "messages": len(ours),
            "p50_ms": round(percentile(ours, 0.5) * 1000, 1),
            "max_ms": round(max(ours) * 1000, 1),
            "p50_ms_alone": round(percentile(alone, 0.5) * 1000, 1),
            "max_ms_alone": round(max(alone) * 1000, 1),
            **details,
        },
    )


async def _while_building(stack: Measured, journeys: JourneyBench, people: range) -> tuple[list[float], int]:
    over = asyncio.Event()
    building = asyncio.create_task(_build(stack, over))
    try:
        found = await journeys.latencies(people, rate=_RATE)
        over.set()
        return found, await building
    finally:
        building.cancel()


async def _build(stack: Measured, over: asyncio.Event) -> int:
    """Build one new segment after the other until it is `over`; return how many."""
    number = 0
    while not over.is_set():
        question = (ATTRIBUTES, LATELY)[number % 2]
        await stack.segment(f"built-{number}", question.condition)
        number += 1
    return number


async def _while_loading(stack: Measured, journeys: JourneyBench, people: range) -> tuple[list[float], int]:
    await stack.campaign("let-in", _LET_IN, {"matches": "current_and_future"})
    found = await journeys.latencies(people, rate=_RATE)
    row = await stack.database.fetchrow("SELECT load_state, loaded FROM campaigns WHERE key = 'let-in'")
    if row is None or row["load_state"] != "loading" or not row["loaded"]:
        raise RuntimeError(f"They were not let in all the while: {row}.")
    return found, row["loaded"]
