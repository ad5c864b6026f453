"""Segments come and go; what uses one decides whether it may (behaviour 3.31)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.lifecycle import State
from storage.database import Connection
from storage.queries import load

_SQL = load("segment_lifecycle")


async def create_manual(
    connection: Connection, workspace_id: int, *, key: str, name: str, description: str, now: datetime
) -> None:
    """Write a new manual segment, empty."""
    await connection.execute(_SQL.create_manual, workspace_id, key, name, description, now)


async def used_by_campaigns(connection: Connection, workspace_id: int, key: str) -> list[tuple[str, State]]:
    """Return key and state of every campaign whose latest version uses a segment, by key."""
    rows = await connection.fetch(_SQL.used_by_campaigns, workspace_id, key)
    return [(row["key"], row["state"]) for row in rows]


async def archive(connection: Connection, segment_id: int, *, now: datetime) -> None:
    """Leave a segment as it is from now on."""
    await connection.execute(_SQL.archive, segment_id, now)


async def unarchive(connection: Connection, segment_ids: Sequence[int], *, now: datetime) -> None:
    """Bring segments back; those that people join by themselves are built from the first person on."""
    await connection.execute(_SQL.unarchive, segment_ids, now)


async def remove(connection: Connection, segment_id: int) -> None:
    """Delete a segment and its memberships."""
    await connection.execute(_SQL.remove, segment_id)
