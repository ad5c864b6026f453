"""What an operator sees of campaigns: their state, how many people are inside, and every version ever saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from engine.lifecycle import StopMode
from storage.database import Connection
from storage.loading import LoadState
from storage.pages import FIRST, Page
from storage.queries import load

MOST_COUNTED: Final = 100_000
"""Journeys inside are counted up to here, some 10 ms."""

_NEWEST: Final = (1 << 31) - 1

_SQL = load("reading_campaigns")


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignView:
    """A campaign with its latest document."""

    id: int
    key: str
    name: str
    state: str
    latest_version: int
    document: dict[str, Any]
    inside: int
    """Open journeys."""
    inside_at_least: bool
    """Whether counting stopped there."""
    created_at: datetime
    updated_at: datetime
    first_started_at: datetime | None
    started_at: datetime | None
    stopped_at: datetime | None
    stop_mode: StopMode | None
    webhook_token: str | None
    """Of a webhook trigger: the unguessable part of its address (behaviour 1.90)."""
    load_state: LoadState | Literal["over"] | None
    """Whether those who matched at the latest start are being let in (behaviour 12.08), or were; None is nobody."""
    loaded: int
    load_held_back: int
    load_total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """One save of a campaign."""

    version: int
    created_at: datetime


async def page(connection: Connection, workspace_id: int, *, after: str = "", limit: int) -> Page[CampaignView]:
    """Return campaigns by key, those behind `after`; their documents without the workflow."""
    rows = await connection.fetch(_SQL.page, workspace_id, after, limit + 1, MOST_COUNTED)
    views = [CampaignView(**row) for row in rows[:limit]]
    return Page(views, (views[-1].key,) if len(rows) > limit else None)


async def one(connection: Connection, workspace_id: int, key: str) -> CampaignView | None:
    """Return one campaign."""
    row = await connection.fetchrow(_SQL.one, workspace_id, key, MOST_COUNTED)
    return CampaignView(**row) if row else None


async def document_of(connection: Connection, campaign_id: int, version: int) -> dict[str, Any] | None:
    """Return the document of one version."""
    row = await connection.fetchrow(_SQL.version, campaign_id, version)
    return row["document"] if row else None


async def versions(connection: Connection, campaign_id: int, *, before: int = FIRST, limit: int) -> Page[VersionView]:
    """Return the versions of a campaign, newest first, those older than `before`."""
    rows = await connection.fetch(_SQL.versions, campaign_id, min(before, _NEWEST), limit + 1)
    views = [VersionView(**row) for row in rows[:limit]]
    return Page(views, (views[-1].version,) if len(rows) > limit else None)
