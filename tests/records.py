"""Rows as the engine would have left them, for tests of what reads or settles them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from storage.database import Pool


async def add_person(
    pool: Pool,
    workspace: int,
    now: datetime,
    *,
    id: str | None = "ada",  # noqa: A002 - the callers' word
    email: str | None = None,
    **attributes: Any,
) -> int:
    """Write a person; return our internal id."""
    return int(
        await pool.fetchval(
            """
            INSERT INTO people (workspace_id, cio_id, external_id, email, email_key, attributes, created_at, updated_at)
            VALUES ($1, md5(random()::text), $2, $3, lower($3), $4, $5, $5) RETURNING id
            """,
            workspace,
            id,
            email,
            attributes,
            now,
        )
    )


async def add_journey(
    pool: Pool, workspace: int, campaign: int, person: int, now: datetime, *, state: str = "running", **columns: Any
) -> int:
    """Write a journey, open unless its state says otherwise; return its id."""
    ended_at = now if state in ("finished", "exited") else None
    return int(
        await pool.fetchval(
            """
            INSERT INTO journeys (id, workspace_id, campaign_id, person_id, occurrence, event_id, event_name, event_at,
                                  trigger_data, state, exit_reason, version, block, arrived_at, due_at, turn, move,
                                  started_at, ended_at)
            SELECT id, $1, $2, $3, 'e' || id, id, 'signed_up', $4, $5, $6, $7, 1, $8, $4, $9, 1, $10, $4, $11
            FROM nextval('journey_ids') AS id
            RETURNING id
            """,
            workspace,
            campaign,
            person,
            now,
            columns.get("data", {}),
            state,
            columns.get("exit_reason"),
            columns.get("block", "start.delay"),
            columns.get("due_at"),
            columns.get("move"),
            ended_at,
        )
    )


async def add_retry(pool: Pool, workspace: int, campaign: int, person: int, now: datetime, until: datetime) -> int:
    """Write an event that waits for its filters; return the id that its journey would have."""
    return int(
        await pool.fetchval(
            """
            INSERT INTO filter_retries (id, workspace_id, campaign_id, person_id, occurrence, event_id, event_name,
                                        event_at, trigger_data, received_at, expires_at)
            SELECT id, $1, $2, $3, 'e' || id, id, 'signed_up', $4, '{}', $4, $5 FROM nextval('journey_ids') AS id
            RETURNING id
            """,
            workspace,
            campaign,
            person,
            now,
            until,
        )
    )


async def add_delivery(
    pool: Pool, workspace: int, campaign: int, person: int, journey: int, now: datetime, *, state: str = "sent"
) -> str:
    """Write a delivery of an email; return its public id."""
    return str(
        await pool.fetchval(
            """
            INSERT INTO deliveries (key, public_id, workspace_id, campaign_id, version, journey_id, person_id,
                                    block, channel, state, recipient, subject, content, attempts, created_at,
                                    updated_at, times)
            VALUES ($5::text || ':nudge:' || gen_random_uuid(), left(md5(random()::text), 26), $1, $2, 1,
                    $5::text::bigint, $3, 'nudge', 'email', $6, 'ada@example.com', 'Hello', '{"html": "<p>Hello</p>"}',
                    1, $4, $4, '{}')
            RETURNING public_id
            """,
            workspace,
            campaign,
            person,
            now,
            str(journey),
            state,
        )
    )
