"""How far the current matches of a started campaign have entered (behaviour 12.05-12.08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from storage.database import Connection
from storage.queries import load

_SQL = load("loading")

LoadState = Literal["loading", "paused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """One loading. `total` is None until it was counted who matches; `state` is None when it is over."""

    workspace_id: int
    state: LoadState | None
    cursor: int
    """The last person who was looked at."""
    total: int | None
    loaded: int
    rate: int
    """Entries a second."""
    since: datetime | None
    """Only matches that began since then; None is all."""
    started_at: datetime
    trigger_before: dict[str, Any] | None
    """The trigger with which the campaign was started, if it was edited since."""


async def begin(connection: Connection, campaign_id: int, *, rate: int, since: datetime | None) -> None:
    """Write that everybody who matches is to enter: the campaign is `starting` until they have."""
    await connection.execute(_SQL.begin, campaign_id, rate, since)


async def find(connection: Connection, campaign_id: int) -> Loading | None:
    """Return the loading of a campaign; None if there is no campaign that was started."""
    row = await connection.fetchrow(_SQL.find, campaign_id)
    return Loading(**row) if row else None


async def order(connection: Connection, campaign_id: int, state: LoadState, *, at: datetime) -> bool:
    """Pause or go on, unless a later order was heard before; return whether there is a loading that can."""
    return bool(await connection.fetchval(_SQL.order, campaign_id, state, at))


async def advance(
    connection: Connection, campaign_id: int, *, total: int, before: int, cursor: int, entered: int, held_back: int
) -> bool:
    """Write how far it came, of how many at the beginning; return False if somebody else was there, whose page counts.

    Locks the campaign, as whoever ends a journey does after locking its person: so people must be locked before this.
    """
    return bool(await connection.fetchval(_SQL.advance, campaign_id, total, before, cursor, entered, held_back))


async def finish(connection: Connection, campaign_id: int, *, now: datetime) -> None:
    """Write that everybody was looked at: the campaign is `running`."""
    await connection.execute(_SQL.finish, campaign_id, now)
