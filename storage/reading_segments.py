"""What an operator sees of segments: whether they are built, how many are in them, and who."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from storage.database import Connection
from storage.pages import Page
from storage.queries import load

MOST_COUNTED: Final = 1_000_000
"""Members of one segment are counted up to here, some 100 ms; in the list of all segments up to a tenth."""

_LONGEST_NUMBER: Final = 19  # digits that are sure to fit 64 bits

MOST_SHOWN: Final = 200
"""Campaigns that are named as users of one segment."""

_SQL = load("reading_segments")


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """A segment and how many people are in it."""

    id: int
    key: str
    name: str
    description: str
    kind: str
    condition: Any
    version: int
    state: str
    members: int
    members_at_least: bool
    """Whether counting stopped there."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """A person in a segment, and since when."""

    id: str | None
    email: str | None
    cio_id: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UsingCampaign:
    """A campaign that asks about a segment."""

    campaign_key: str
    campaign_name: str
    state: str


async def page(connection: Connection, workspace_id: int, *, after: str = "", limit: int) -> Page[SegmentView]:
    """Return segments by key, those behind `after`."""
    rows = await connection.fetch(_SQL.page, workspace_id, after, limit + 1, MOST_COUNTED // 10)
    views = [SegmentView(**row) for row in rows[:limit]]
    return Page(views, (views[-1].key,) if len(rows) > limit else None)


async def one(connection: Connection, workspace_id: int, key: str) -> SegmentView | None:
    """Return one segment."""
    row = await connection.fetchrow(_SQL.one, workspace_id, key, MOST_COUNTED)
    return SegmentView(**row) if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentName:
    """What a segment is, without asking who is in it."""

    key: str
    kind: str
    state: str


async def named(connection: Connection, workspace_id: int, name: str) -> SegmentName | None:
    """Return a segment by its number, which clients of the Track API know it by, or by its key.

    A key may be digits as well; the number goes before.
    """
    number = int(name) if name.isascii() and name.isdecimal() and len(name) < _LONGEST_NUMBER else None
    row = await connection.fetchrow(_SQL.named, workspace_id, number, name)
    return SegmentName(**row) if row else None


async def used_by(connection: Connection, workspace_id: int, key: str) -> list[UsingCampaign]:
    """Return the campaigns whose latest version asks about a segment, by key."""
    return [UsingCampaign(**row) for row in await connection.fetch(_SQL.used_by, workspace_id, key, MOST_SHOWN)]


async def members(connection: Connection, segment_id: int, *, after: int = 0, limit: int) -> Page[MemberView]:
    """Return members of a segment, those behind the internal id `after`."""
    rows = await connection.fetch(_SQL.members, segment_id, after, limit + 1)
    views = [
        MemberView(id=row["id"], email=row["email"], cio_id=row["cio_id"], since=row["since"]) for row in rows[:limit]
    ]
    return Page(views, (rows[limit - 1]["person_id"],) if len(rows) > limit else None)
