"""Why did this person not enter? Every refusal is kept with its reason and what was seen, and read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from engine.instants import EPOCH
from storage.database import Connection
from storage.pages import FIRST, Page
from storage.queries import load

_SQL = load("reading_refusals")

Position = tuple[int, int, str]
"""Microseconds since 1970, the id of the person (or of the campaign, in a person's list), the occurrence."""

LATEST: Final[Position] = (FIRST, FIRST, "")

_MICROSECOND: Final = timedelta(microseconds=1)
_LAST_INSTANT: Final = EPOCH.replace(year=9999)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalView:
    """One trigger of one person that led to no journey."""

    campaign_id: int
    campaign_key: str
    campaign_name: str
    person_id: int
    external_id: str | None
    email: str | None
    cio_id: str | None
    occurrence: str
    at: datetime
    reason: str
    seen: dict[str, Any]


async def of_campaign(
    connection: Connection, campaign_id: int, *, before: Position = LATEST, limit: int
) -> Page[RefusalView]:
    """Return the refusals of a campaign, latest first."""
    views = await _views(connection, _SQL.of_campaign, campaign_id, before, limit)
    return Page(views[:limit], _position(views, limit, of_person=False))


async def of_person(
    connection: Connection, person_id: int, *, before: Position = LATEST, limit: int
) -> Page[RefusalView]:
    """Return the refusals of a person, latest first."""
    views = await _views(connection, _SQL.of_person, person_id, before, limit)
    return Page(views[:limit], _position(views, limit, of_person=True))


async def of_person_in(connection: Connection, campaign_id: int, person_id: int, *, limit: int) -> list[RefusalView]:
    """Return the refusals of a person in one campaign, latest first."""
    return [RefusalView(**row) for row in await connection.fetch(_SQL.of_person_in, campaign_id, person_id, limit)]


async def of_retry(connection: Connection, workspace_id: int, retry_id: int) -> RefusalView | None:
    """Return what became of an event that waited for its filters; None if it was not refused."""
    row = await connection.fetchrow(_SQL.of_retry, workspace_id, retry_id)
    return RefusalView(**row) if row else None


async def _views(connection: Connection, query: str, owner: int, before: Position, limit: int) -> list[RefusalView]:
    microseconds, other, occurrence = before
    most = (_LAST_INSTANT - EPOCH) // _MICROSECOND
    at = EPOCH + min(microseconds, most) * _MICROSECOND
    return [RefusalView(**row) for row in await connection.fetch(query, owner, at, other, occurrence, limit + 1)]


def _position(views: list[RefusalView], limit: int, *, of_person: bool) -> Position | None:
    if len(views) <= limit:
        return None
    last = views[limit - 1]
    other = last.campaign_id if of_person else last.person_id
    return (last.at - EPOCH) // _MICROSECOND, other, last.occurrence
