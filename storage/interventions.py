"""What an operator takes hold of by hand: one journey, one wait for filters, one delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from storage.database import Connection
from storage.queries import load

_BEHIND_THE_TURN: Final = 1_000_000
"""Place of an operator's note in the log: behind whatever was decided in the same turn."""

_SQL = load("interventions")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldJourney:
    """An open or ended journey whose row is locked."""

    campaign_id: int
    entrant: int
    """Who entered, whom the workflow is called after."""
    occurrence: str
    state: str
    exit_reason: str | None
    ending: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedRetry:
    """A wait for filters that is over."""

    campaign_id: int
    entrant: int
    """Whose it was at first, whom the workflow is called after."""
    occurrence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDelivery:
    """A delivery whose row is locked."""

    id: int
    state: str
    failure: str | None
    attempts: int
    campaign_id: int
    person_id: int
    block: str
    is_erased: bool
    """Whether its content is gone, or there never was one."""


async def hold_journey(connection: Connection, workspace_id: int, journey_id: int) -> HeldJourney | None:
    """Lock a journey until the transaction ends."""
    row = await connection.fetchrow(_SQL.journey, journey_id, workspace_id)
    return HeldJourney(**row) if row else None


async def end_journey(connection: Connection, journey_id: int, *, reason: str, note: str, now: datetime) -> None:
    """Ask a journey to end; it does so when it is told to look. The note stands in its log."""
    await connection.execute(_SQL.end_journey, journey_id, reason, _BEHIND_THE_TURN, now, note)


async def drop_retry(
    connection: Connection, workspace_id: int, retry_id: int, *, reason: str, seen: dict[str, Any], now: datetime
) -> DroppedRetry | None:
    """End one wait for filters and write the refusal; None if nothing waits under this id."""
    row = await connection.fetchrow(_SQL.drop_retry, retry_id, workspace_id, now, reason, seen)
    return DroppedRetry(**row) if row else None


async def hold_delivery(connection: Connection, workspace_id: int, public_id: str) -> HeldDelivery | None:
    """Lock a delivery until the transaction ends."""
    row = await connection.fetchrow(_SQL.delivery, workspace_id, public_id)
    return HeldDelivery(**row) if row else None


async def drop_delivery(connection: Connection, delivery_id: int, *, failure: str, now: datetime) -> None:
    """Write that a delivery will not be sent."""
    times = {"undeliverable": now.isoformat()}
    await connection.execute(_SQL.drop_delivery, delivery_id, failure, now, times)
