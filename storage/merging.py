"""What one person has becomes another's, in the record; whoever calls has locked both (behaviour 17.14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Connection
from storage.queries import load

_SQL = load("merging")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What has to be known of the move."""

    first_event_at: datetime | None
    """When the earliest event happened that was moved."""
    campaigns: list[int]
    """Campaigns in which a journey that was moved is open."""


async def move(connection: Connection, secondary: int, primary: int, *, since: datetime) -> Moved:
    """Move events received since an instant, devices, deliveries, refusals and journeys from one person to another.

    What was counted, and what is left of the secondary, is for the caller.
    """
    # Journeys first: whoever decides about one holds it, and then writes to its deliveries and re-entries.
    rows = await connection.fetch(_SQL.move_journeys, secondary, primary)
    first_event_at = await connection.fetchval(_SQL.move_events, secondary, primary, since)
    for statement in (
        _SQL.move_devices,
        _SQL.move_deliveries,
        _SQL.move_refusals,
        _SQL.move_history,
        _SQL.move_reentries,
    ):
        await connection.execute(statement, secondary, primary)
    return Moved(first_event_at=first_event_at, campaigns=[row["campaign_id"] for row in rows])
