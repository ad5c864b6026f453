"""A deleted person leaves numbers behind and nothing that says who they were (behaviour 9.09)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage import events, people
from storage.database import Connection
from storage.queries import load

_SQL = load("erasure")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenJourney:
    """A journey that was asked to end, by what its workflow is called after."""

    campaign_id: int
    entrant: int
    occurrence: str


async def erase(connection: Connection, person_ids: Sequence[int]) -> list[OpenJourney]:
    """Delete people and what they did, clear what stays of them; return the journeys that were open.

    What waits for filters goes too: whoever must tell its workflow reads it before (`filter_retries.of_people`).
    """
    rows = await connection.fetch(_SQL.end_journeys, person_ids)
    for statement in (_SQL.clear_decisions, _SQL.clear_deliveries, _SQL.forget_clicks, _SQL.clear_refusals):
        await connection.execute(statement, person_ids)
    await events.remove_of_people(connection, person_ids)
    await people.remove(connection, person_ids)
    return [
        OpenJourney(campaign_id=row["campaign_id"], entrant=row["entrant"], occurrence=row["occurrence"])
        for row in rows
        if row["is_open"]
    ]


async def clear_mentions(
    connection: Connection,
    workspace_id: int,
    *,
    external_ids: Sequence[str],
    email_keys: Sequence[str],
    cio_ids: Sequence[str],
) -> None:
    """Clear what inputs said that could not be applied, where it names somebody by one of these identifiers.

    That there was such an input stays, and what was wrong with it. `email_keys` are of `people.email_key`.
    """
    by_email = await _rejected(connection, workspace_id, frozenset(email_keys)) if email_keys else []
    await connection.execute(_SQL.clear_rejects, workspace_id, external_ids, cio_ids, by_email)
    await connection.execute(_SQL.clear_failed_changes, workspace_id, external_ids, email_keys)


async def _rejected(connection: Connection, workspace_id: int, email_keys: frozenset[str]) -> list[int]:
    """Return the inputs that were put aside and name somebody by one of these emails, however it is written there."""
    rows = await connection.fetch(_SQL.rejected_emails, workspace_id)
    return [row["id"] for row in rows if not email_keys.isdisjoint(map(people.email_key, filter(None, row["emails"])))]
