"""What the record says of one person and one campaign, for whoever asks why they did or did not enter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.why import Entries
from storage.database import Connection
from storage.queries import load

_SQL = load("whys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurred:
    """One event of a person."""

    id: int
    data: Any
    occurred_at: datetime
    received_at: datetime
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """What will begin a journey by time alone. All None: nothing."""

    date_at: datetime | None = None
    """When the next date of the person comes, and which it is."""
    date: date | None = None
    again_at: datetime | None = None
    """When the interval ends after which the person enters again; None also if it waits for the end of a journey."""


async def entries(connection: Connection, campaign_id: int, person_id: int) -> Entries:
    """Return how often a person has entered, and whether they are inside."""
    [row] = await connection.fetch(_SQL.entries, campaign_id, person_id)
    return Entries(**row)


async def scheduled(connection: Connection, campaign_id: int, person_id: int) -> Scheduled:
    """Return what will begin a journey by time alone."""
    row = await connection.fetchrow(_SQL.scheduled, campaign_id, person_id)
    return Scheduled(**row) if row else Scheduled()


async def events(connection: Connection, person_id: int, kind: str, name: str, *, limit: int) -> list[Occurred]:
    """Return the latest events of a person with one name, the latest first."""
    return [Occurred(**row) for row in await connection.fetch(_SQL.events, person_id, kind, name, limit)]


async def names(connection: Connection, person_id: int, kind: str, *, limit: int) -> list[str]:
    """Return the names of all events of a person that are of one kind."""
    return [row["name"] for row in await connection.fetch(_SQL.names, person_id, kind, limit)]
