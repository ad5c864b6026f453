"""What happened lately, as an operator looks at it who wants to write a campaign about it (behaviour 1.36)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from storage.database import Connection
from storage.pages import FIRST, STRETCH, Page, Stretch
from storage.queries import load

EventKind = Literal["event", "page", "screen", "form"]

_SQL = load("reading_events")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One event. The identifiers are None while nobody is known who did it."""

    id: int
    kind: EventKind
    name: str
    data: Any
    occurred_at: datetime
    received_at: datetime
    anonymous_id: str | None
    external_id: str | None
    email: str | None
    cio_id: str | None


async def recent(
    connection: Connection,
    workspace_id: int,
    *,
    kind: EventKind | None = None,
    name: str | None = None,
    before: int = FIRST,
    limit: int,
) -> Page[EventView]:
    """Return events, the latest heard of first, those older than the id `before`."""
    row = await connection.fetchrow(_SQL.recent, workspace_id, before, kind, name, limit, STRETCH)
    stretch = Stretch.of(row, limit=limit, looked_at_most=STRETCH)
    return Page(await _rows(connection, workspace_id, stretch.ids), stretch.next)


async def one(connection: Connection, workspace_id: int, event_id: int) -> EventView | None:
    """Return one event."""
    found = await _rows(connection, workspace_id, [event_id])
    return found[0] if found else None


async def _rows(connection: Connection, workspace_id: int, ids: list[int]) -> list[EventView]:
    return [EventView(**row) for row in await connection.fetch(_SQL.rows, workspace_id, ids)] if ids else []
