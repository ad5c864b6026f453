"""A campaign that stops has people inside: who they are, page by page, and when the last of them has left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from storage.database import Connection
from storage.journeys import OpenJourney
from storage.queries import load

_SQL = load("stopping")

_LEAVING: Final = 0x6C_65_61_76
"""Number space of our advisory locks; the second number is the campaign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingCampaign:
    """What a stop has to know of a campaign."""

    id: int
    workspace_id: int
    key: str
    name: str
    state: str
    started_at: datetime | None


async def find(connection: Connection, campaign_id: int) -> StoppingCampaign | None:
    """Return a campaign by our own id."""
    row = await connection.fetchrow(_SQL.find, campaign_id)
    return StoppingCampaign(**row) if row else None


async def hold(connection: Connection, campaign_id: int) -> StoppingCampaign | None:
    """Return a campaign and keep every decision about its journeys waiting until the transaction ends."""
    row = await connection.fetchrow(_SQL.hold, campaign_id)
    return StoppingCampaign(**row) if row else None


async def count_open(connection: Connection, campaign_id: int) -> int:
    """Return how many journeys have not ended."""
    return int(await connection.fetchval(_SQL.count_open, campaign_id))


async def open_page(
    connection: Connection, campaign_id: int, *, after: int, started_until: datetime, limit: int
) -> list[OpenJourney]:
    """Return open journeys of a campaign, by id, those above `after` that began until an instant."""
    rows = await connection.fetch(_SQL.open_page, campaign_id, after, started_until, limit)
    return [OpenJourney(**row) for row in rows]


async def queue_up(connection: Connection, campaign_id: int) -> None:
    """Wait until every other journey that is ending in this campaign has ended. Call before writing the end."""
    await connection.execute(_SQL.queue_up, _LEAVING, campaign_id % 2**31)
