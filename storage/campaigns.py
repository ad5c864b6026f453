"""Campaigns and their numbered versions. A version is never changed, so a journey always reads one whole document."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.lifecycle import State, StopMode
from storage.database import Connection
from storage.queries import load

_SQL = load("campaigns")


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRow:
    """A campaign with its latest document, normalised, block ids filled in."""

    id: int
    workspace_id: int
    key: str
    name: str
    state: State
    latest_version: int
    document: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    first_started_at: datetime | None
    started_at: datetime | None
    """Of the latest start."""
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version to write. `segments` are the keys of those it asks about."""

    name: str
    document: dict[str, Any]
    segments: AbstractSet[str]


async def find(connection: Connection, workspace_id: int, key: str) -> CampaignRow | None:
    """Return a campaign by its key."""
    row = await connection.fetchrow(_SQL.find, workspace_id, key)
    return CampaignRow(**row) if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledCampaign:
    """A campaign that calls of its webhook start."""

    id: int
    workspace_id: int
    key: str
    state: State


async def called_by(connection: Connection, token: str) -> CalledCampaign | None:
    """Return the campaign whose webhook has this token."""
    row = await connection.fetchrow(_SQL.called_by, token)
    return CalledCampaign(**row) if row else None


async def create(connection: Connection, workspace_id: int, key: str, version: NewVersion, *, now: datetime) -> int:
    """Write a new campaign, a draft, with its version 1; return its id."""
    written = (version.name, version.document, sorted(version.segments))
    return int(await connection.fetchval(_SQL.create, workspace_id, key, *written, now))


async def give_token(connection: Connection, campaign_id: int, token: str) -> None:
    """Give a campaign the unguessable part of its webhook address, unless it has one already."""
    await connection.execute(_SQL.give_token, campaign_id, token)


async def add_version(connection: Connection, campaign_id: int, version: NewVersion, *, now: datetime) -> None:
    """Write the next version and make it the latest."""
    await connection.execute(
        _SQL.add_version, campaign_id, version.name, version.document, sorted(version.segments), now
    )


async def start(connection: Connection, campaign_id: int, *, now: datetime) -> datetime:
    """Write the start; return its instant, which is now unless a clock that is ahead said when it was stopped."""
    started_at: datetime = await connection.fetchval(_SQL.start, campaign_id, now)
    return started_at


async def move(connection: Connection, campaign_id: int, state: State, *, now: datetime) -> None:
    """Write that it is `stopping` while people are inside, or that it is put away or brought back."""
    await connection.execute(_SQL.move, campaign_id, state, now)


async def stop(connection: Connection, campaign_id: int, mode: StopMode, *, now: datetime) -> None:
    """Write that it is `stopped`: nobody is inside, or nobody is to be from now on."""
    await connection.execute(_SQL.stop, campaign_id, mode, now)


async def is_empty(connection: Connection, campaign_id: int) -> bool:
    """Say whether no journey is open."""
    return bool(await connection.fetchval(_SQL.is_empty, campaign_id))


async def drop_retries(
    connection: Connection, campaign_id: int, *, reason: str, now: datetime
) -> list[tuple[int, str]]:
    """Refuse whoever still waits for filters; return of each whom its workflow is called after, and the occurrence."""
    rows = await connection.fetch(_SQL.drop_retries, campaign_id, now, reason)
    return [(row["entrant"], row["occurrence"]) for row in rows]
