"""Who is in which segment, and when to look again at those whose membership changes by time alone (behaviour 3.13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import FEW, Connection
from storage.queries import load

_SQL = load("members")

Membership = tuple[int, int]
"""Segment and person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What hangs on one person: the ids of their segments, and whether there is more to be looked up."""

    id: int
    segments: list[int]
    is_retrying: bool
    """Whether an event of theirs waits for its filters."""
    is_overdue: bool
    """Whether something that time alone brings about was due."""


async def of_people(connection: Connection, person_ids: Sequence[int], *, now: datetime) -> list[Belongings]:
    """Return what hangs on each of these people, whom the caller has locked."""
    return [Belongings(**row) for row in await connection.fetch(_SQL.of_people, person_ids, now)]


async def join(connection: Connection, joined: Sequence[tuple[Membership, datetime]]) -> None:
    """Write memberships that began, and when. Whoever writes one holds the lock of the person, so none is there yet."""
    rows = [(segment, person, since) for (segment, person), since in joined]
    if len(rows) > FEW:
        columns = ("segment_id", "person_id", "since")
        await connection.copy_records_to_table("segment_members", records=rows, columns=columns)
    else:
        await connection.execute(_SQL.join, *zip(*rows, strict=True))


async def leave(connection: Connection, memberships: Sequence[Membership]) -> None:
    """Remove memberships that ended."""
    await connection.execute(_SQL.leave, *_columns(memberships))


async def schedule(connection: Connection, rechecks: Sequence[tuple[Membership, datetime]]) -> None:
    """Ask to look at memberships again, each at its instant, in place of an earlier wish."""
    columns = _columns([membership for membership, _ in rechecks])
    await connection.execute(_SQL.schedule, *columns, [due_at for _, due_at in rechecks])


async def unschedule(connection: Connection, memberships: Sequence[Membership]) -> None:
    """Forget to look at memberships again."""
    await connection.execute(_SQL.unschedule, *_columns(memberships))


async def due(connection: Connection, workspace_id: int, *, now: datetime, limit: int) -> set[int]:
    """Return the people whose memberships are to be looked at the longest; `limit` is of memberships."""
    return {row["person_id"] for row in await connection.fetch(_SQL.due, workspace_id, now, limit)}


async def next_due(connection: Connection) -> datetime | None:
    """Return the next instant at which a membership must be looked at, in any workspace."""
    instant: datetime | None = await connection.fetchval(_SQL.next_due)
    return instant


def _columns(memberships: Sequence[Membership]) -> tuple[list[int], list[int]]:
    return [segment for segment, _ in memberships], [person for _, person in memberships]
