"""Next month begins at midnight, and the first event must find its partition; old ones must go as the setting says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from storage import entries, partitions
from storage.database import Connection
from storage.partitions import following

_REFUSALS: Final = 1000
"""Refusals forgotten in one transaction: few enough to hold nobody up."""


async def make_partitions(connection: Connection, *, now: datetime) -> None:
    """Make the partitions of this month and the next, in the caller's transaction.

    Raises asyncpg.LockNotAvailableError rather than wait long for somebody else's lock.
    """
    await partitions.hurry(connection)
    await partitions.prepare(connection, [now, following(now)])


async def drop_partitions(connection: Connection, *, now: datetime, retention_days: int) -> list[str]:
    """Drop the partitions past their time and return them; client-supplied event ids are forgotten with the events.

    In a transaction of its own, because it may fail for good, and partitions must be made all the same. Raises
    asyncpg.LockNotAvailableError rather than wait long for somebody who reads old events.
    """
    await partitions.hurry(connection)
    horizon = now - timedelta(days=retention_days)
    await partitions.forget_keys(connection, horizon)
    return await partitions.drop_before(connection, horizon)


async def forget_refusals(connection: Connection, *, now: datetime, retention_days: int) -> bool:
    """Forget some refusals past their time, in the caller's transaction; return whether there may be more."""
    horizon = now - timedelta(days=retention_days)
    return await entries.forget_refusals(connection, horizon, limit=_REFUSALS) == _REFUSALS
