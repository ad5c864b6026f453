"""How late we are: with what was taken in, with what Temporal must be told, and with what is due by time alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Connection
from storage.queries import load

_SQL = load("lags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lags:
    """Instants of the oldest over all workspaces; None where nothing waits."""

    inbox: datetime | None
    outbox: datetime | None
    segments: datetime | None
    """Of memberships that time changes, by when they were due; so are the next ones."""
    filters: datetime | None
    """Of events that waited for their filters until then."""
    dates: datetime | None
    """Of dates that begin journeys."""
    reentries: datetime | None
    """Of intervals between two entries."""
    journeys: datetime | None
    """Of waits in journeys."""


async def lags(connection: Connection, *, now: datetime) -> Lags:
    """Look, by index, for the oldest of everything that waits."""
    row = await connection.fetchrow(_SQL.lags, now)
    assert row is not None
    return Lags(**row)
