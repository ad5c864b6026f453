"""What intake is measured with: a busy day of inputs, and the least that a database can do with the same rows.

The inputs are made as they are needed, so that in a measure of memory nothing but intake remembers anything.
"""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psutil

from intake.loop import BATCH, Intake
from runtime.clock import system_clock
from storage import inbox, keys
from storage.database import Connection, Pool
from storage.inbox import Input

PLANS: Final = ("free", "basic", "pro", "team")
EVENTS: Final = ("viewed", "added", "searched", "purchase", "opened")

Define = Callable[[Connection, int, Intake], Awaitable[None]]
"""Writes the segments and campaigns of a workspace, and lets intake build them."""

_UPSERT = """
INSERT INTO people (workspace_id, cio_id, external_id, email, email_key, attributes, created_at, updated_at)
SELECT DISTINCT ON (external_id) 1, 'b' || external_id, external_id, email, email, attributes, at, at FROM rows
ORDER BY external_id, place DESC
ON CONFLICT (workspace_id, external_id) WHERE external_id IS NOT NULL
DO UPDATE SET attributes = people.attributes || excluded.attributes, updated_at = excluded.updated_at
"""


@dataclass(frozen=True, kw_only=True)
class Day:
    """Three identifies to seven events, in the order of a busy day; the same every time."""

    inputs: int
    people: int

    def batches(self) -> Iterator[list[Input]]:
        """Make the inputs, as many at once as intake takes out in one transaction."""
        chance, now = random.Random(7), system_clock()
        for start in range(0, self.inputs, BATCH):
            yield [self._input(place, chance, now) for place in range(start, min(start + BATCH, self.inputs))]

    def _input(self, place: int, chance: random.Random, now: datetime) -> Input:
        person = chance.randrange(self.people)
        payload: dict[str, Any] = {"who": {"id": f"p{person}"}}
        if chance.random() < 0.3:
            payload["attributes"] = {
                "email": f"p{person}@bench.example",
                "plan": chance.choice(PLANS),
                "visits": place % 50,
                "city": f"city {person % 100}",
                "address": {"zip": person % 1000},
            }
            return Input(workspace_id=1, kind="identify", payload=payload, received_at=now)
        data = {"price": chance.randrange(100), "sku": f"A{person % 500}", "items": [{"category": "socks"}]}
        payload |= {"type": "event", "name": chance.choice(EVENTS), "id": f"e{place}", "data": data}
        return Input(workspace_id=1, kind="event", payload=payload, received_at=now)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What it took intake to decide a day of inputs."""

    seconds: float
    memory: list[float]
    """Megabytes of this process before the first turn and after each."""


async def decided(pool: Pool, day: Day, define: Define) -> Decided:
    """Let intake decide a full inbox. Raises RuntimeError if anything was left, refused or entered."""
    worker = Intake(pool, system_clock)
    async with pool.acquire() as connection:
        workspace = await keys.open_workspace(connection, "bench", now=system_clock())
        await define(connection, workspace, worker)
        for batch in day.batches():
            await inbox.append(connection, batch)
    memory = [_memory()]
    began = time.perf_counter()
    while await worker.work():
        memory.append(_memory())
    took = time.perf_counter() - began
    left = await pool.fetchval("SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM inbox_rejects)")
    entered = await pool.fetchval("SELECT count(*) FROM journeys")
    if left or entered:
        problem = f"{left} inputs were left or refused and {entered} people entered: not what was to be measured."
        raise RuntimeError(problem)
    return Decided(seconds=took, memory=memory)


def _memory() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6


_OTHERS: Final = {
    "event_keys": ("workspace_id", "key", "received_at"),
    "segment_members": ("segment_id", "person_id", "since"),
    "segment_rechecks": ("segment_id", "person_id", "due_at"),
    "tallies": ("person_id", "question_id", "total", "newest", "upcoming"),
}
"""What intake keeps beside people and events: table to columns."""


async def bare(pool: Pool, day: Day) -> float:
    """Write the same rows in the same batches by COPY and upsert, and nothing else; return the seconds it took.

    The rows are those that intake has left in the record, which is emptied for this; of what changed several times only
    the last state is written.
    """
    took = 0.0
    count = -(-day.inputs // BATCH)
    async with pool.acquire() as connection:
        others = {
            table: await connection.fetch(f"SELECT {', '.join(columns)} FROM {table}")
            for table, columns in _OTHERS.items()
        }
        await connection.execute(f"TRUNCATE people, events, {', '.join(_OTHERS)} CASCADE")
        await connection.execute(
            "CREATE TEMP TABLE rows (place int, external_id text, email text, attributes jsonb, at timestamptz)"
        )
        for number, batch in enumerate(day.batches()):
            parts = {table: [tuple(row) for row in rows[number::count]] for table, rows in others.items()}
            began = time.perf_counter()
            await _write(connection, batch, parts)
            took += time.perf_counter() - began
    return took


async def _write(connection: Connection, batch: list[Input], others: dict[str, list[tuple[Any, ...]]]) -> None:
    people = [
        (place, item.payload["who"]["id"], item.payload.get("attributes", {}).get("email"),
         item.payload.get("attributes", {}), item.received_at)
        for place, item in enumerate(batch)
    ]  # fmt: skip
    events = [
        (1, int(item.payload["who"]["id"][1:]), "event", item.payload["name"], item.payload["data"],
         item.received_at, item.received_at)
        for item in batch
        if item.kind == "event"
    ]  # fmt: skip
    async with connection.transaction():
        await connection.copy_records_to_table("rows", records=people)
        await connection.execute(_UPSERT)
        await connection.execute("TRUNCATE rows")
        await connection.copy_records_to_table(
            "events",
            records=events,
            columns=["workspace_id", "person_id", "kind", "name", "data", "occurred_at", "received_at"],
        )
        for table, rows in others.items():
            if rows:
                await connection.copy_records_to_table(table, records=rows, columns=_OTHERS[table])
