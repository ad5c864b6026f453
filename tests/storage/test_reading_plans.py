"""What an operator looks at must cost the same with ten rows and with ten million: every list is read from an index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from storage.database import Connection, Pool
from storage.pages import FIRST, STRETCH
from storage.queries import load

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

JOURNEYS = load("reading_journeys")
DELIVERIES = load("reading_deliveries")
REFUSALS = load("reading_refusals")
PEOPLE = load("reading_people")
CAMPAIGNS = load("reading_campaigns")
SEGMENTS = load("reading_segments")

LATEST = (NOW, FIRST, "")

READS: dict[str, tuple[str, list[Any], str]] = {
    "journeys of a campaign": (JOURNEYS.of_campaign, [1, FIRST, None, 50, 50], "journeys_campaign"),
    "ended journeys of a campaign": (JOURNEYS.of_campaign, [1, FIRST, "exited", 50, STRETCH], "journeys_campaign"),
    "open journeys of a campaign": (JOURNEYS.open_of_campaign, [1, FIRST, "open", 50, STRETCH], "journeys_open"),
    "waits of a campaign": (
        JOURNEYS.waiting_of_campaign,
        [1, FIRST, "waiting_for_filters", 50, STRETCH],
        "filter_retries_campaign",
    ),
    "journeys of a person": (JOURNEYS.of_person, [1, FIRST, None, 50, 50], "journeys_person"),
    "rows of journeys": (JOURNEYS.rows, [1, [1, 2, 3]], "journeys_pkey"),
    "log of a journey": (JOURNEYS.decisions, [1, -1, -1, 200], "decisions_pkey"),
    "deliveries of a workspace": (DELIVERIES.of_workspace, [1, FIRST, None, 50, 50], "deliveries_workspace"),
    "deliveries of a campaign": (DELIVERIES.of_campaign, [1, FIRST, "failed", 50, STRETCH], "deliveries_campaign"),
    "deliveries of a person": (DELIVERIES.of_person, [1, FIRST, None, 50, 50], "deliveries_person"),
    "deliveries of a journey": (DELIVERIES.of_journey, [1, 200], "deliveries_journey"),
    "unknown outcomes": (DELIVERIES.unknown_of_workspace, [1, FIRST, "unknown", 50, STRETCH], "deliveries_unknown"),
    "one delivery": (DELIVERIES.id_of, [1, "x"], "deliveries_public_id_key"),
    "refusals of a campaign": (REFUSALS.of_campaign, [1, *LATEST, 50], "refusals_campaign"),
    "refusals of a person": (REFUSALS.of_person, [1, *LATEST, 50], "refusals_person"),
    "refusal of what waited": (REFUSALS.of_retry, [1, 20001], "refusals_retry"),
    "refusals to forget": (load("entries").forget_refusals, [NOW, 100], "refusals_at"),
    "a person by email": (PEOPLE.by_email, [1, "x@example.com"], "people_email"),
    "failed changes": (PEOPLE.failed_changes, [1, 20], "failed_changes_person"),
    "people inside": (CAMPAIGNS.page, [1, "", 50, 100_000], "journeys_open"),
    "members": (SEGMENTS.members, [1, 0, 50], "segment_members_pkey"),
}

ROWS = """
INSERT INTO people (workspace_id, cio_id, external_id, email, email_key, created_at, updated_at)
SELECT 1, n, n, n, n, $1, $1 FROM generate_series(1, 4000) AS n;

INSERT INTO campaigns (workspace_id, key, name, state, latest_version, created_at, updated_at)
SELECT 1, n, n, 'running', 1, $1, $1 FROM generate_series(1, 20) AS n;

INSERT INTO campaign_versions (campaign_id, version, document, created_at) SELECT id, 1, '{}', $1 FROM campaigns;

INSERT INTO journeys (id, workspace_id, campaign_id, person_id, occurrence, state, version, started_at)
SELECT n, 1, 1 + n % 20, 1 + n % 4000, n, CASE n % 4 WHEN 0 THEN 'running' ELSE 'finished' END, 1, $1
FROM generate_series(1, 12000) AS n;

INSERT INTO filter_retries (id, workspace_id, campaign_id, person_id, occurrence, event_id, event_name, event_at,
                            trigger_data, received_at, expires_at)
SELECT n, 1, 1 + n % 20, 1 + n % 4000, n, n, 'x', $1, '{}', $1, $1 FROM generate_series(20001, 24000) AS n;

INSERT INTO decisions (journey_id, turn, place, at, kind, text)
SELECT n, turn, 0, $1, 'waiting', '' FROM generate_series(1, 4000) AS n, generate_series(1, 3) AS turn;

INSERT INTO deliveries (key, public_id, workspace_id, campaign_id, version, journey_id, person_id, block, channel,
                        state, created_at, updated_at)
SELECT n, n, 1 + n % 3, 1 + n % 20, 1, n, 1 + n % 4000, 'a', 'email',
       CASE n % 1000 WHEN 0 THEN 'unknown' ELSE 'sent' END, $1, $1
FROM generate_series(1, 12000) AS n;

INSERT INTO refusals (campaign_id, person_id, occurrence, workspace_id, at, reason, seen)
SELECT 1 + n % 20, 1 + n % 4000, n, 1, $1::timestamptz - n * interval '1 second', 'stale', '{}'
FROM generate_series(1, 12000) AS n;

INSERT INTO failed_changes (workspace_id, person_id, at, reason, detail) SELECT 1, id, $1, 'x', '{}' FROM people;

INSERT INTO segments (workspace_id, key, name, kind, state, created_at, updated_at)
SELECT 1, n, n, 'manual', 'ready', $1, $1 FROM generate_series(1, 5) AS n;

INSERT INTO segment_members (segment_id, person_id, since) SELECT s.id, p.id, $1 FROM segments AS s, people AS p
"""


@pytest.fixture
async def connection(pool: Pool) -> Any:
    async with pool.acquire() as connection:
        await fill(pool)
        await connection.execute("ANALYZE")
        yield connection


async def fill(pool: Pool) -> None:
    """Write 20 campaigns and 4,000 people with a row of everything each; three quarters of the journeys have ended."""
    await pool.execute("INSERT INTO workspaces (name, created_at) VALUES ('tests', $1)", NOW)
    for statement in ROWS.split(";"):
        await pool.execute(statement, NOW)


async def test_every_list_is_read_from_its_index(connection: Connection) -> None:
    found = {}
    for name, (query, arguments, _) in READS.items():
        [(plan,)] = await connection.fetch(f"EXPLAIN (FORMAT JSON) {query}", *arguments)
        found[name] = list(nodes(orjson.loads(plan)))

    small = {"campaigns", "campaign_versions", "segments"}
    for name, (_, _, index) in READS.items():
        scanned = {node["Relation Name"] for node in found[name] if node["Node Type"] == "Seq Scan"}
        assert set() == scanned - small, name
        assert index in {node.get("Index Name") for node in found[name]}, name


def nodes(plan: Any) -> Iterator[dict[str, Any]]:
    for node in plan if isinstance(plan, list) else [plan]:
        inside = node.get("Plan", node)
        yield inside
        for child in inside.get("Plans", []):
            yield from nodes(child)
