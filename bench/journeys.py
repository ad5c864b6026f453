"""From an accepted event to a message at its receiver: how quick, how many, and how steady."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from itertools import count
from typing import Any

from bench.bare import BareRun
from bench.figures import Figure, percentile
from bench.load import Connection, steady
from bench.stack import Measured, address, event

_WARMING = 5.0  # seconds of load before a measurement, so that pools are open and code is warm

ONE_EMAIL: Mapping[str, Any] = {
    "name": "One email",
    "key": "one-email",
    "trigger": {"event": "bench"},
    "workflow": [
        {"email": {"id": "hello", "subject": "Hello {{event.n}}", "body": "<p>Hello {{customer.id}}, {{event.n}}.</p>"}}
    ],
}


class JourneyBench:
    """Measures one-email journeys on a running stack against bare workflows on the same Temporal."""

    def __init__(self, stack: Measured) -> None:
        self._stack = stack
        self._numbers = count()  # a person is used once

    async def prepare(self) -> None:
        """Save and start the campaign, and warm everything."""
        await self._stack.campaign("one-email", ONE_EMAIL)
        await BareRun(self._stack.temporal).latencies(rate=10, seconds=_WARMING)
        await self._latencies(rate=10, seconds=_WARMING)

    async def latency(self, *, rate: float, seconds: float, p50_goal: float | None, p95_goal: float) -> list[Figure]:
        """Return p50 (where it has a goal) and p95 of accepted → received at an even rate."""
        bare = await BareRun(self._stack.temporal).latencies(rate=rate, seconds=seconds)
        ours = await self._latencies(rate=rate, seconds=seconds)
        goals = [(0.5, p50_goal), (0.95, p95_goal)]
        return [
            Figure(
                name=f"event accepted → message, {rate:g}/s, p{share * 100:.0f}",
                value=percentile(ours, share) * 1000,
                unit="ms",
                limit=percentile(bare, share) * 1000,
                limit_is="bare start → local check → send",
                goal=goal,
                details={"messages": len(ours), "max_ms": round(max(ours) * 1000, 1)},
            )
            for share, goal in goals
            if goal is not None
        ]

    async def held(self, *, rate: float, seconds: float) -> Figure:
        """Return p95 at a rate held for a while; how many were still under way at the end is in the details."""
        accepted_at_end = {"waiting": 0}
        ours = await self._latencies(rate=rate, seconds=seconds, at_end=accepted_at_end)
        return Figure(
            name=f"{rate:g} events/s held for {seconds:g} s, p95",
            value=percentile(ours, 0.95),
            unit="s",
            goal=1.0,
            goal_for="value",
            details={"under_way_at_the_end": accepted_at_end["waiting"], "p50_s": round(percentile(ours, 0.5), 3)},
        )

    async def throughput(self, *, seconds: float, in_flight: int = 60) -> Figure:
        """Return journeys per second with a bounded number under way, against the bare workflow as fast as it goes."""
        bare = await BareRun(self._stack.temporal).throughput(seconds=seconds)
        before = self._stack.mails.received
        until = time.monotonic() + seconds
        sent = 0
        people = await self.people(int(seconds * 120))
        began = time.monotonic()
        until = began + seconds
        connection = await Connection.open(self._stack.port)
        while time.monotonic() < until:
            if sent - (self._stack.mails.received - before) >= in_flight:
                await asyncio.sleep(0.002)
                continue
            person = people[sent]
            await connection.send(event(f"b{person}", "bench", {"n": person}))
            sent += 1
        received = self._stack.mails.received - before
        took = time.monotonic() - began
        await self._stack.arrived(before + sent)
        await connection.close()
        await self._stack.drained()
        return Figure(
            name="journeys per second, event → one email → end",
            value=received / took,
            unit="1/s",
            limit=bare,
            limit_is="bare start → local check → send, as fast as it goes",
            goal=0.7,
            better="higher",
        )

    async def people(self, number: int) -> range:
        """Make people whom no measurement has used yet."""
        first = next(self._numbers)
        for _ in range(number - 1):
            next(self._numbers)
        people = range(first, first + number)
        await self._stack.identify(people)
        return people

    async def latencies(self, people: range, *, rate: float, at_end: dict[str, int] | None = None) -> list[float]:
        """Send one event of each person at an even rate; return the seconds from each 200 to the person's mail."""
        stack = self._stack
        before = stack.mails.received
        events = [event(f"b{person}", "bench", {"n": number}) for number, person in enumerate(people)]
        accepted = await steady(stack.port, events, rate=rate)
        if at_end is not None:
            at_end["waiting"] = len(people) - (stack.mails.received - before)
        await stack.arrived(before + len(people))
        received = await stack.arrived_at([address(f"b{person}") for person in people])
        return [received[address(f"b{person}")][0] - at for person, at in zip(people, accepted, strict=True)]

    async def _latencies(self, *, rate: float, seconds: float, at_end: dict[str, int] | None = None) -> list[float]:
        return await self.latencies(await self.people(int(rate * seconds)), rate=rate, at_end=at_end)
