"""Who matches a condition trigger, and who does not: people by memberships alone (behaviour 12.05, 13.09)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from engine.conditions import All, AnyOf, Condition, InSegment
from storage.database import Connection

_NOBODY: Final = "false"


async def page(
    connection: Connection,
    workspace_id: int,
    condition: Condition,
    segments: Mapping[str, int],
    *,
    since: datetime | None,
    begun: Condition | None = None,
    after: int,
    limit: int,
) -> list[int]:
    """Return the next people who match, by id, with an id above `after`.

    `segments` are the ids of segments by key. `since` leaves out whose match began before: who matches by segments
    that they are in since before then (behaviour 12.07). It speaks of the match of `begun`, if that is given.
    """
    where, arguments = _where(condition, segments, since, begun, first=4)
    sql = f"SELECT id FROM people AS p WHERE workspace_id = $1 AND id > $2 AND {where} ORDER BY id LIMIT $3"
    return [row["id"] for row in await connection.fetch(sql, workspace_id, after, limit, *arguments)]


async def count(
    connection: Connection,
    workspace_id: int,
    condition: Condition,
    segments: Mapping[str, int],
    *,
    since: datetime | None = None,
    begun: Condition | None = None,
) -> int:
    """Return how many people match, as in `page`."""
    where, arguments = _where(condition, segments, since, begun, first=2)
    sql = f"SELECT count(*) FROM people AS p WHERE workspace_id = $1 AND {where}"
    return int(await connection.fetchval(sql, workspace_id, *arguments))


async def is_one(
    connection: Connection,
    workspace_id: int,
    condition: Condition,
    segments: Mapping[str, int],
    *,
    since: datetime | None,
    begun: Condition | None = None,
    person_id: int,
) -> bool:
    """Return whether a person is one of those who match, as in `page`."""
    where, arguments = _where(condition, segments, since, begun, first=3)
    sql = f"SELECT EXISTS (SELECT FROM people AS p WHERE workspace_id = $1 AND id = $2 AND {where})"
    return bool(await connection.fetchval(sql, workspace_id, person_id, *arguments))


async def note_others(
    connection: Connection, campaign_id: int, condition: Condition, segments: Mapping[str, int]
) -> None:
    """Note of all who entered a campaign and do not match now that they have stopped (behaviour 13.09)."""
    where, arguments = _where(condition, segments, first=2)
    sql = (
        "UPDATE entry_history AS h SET has_stopped = true FROM people AS p "
        f"WHERE h.campaign_id = $1 AND NOT h.has_stopped AND p.id = h.person_id AND NOT ({where})"
    )
    await connection.execute(sql, campaign_id, *arguments)


def _where(
    condition: Condition,
    segments: Mapping[str, int],
    since: datetime | None = None,
    begun: Condition | None = None,
    *,
    first: int,
) -> tuple[str, list[object]]:
    arguments: list[object] = []

    def argument(value: object) -> str:
        arguments.append(value)
        return f"${first + len(arguments) - 1}"

    def said(part: Condition, before: datetime | None = None) -> str:
        match part:
            case All(parts):
                return f"({' AND '.join(said(one, before) for one in parts)})" if parts else _NOBODY
            case AnyOf(parts):
                return f"({' OR '.join(said(one, before) for one in parts)})" if parts else _NOBODY
            case InSegment(key, negative):
                member = f"segment_id = {argument(segments.get(key, 0))}::bigint AND person_id = p.id"
                if negative:  # since when is not kept, so nothing is said about that
                    return f"NOT EXISTS (SELECT FROM segment_members WHERE {member})"
                if before is not None:
                    member += f" AND since < {argument(before)}::timestamptz"
                return f"EXISTS (SELECT FROM segment_members WHERE {member})"
            case _:
                raise ValueError(f"a trigger asks about segments alone, not {part!r}")

    where = said(condition)
    if since is not None:
        where += f" AND NOT {said(begun or condition, before=since)}"
    return where, arguments
