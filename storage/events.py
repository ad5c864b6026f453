"""Everything that people did, once each, in the order in which we heard of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from storage.database import FEW, Connection
from storage.queries import load

_SQL = load("events")


class EventRow(NamedTuple):
    """One event, page view or screen view. `id` is that of its input; `person_id` is None while it is anonymous."""

    id: int
    workspace_id: int
    person_id: int | None
    anonymous_id: str | None
    kind: str
    name: str
    data: Mapping[str, Any]
    depth: int
    occurred_at: datetime
    received_at: datetime


async def reserve_ids(connection: Connection, count: int) -> list[int]:
    """Return ids for events that did not come through the inbox, ascending; a gap does no harm."""
    return [row["id"] for row in await connection.fetch(_SQL.reserve_ids, count)]


async def claim_keys(connection: Connection, workspace_id: int, keys: Collection[str], *, now: datetime) -> set[str]:
    """Remember client-supplied event ids; return those never seen before."""
    return {row["key"] for row in await connection.fetch(_SQL.claim_keys, workspace_id, list(keys), now)}


async def add(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Write events. The partition of each month of receipt must exist (`storage.partitions.prepare`)."""
    if len(rows) > FEW:
        await connection.copy_records_to_table("events", records=rows, columns=EventRow._fields)
    else:
        await connection.execute(_SQL.add, *zip(*rows, strict=True))


async def remove_of_people(connection: Connection, person_ids: Sequence[int]) -> None:
    """Delete everything that these people did."""
    await connection.execute(_SQL.remove_of_people, person_ids)
