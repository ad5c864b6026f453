"""A million people and what they did, made inside the database, and segments of them as documents and as plain SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from storage.database import Connection

_PATIENCE: Final = 3600.0
"""Seconds that one statement may take."""

_PEOPLE: Final = """
INSERT INTO people (workspace_id, cio_id, external_id, email, email_key, attributes, created_at, updated_at)
SELECT $1, 'crowd' || n, 'crowd' || n, 'crowd' || n || '@bench.example', 'crowd' || n || '@bench.example',
       jsonb_build_object(
           'number', n,
           'plan', (ARRAY['free', 'free', 'free', 'basic', 'basic', 'pro', 'team'])[1 + n % 7],
           'visits', n % 100,
           'city', 'city ' || n % 97,
           'language', (ARRAY['de', 'en', 'fr', 'it'])[1 + n % 4],
           'address', jsonb_build_object('zip', n % 9973, 'country', 'CH')),
       $3::timestamptz - interval '400 days', $3::timestamptz
FROM generate_series(1, $2::bigint) AS n
"""

# Three each on average: every tenth did twelve things, two of ten six, two of ten three, and half of them nothing.
# Stored in the order in which they happened, so that what one person did lies far apart, as it does after a year.
_EVENTS: Final = """
INSERT INTO events (workspace_id, person_id, kind, name, data, occurred_at, received_at)
SELECT $1, person_id, 'event', name, jsonb_build_object('price', chance % 100, 'sku', 'A' || chance % 500), at, $2
FROM (
    SELECT p.id AS person_id, (ARRAY['purchase', 'viewed', 'opened'])[1 + k % 3] AS name, chance,
           $2::timestamptz - make_interval(secs => chance % 31536000) AS at
    FROM people AS p
    CROSS JOIN generate_series(1, 12) AS k
    CROSS JOIN LATERAL (SELECT hashint8(p.id * 16 + k)::bigint & 2147483647 AS chance) AS drawn
    WHERE p.workspace_id = $1 AND p.attributes ? 'number'
      AND k <= (ARRAY[12, 6, 6, 3, 3, 0, 0, 0, 0, 0])[1 + (p.attributes ->> 'number')::bigint % 10]
) AS happened
ORDER BY at
"""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Who of the crowd is meant. `count` is written by hand; its $1 is the workspace, its $2 the present."""

    name: str
    condition: Mapping[str, Any]
    count: str

    def arguments(self, workspace_id: int, now: datetime) -> tuple[int | datetime, ...]:
        """Return what the query is asked with."""
        return (workspace_id, now) if "$2" in self.count else (workspace_id,)


ATTRIBUTES: Final = Question(
    name="an attribute segment",
    condition={"all": [{"attribute": "plan", "one_of": ["pro", "team"]}, {"attribute": "visits", "greater_than": 65}]},
    count="""
        SELECT count(*) FROM people
        WHERE workspace_id = $1 AND attributes ->> 'plan' IN ('pro', 'team') AND (attributes ->> 'visits')::int > 65
    """,
)
EVER: Final = Question(
    name="an event-count segment",
    condition={"performed": {"event": "purchase", "at_least": 3}},
    count="""
        SELECT count(*) FROM (
            SELECT person_id FROM events
            WHERE workspace_id = $1 AND kind = 'event' AND name = 'purchase'
            GROUP BY person_id HAVING count(*) >= 3
        ) AS buyers
    """,
)
LATELY: Final = Question(
    name="an event-count segment with a window",
    condition={"performed": {"event": "purchase", "at_least": 2, "within": "180d"}},
    count="""
        SELECT count(*) FROM (
            SELECT person_id FROM events
            WHERE workspace_id = $1 AND kind = 'event' AND name = 'purchase'
              AND occurred_at <= $2 AND occurred_at > $2 - interval '180 days'
            GROUP BY person_id HAVING count(*) >= 2
        ) AS buyers
    """,
)


async def gather(connection: Connection, workspace_id: int, *, people: int, now: datetime) -> None:
    """Make that many people and three times as many events, received now, as well kept as a database that rests."""
    await connection.execute(_PEOPLE, workspace_id, people, now, timeout=_PATIENCE)
    await connection.execute("ANALYZE people", timeout=_PATIENCE)
    await connection.execute(_EVENTS, workspace_id, now, timeout=_PATIENCE)
    for step in ("VACUUM (ANALYZE) people", "VACUUM (ANALYZE) events", "CHECKPOINT"):
        await connection.execute(step, timeout=_PATIENCE)
