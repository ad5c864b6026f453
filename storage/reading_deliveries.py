"""What was sent, to whom, and what became of it; above all, which outcomes nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from engine.steps.step import Arm
from storage.database import Connection
from storage.pages import FIRST, STRETCH, Page, Stretch
from storage.queries import load

DeliveryState = Literal[
    "queued",
    "drafted",
    "attempted",
    "handing_over",
    "unknown",
    "sent",
    "deferred",
    "delivered",
    "opened",
    "clicked",
    "converted",
    "bounced",
    "suppressed",
    "spammed",
    "unsubscribed",
    "failed",
    "undeliverable",
]
"""Behaviour 14.1, and the two of a hand-over: under way, and left without an answer."""

MOST_OF_ONE_JOURNEY: Final = 200
"""One per message block (behaviour 6.03); no workflow has that many."""

MOST_LINKS: Final = 200
"""Links that are shown of one message; no readable email has that many."""

_SQL = load("reading_deliveries")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One message for one person. `public_id` is its name for the outside, `times` when each state was reached."""

    id: int
    public_id: str
    campaign_id: int
    campaign_key: str
    campaign_name: str
    version: int
    journey_id: int
    person_id: int
    external_id: str | None
    email: str | None
    cio_id: str | None
    block: str
    channel: str
    state: DeliveryState
    recipient: str | None
    subject: str | None
    failure: str | None
    provider_id: str | None
    attempts: int
    created_at: datetime
    updated_at: datetime
    times: dict[str, str]
    open_is_synthetic: bool
    arm: Arm | None
    """Which one it is of an A/B test; None if it is in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickedLink:
    """A link of a message that was clicked."""

    address: str
    clicks: int
    first_at: datetime
    last_at: datetime


async def of_workspace(
    connection: Connection,
    workspace_id: int,
    *,
    state: DeliveryState | None = None,
    before: int = FIRST,
    limit: int,
) -> Page[DeliveryView]:
    """Return the deliveries of a workspace, newest first, those older than the id `before`."""
    query = _SQL.unknown_of_workspace if state == "unknown" else _SQL.of_workspace
    return await _page(connection, workspace_id, query, workspace_id, state, before, limit)


async def of_campaign(
    connection: Connection,
    workspace_id: int,
    campaign_id: int,
    *,
    state: DeliveryState | None = None,
    before: int = FIRST,
    limit: int,
) -> Page[DeliveryView]:
    """Return the deliveries of a campaign, newest first, those older than the id `before`."""
    return await _page(connection, workspace_id, _SQL.of_campaign, campaign_id, state, before, limit)


async def of_person(
    connection: Connection,
    workspace_id: int,
    person_id: int,
    *,
    state: DeliveryState | None = None,
    before: int = FIRST,
    limit: int,
) -> Page[DeliveryView]:
    """Return the deliveries of a person, newest first, those older than the id `before`."""
    return await _page(connection, workspace_id, _SQL.of_person, person_id, state, before, limit)


async def of_journey(connection: Connection, workspace_id: int, journey_id: int) -> list[DeliveryView]:
    """Return the deliveries of a journey, oldest first."""
    ids = await connection.fetchval(_SQL.of_journey, journey_id, MOST_OF_ONE_JOURNEY)
    rows = await connection.fetch(_SQL.rows, workspace_id, ids)
    return [DeliveryView(**row) for row in reversed(rows)]


async def one(connection: Connection, workspace_id: int, public_id: str) -> DeliveryView | None:
    """Return one delivery, without its content."""
    delivery_id = await connection.fetchval(_SQL.id_of, workspace_id, public_id)
    row = await connection.fetchrow(_SQL.rows, workspace_id, [delivery_id])
    return DeliveryView(**row) if row else None


async def content_of(connection: Connection, delivery_id: int) -> dict[str, Any] | None:
    """Return the rendered message as it was handed over; None if it never came to that."""
    content: dict[str, Any] | None = await connection.fetchval(_SQL.content, delivery_id)
    return content


async def clicked_links(connection: Connection, delivery_id: int) -> list[ClickedLink]:
    """Return the links of a message that were clicked, in the order of their first clicks."""
    return [ClickedLink(**row) for row in await connection.fetch(_SQL.clicked_links, delivery_id, MOST_LINKS)]


async def _page(
    connection: Connection,
    workspace_id: int,
    query: str,
    owner: int,
    state: DeliveryState | None,
    before: int,
    limit: int,
) -> Page[DeliveryView]:
    looked_at_most = STRETCH if state else limit
    row = await connection.fetchrow(query, owner, before, state, limit, looked_at_most)
    stretch = Stretch.of(row, limit=limit, looked_at_most=looked_at_most)
    rows = await connection.fetch(_SQL.rows, workspace_id, stretch.ids)
    return Page([DeliveryView(**row) for row in rows], stretch.next)
