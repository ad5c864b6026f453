"""An event may come a little before the data that its campaign's filters look at: for 30 minutes it waits here.

Behaviour 4.10-4.15. In the meantime no journey exists (9.03).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Connection
from storage.queries import load

_SQL = load("filter_retries")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRetry:
    """One event of one person that waits for one campaign's filters. `id` becomes the id of the journey."""

    id: int
    campaign_id: int
    person_id: int
    occurrence: str
    event_id: int | None
    """None if it was a date that came, not an event."""
    event_name: str | None
    event_at: datetime
    trigger_data: Any
    depth: int
    received_at: datetime
    expires_at: datetime
    is_over: bool = False
    """Whether the person or the filters have changed after `expires_at`: how they are now decides nothing any more."""
    entered_as: int | None = None
    """Whose it was, if they were merged into this person (behaviour 17.14)."""

    @property
    def entrant(self) -> int:
        """Whom the workflow is called after."""
        return self.entered_as or self.person_id


async def add(connection: Connection, workspace_id: int, retries: Sequence[FilterRetry]) -> None:
    """Write events that begin to wait."""
    await connection.execute(
        _SQL.add,
        workspace_id,
        [retry.id for retry in retries],
        [retry.campaign_id for retry in retries],
        [retry.person_id for retry in retries],
        [retry.occurrence for retry in retries],
        [retry.event_id for retry in retries],
        [retry.event_name for retry in retries],
        [retry.event_at for retry in retries],
        [retry.trigger_data for retry in retries],
        [retry.depth for retry in retries],
        [retry.received_at for retry in retries],
        [retry.expires_at for retry in retries],
        [retry.is_over for retry in retries],
    )


async def of_people(connection: Connection, person_ids: Sequence[int]) -> list[FilterRetry]:
    """Return what waits for its filters, the oldest event first."""
    return [FilterRetry(**row) for row in await connection.fetch(_SQL.of_people, person_ids)]


async def owner(connection: Connection, retry_id: int) -> tuple[int, int] | None:
    """Return workspace and person of an event that waits; None if it does not wait any more."""
    row = await connection.fetchrow(_SQL.owner, retry_id)
    return (row["workspace_id"], row["person_id"]) if row else None


async def people_waiting_for(connection: Connection, campaign_ids: Sequence[int]) -> list[int]:
    """Return whose events wait for the filters of these campaigns."""
    return [row["person_id"] for row in await connection.fetch(_SQL.people_waiting_for, campaign_ids)]


async def overtake(connection: Connection, ids: Sequence[int]) -> None:
    """Keep in mind that the people of these have changed after the time for their filters was over."""
    await connection.execute(_SQL.overtake, ids)


async def overtake_campaign(connection: Connection, campaign_id: int, *, now: datetime) -> None:
    """Keep in mind that a campaign's filters have changed for those whose time was over before."""
    await connection.execute(_SQL.overtake_campaign, campaign_id, now)


async def move(connection: Connection, ids: Sequence[int], person_id: int) -> None:
    """Give what waits to another person."""
    await connection.execute(_SQL.move, ids, person_id)


async def remove(connection: Connection, ids: Sequence[int]) -> None:
    """Forget what no longer waits."""
    await connection.execute(_SQL.remove, ids)
