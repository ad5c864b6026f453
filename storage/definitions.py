"""The campaigns and segments that intake decides by, and the counter that says whether it still knows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from engine.lifecycle import State
from storage.database import Connection
from storage.queries import load

_SQL = load("definitions")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedCampaign:
    """A campaign that can be entered, may be again, or has people inside, in one version.

    `started_at` is of the latest start, `since` is when the version was saved.
    """

    id: int
    key: str
    version: int
    since: datetime
    document: dict[str, Any]
    started_at: datetime
    state: State
    current_since: datetime | None
    """Who began to match since then enters although that was before the start; None if nobody does (12.05-12.07)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSegment:
    """A segment. While it is building, not all of its members are known."""

    id: int
    key: str
    condition: Any
    """The document form; None for a manual segment."""
    state: Literal["building", "ready", "archived"]
    redefined_at: datetime | None
    """Since when it means what it does now; None is since ever."""


async def hold(connection: Connection, workspace_id: int) -> int:
    """Keep every definition of the workspace as it is until the transaction ends; return how often they changed."""
    version: int | None = await connection.fetchval(_SQL.hold, workspace_id)
    if version is None:
        await connection.execute(_SQL.begin, workspace_id)
        return await hold(connection, workspace_id)
    return version


async def keep_out(connection: Connection, workspace_id: int) -> None:
    """Keep everybody from deciding anything in the workspace until the transaction ends, without a change."""
    await connection.execute(_SQL.keep_out, workspace_id)


async def campaigns(
    connection: Connection, workspace_id: int, *, until: datetime | None = None
) -> list[StartedCampaign]:
    """Return what people can enter now, and the condition campaigns to which it matters who stops matching.

    With `until` in every version from that on which counted just before then, the latest first.
    """
    return [StartedCampaign(**row) for row in await connection.fetch(_SQL.campaigns, workspace_id, until)]


async def edits(connection: Connection, workspace_id: int) -> list[datetime]:
    """Return when versions of campaigns began to count that had been started, in order."""
    return [row["created_at"] for row in await connection.fetch(_SQL.edits, workspace_id)]


async def segments(connection: Connection, workspace_id: int) -> list[StoredSegment]:
    """Return the segments of a workspace, ready or building."""
    return [StoredSegment(**row) for row in await connection.fetch(_SQL.segments, workspace_id)]


async def build_cursor(connection: Connection, segment_id: int) -> int:
    """Return how far the build of a segment has come: the id of the last person that was looked at."""
    return (await build_cursors(connection, [segment_id]))[segment_id]


async def build_cursors(connection: Connection, segment_ids: Sequence[int]) -> dict[int, int]:
    """Return by segment how far its build has come."""
    rows = await connection.fetch(_SQL.build_cursors, segment_ids)
    return {row["id"]: row["build_cursor"] for row in rows}


async def advance_build(connection: Connection, segment_id: int, cursor: int) -> None:
    """Remember how far the build of a segment has come."""
    await connection.execute(_SQL.advance_build, segment_id, cursor)


async def finish_build(connection: Connection, segment_id: int, *, now: datetime) -> None:
    """Write that every person has been looked at."""
    await connection.execute(_SQL.finish_build, segment_id, now)


async def workspaces(connection: Connection) -> list[int]:
    """Return the ids of all workspaces."""
    return [row["id"] for row in await connection.fetch(_SQL.workspaces)]
