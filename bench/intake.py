"""How many inputs a second intake decides, beside bare COPY and upsert of the same rows in the same batches."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.figures import Figure
from intake import definitions
from intake.loop import BATCH, Intake
from intake.retention import keep_partitions
from runtime.clock import system_clock
from runtime.postgres import EmbeddedPostgres
from storage import inbox, keys
from storage.database import Connection, Pool, open_pool
from storage.inbox import Input
from storage.migrations import migrate

_PLANS = ("free", "basic", "pro", "team")
_EVENTS = ("viewed", "added", "searched", "purchase", "opened")
_UPSERT = """
INSERT INTO people (workspace_id, cio_id, external_id, email, email_key, attributes, created_at, updated_at)
SELECT DISTINCT ON (external_id) 1, 'b' || external_id, external_id, email, email, attributes, at, at FROM rows
ORDER BY external_id, place DESC
ON CONFLICT (workspace_id, external_id) WHERE external_id IS NOT NULL
DO UPDATE SET attributes = people.attributes || excluded.attributes, updated_at = excluded.updated_at
"""


async def intake(*, inputs: int = 100_000, people: int = 20_000) -> list[Figure]:
    """Decide a full inbox: 20 segments, 10 running campaigns whose triggers nearly match, nobody entering."""
    root = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    try:
        async with EmbeddedPostgres(root / "postgres") as postgres:
            pool = await open_pool(postgres.url, name="bench intake")
            made = list(_inputs(inputs, people))
            async with pool.acquire() as connection:
                await migrate(connection, now=system_clock())
                await keep_partitions(connection, now=system_clock(), retention_days=None)
                bare = await _bare(connection, made)
                await connection.execute("TRUNCATE people, events CASCADE")
            value = await _ours(pool, made)
            await pool.close()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return [
        Figure(
            name="intake, inputs decided",
            value=inputs / value,
            unit="1/s",
            limit=inputs / bare,
            limit_is="bare COPY + upsert of the same rows, same batches",
            goal=0.25,
            better="higher",
            details={"inputs": inputs, "people": people},
        )
    ]


def _inputs(number: int, people: int) -> Iterator[Input]:
    """Three identifies to seven events, in the order of a busy day; the same every time."""
    chance = random.Random(7)
    now = system_clock()
    for place in range(number):
        person = chance.randrange(people)
        who = {"id": f"p{person}"}
        if chance.random() < 0.3:
            attributes = {"email": f"p{person}@bench.example", "plan": chance.choice(_PLANS), "visits": place % 50}
            attributes |= {"city": f"city {person % 100}", "address": {"zip": person % 1000}}
            yield Input(
                workspace_id=1, kind="identify", payload={"who": who, "attributes": attributes}, received_at=now
            )
        else:
            data = {"price": chance.randrange(100), "sku": f"A{person % 500}", "items": [{"category": "socks"}]}
            event = {"who": who, "type": "event", "name": chance.choice(_EVENTS), "id": f"e{place}", "data": data}
            yield Input(workspace_id=1, kind="event", payload=event, received_at=now)


async def _ours(pool: Pool, made: Sequence[Input]) -> float:
    worker = Intake(pool, system_clock)
    now = system_clock()
    async with pool.acquire() as connection:
        workspace = await keys.open_workspace(connection, "bench", now=now)
        for number in range(20):
            some: list[Any] = [
                {"attribute": "visits", "greater_than": number * 2},
                {"attribute": "address.zip", "equals": 7},
            ]
            plans = list(_PLANS[: 1 + number % 4])
            condition: dict[str, Any] = {"all": [{"attribute": "plan", "one_of": plans}, {"any": some}]}
            named = {"name": f"Segment {number}", "condition": condition}
            await definitions.save_segment(connection, workspace, f"segment-{number}", named, now=now)
    await worker.settle()
    async with pool.acquire() as connection:
        for number in range(10):
            document: dict[str, Any] = {
                "name": f"Campaign {number}",
                "trigger": {
                    "event": _EVENTS[number % 5],
                    "where": [{"path": "items[].category", "equals": f"hat {number}"}],
                },
                "filters": {"in": f"segment-{number}"},
                "from": "bench@bench.example",
                "workflow": [{"email": {"id": "hello", "subject": "Hello", "body": "Hello"}}],
            }
            await definitions.save_campaign(connection, workspace, f"campaign-{number}", document, now=now)
            await definitions.start_campaign(connection, workspace, f"campaign-{number}", now=now)
        for start in range(0, len(made), BATCH):
            await inbox.append(connection, made[start : start + BATCH])
    began = time.perf_counter()
    await worker.settle()
    took = time.perf_counter() - began
    left = await pool.fetchval("SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM inbox_rejects)")
    entered = await pool.fetchval("SELECT count(*) FROM journeys")
    if left or entered:
        raise RuntimeError(
            f"{left} inputs were left or refused and {entered} people entered: not what was to be measured."
        )
    return took


async def _bare(connection: Connection, made: Sequence[Input]) -> float:
    await connection.execute(
        "CREATE TEMP TABLE rows (place int, external_id text, email text, attributes jsonb, at timestamptz)"
    )
    ids = {f"p{number}": number for number in range(1_000_000)}
    began = time.perf_counter()
    for start in range(0, len(made), BATCH):
        batch = made[start : start + BATCH]
        people = [
            (place, item.payload["who"]["id"], item.payload.get("attributes", {}).get("email"),
             item.payload.get("attributes", {}), item.received_at)
            for place, item in enumerate(batch)
        ]  # fmt: skip
        events = [
            (1, ids[item.payload["who"]["id"]], "event", item.payload["name"], item.payload["data"],
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
    return time.perf_counter() - began
