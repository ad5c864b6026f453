"""A campaign was edited: who waits in it, where, and by which version, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from storage.database import Connection
from storage.journeys import OpenJourney
from storage.queries import load

_SQL = load("waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingJourney(OpenJourney):
    """A journey that waits, and where. `version` is of the campaign, when it was told to."""

    block: str
    version: int
    latest_version: int


async def page(connection: Connection, campaign_id: int, *, after: int, limit: int) -> list[WaitingJourney]:
    """Return the next journeys that wait by an older version than the latest, by id, those above `after`."""
    return [WaitingJourney(**row) for row in await connection.fetch(_SQL.page, campaign_id, after, limit)]
