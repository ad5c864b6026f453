"""What intake asks at every turn must be answered by an index, however much there is (behaviour 3.13)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from storage import filter_retries, members, overdue, people
from storage.database import Pool

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
async def crowded(pool: Pool) -> Pool:
    """Three thousand people, each with all that waits for its time, and an event that waits for its filters."""
    await pool.execute(
        """
        INSERT INTO workspaces (name, created_at) VALUES ('shop', '2026-01-01');
        INSERT INTO people (workspace_id, cio_id, external_id, email, email_key, created_at, updated_at)
        SELECT 1, 'c' || n, 'p' || n, n || '@x.test', n || '@x.test', '2026-01-01', '2026-01-01'
        FROM generate_series(1, 3000) AS n;
        INSERT INTO segments (workspace_id, key, name, kind, state, created_at, updated_at)
        VALUES (1, 'vip', 'VIP', 'data', 'ready', '2026-01-01', '2026-01-01');
        INSERT INTO segment_rechecks SELECT 1, id, timestamptz '2026-03-01' + id * interval '1 minute' FROM people;
        INSERT INTO segment_members SELECT 1, id, '2026-01-01' FROM people;
        INSERT INTO campaigns (workspace_id, key, name, state, latest_version, created_at, updated_at)
        VALUES (1, 'thanks', 'Thanks', 'running', 1, '2026-01-01', '2026-01-01');
        INSERT INTO reentries SELECT 1, id, timestamptz '2026-03-01' + id * interval '1 minute', 'interval' FROM people;
        INSERT INTO date_fires SELECT 1, person_id, due_at, '2026-03-01', 0 FROM reentries;
        INSERT INTO filter_retries (id, workspace_id, campaign_id, person_id, occurrence, event_id, event_name,
                                    event_at, trigger_data, received_at, expires_at)
        SELECT id, 1, 1, id, 'e' || id, id, 'bought', '2026-03-01', '{}', '2026-03-01', '2026-03-01' FROM people;
        ANALYZE
        """
    )
    return pool


async def scans(pool: Pool, query: str, *arguments: Any) -> set[tuple[str, str]]:
    """Return how each table is read: `(table, kind of scan)`."""
    plan = await pool.fetchval(f"EXPLAIN (FORMAT JSON) {query}", *arguments)
    found: set[tuple[str, str]] = set()

    def walk(node: dict[str, Any]) -> None:
        if "Relation Name" in node:
            found.add((node["Relation Name"], node["Node Type"]))
        for child in node.get("Plans", []):
            walk(child)

    walk(orjson.loads(plan)[0]["Plan"])
    return found


async def test_due_rechecks_are_found_by_index(crowded: Pool) -> None:
    found = await scans(crowded, members._SQL.due, 1, NOW, 500)

    assert "Seq Scan" not in {scan for table, scan in found if table == "segment_rechecks"}


async def test_the_next_recheck_is_found_by_index(crowded: Pool) -> None:
    assert {("segment_rechecks", "Index Only Scan")} == await scans(crowded, members._SQL.next_due)


async def test_the_filter_retries_of_people_are_found_by_index(crowded: Pool) -> None:
    for query, arguments in ((filter_retries._SQL.of_people, ([5, 6],)), (members._SQL.of_people, ([5, 6], NOW))):
        found = await scans(crowded, query, *arguments)

        assert "Seq Scan" not in {scan for _, scan in found}


async def test_what_is_overdue_for_people_is_found_by_index(crowded: Pool) -> None:
    found = await scans(crowded, overdue._SQL.of_people, [5, 6], NOW)

    assert "Seq Scan" not in {scan for table, scan in found if table != "campaigns"}  # there is one, or few


async def test_people_are_found_by_index_whatever_names_them(crowded: Pool) -> None:
    found = await scans(crowded, people._SQL.lock, 1, ["p5"], ["6@x.test"], ["c7"], ["n8"])

    assert "Seq Scan" not in {scan for table, scan in found if table == "people"}
