"""Among all that waits for its time, what has become due is found by index, however much there is (behaviour 3.13)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import orjson
import pytest

from storage.database import Connection, Pool
from storage.queries import load

FILTER_RETRIES = load("filter_retries")
LAGS = load("lags")
LEADS = load("leads")
MEMBERS = load("members")
SCHEDULES = load("schedules")

NOBODY, NOBODY_YET, SOME, ALL = (f"'2026-{day}'::timestamptz" for day in ("02-01", "03-01", "03-02", "12-01"))
"""When nothing is due, when the first is, when a hundredth is, and when all is, as after a long standstill."""

WAITING = {"segment_rechecks", "date_fires", "reentries", "leads", "filter_retries", "journeys"}

DUE: dict[str, tuple[str, str, str]] = {
    "memberships": (MEMBERS.due, "1, {now}, 500", "segment_rechecks_due"),
    "dates": (SCHEDULES.due_dates, "1, {now}, 500", "date_fires_due"),
    "ends of intervals": (SCHEDULES.due_reentries, "1, {now}, 500", "reentries_due"),
    "leads": (LEADS.claim, "{now}, {now}, 20", "leads_due"),
}
"""The query, its arguments and the index that must answer it."""

NEXT: dict[str, tuple[str, str, str]] = {
    "membership": (MEMBERS.next_due, "", "segment_rechecks_due"),
    "date": (SCHEDULES.next_due, "", "date_fires_due"),
    "end of an interval": (SCHEDULES.next_due, "", "reentries_due"),
    "lead": (LEADS.next_due, "", "leads_due"),
    "late membership": (LAGS.lags, "{now}", "segment_rechecks_due"),
    "late date": (LAGS.lags, "{now}", "date_fires_due"),
    "late end of an interval": (LAGS.lags, "{now}", "reentries_due"),
    "late end of a wait in a journey": (LAGS.lags, "{now}", "journeys_due"),
    "late end of a wait for filters": (LAGS.lags, "{now}", "filter_retries_expiry"),
    "wait for filters of a campaign": (FILTER_RETRIES.people_waiting_for, "ARRAY[7]", "filter_retries_campaign"),
}

ROWS = """
INSERT INTO workspaces (name, created_at) VALUES ('shop', '2026-01-01');
INSERT INTO people (workspace_id, cio_id, created_at, updated_at)
SELECT 1, n, '2026-01-01', '2026-01-01' FROM generate_series(1, 1000) AS n;
INSERT INTO segments (workspace_id, key, name, kind, state, created_at, updated_at)
SELECT 1, n, n, 'data', 'ready', '2026-01-01', '2026-01-01' FROM generate_series(1, 100) AS n;
INSERT INTO campaigns (workspace_id, key, name, state, latest_version, created_at, updated_at)
SELECT 1, n, n, 'running', 1, '2026-01-01', '2026-01-01' FROM generate_series(1, 100) AS n;

SET session_replication_role = replica;  -- nobody has to check half a million references that are right
CREATE TEMP TABLE waiting AS
SELECT 1 + n % 100 AS part, 1 + n / 100 AS person, n,
       '2026-03-01'::timestamptz + n * 7919 % 100000 * interval '90 seconds' AS at
FROM generate_series(0, 99999) AS n;

INSERT INTO segment_rechecks SELECT part, person, at FROM waiting;
INSERT INTO date_fires SELECT part, person, at, at, 0 FROM waiting;
INSERT INTO reentries SELECT part, person, CASE n % 3 WHEN 0 THEN 'infinity' ELSE at END, 'interval' FROM waiting;
INSERT INTO leads (workspace_id, lead_id, form_id, received_at, due_at) SELECT 1, n, 'x', at, at FROM waiting;
INSERT INTO filter_retries (id, workspace_id, campaign_id, person_id, occurrence, event_at, trigger_data, received_at,
                            expires_at)
SELECT n, 1, part, person, n, at, '{}', at, at FROM waiting;
INSERT INTO journeys (id, workspace_id, campaign_id, person_id, occurrence, state, version, due_at, started_at)
SELECT n, 1, part, person, n, CASE n % 2 WHEN 0 THEN 'running' ELSE 'finished' END, 1, at, at FROM waiting;
RESET session_replication_role;
ANALYZE
"""


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """A record in which a hundred thousand rows of each kind wait, one after the other for 104 days."""
    async with pool.acquire() as connection:
        await connection.execute(ROWS)
        yield connection


async def test_what_is_due_is_found_by_index_among_all_that_waits(connection: Connection) -> None:
    for name, (query, arguments, index) in DUE.items():
        for now in (NOBODY, NOBODY_YET, SOME, ALL):
            plan = await plan_in_the_long_run(connection, query, arguments.format(now=now))

            assert set() == WAITING & {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}, name
            assert index in {node.get("Index Name") for node in plan if node["Node Type"] == "Index Scan"}, name
            # Of very much that is due the first few must come without reading all of it.
            assert now != ALL or "Sort" not in {node["Node Type"] for node in plan}, name


async def test_what_is_due_next_is_found_by_index_too(connection: Connection) -> None:
    for name, (query, arguments, index) in NEXT.items():
        plan = await plan_in_the_long_run(connection, query, arguments.format(now=SOME))

        assert set() == WAITING & {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}, name
        assert index in {node.get("Index Name") for node in plan}, name


async def plan_in_the_long_run(connection: Connection, query: str, arguments: str) -> list[dict[str, Any]]:
    """Return the nodes of the plan after so many executions that one plan for all arguments may be in use."""
    execute = f"EXECUTE asked ({arguments})" if arguments else "EXECUTE asked"
    change = connection.transaction()
    await change.start()
    await connection.execute(f"PREPARE asked AS {query}")
    for _ in range(6):
        await connection.execute(execute)
    plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {execute}")
    await connection.execute("DEALLOCATE asked")
    await change.rollback()
    return list(nodes(orjson.loads(plan)))


def nodes(plan: Any) -> Iterator[dict[str, Any]]:
    for node in plan if isinstance(plan, list) else [plan]:
        inside = node.get("Plan", node)
        yield inside
        for child in inside.get("Plans", []):
            yield from nodes(child)
