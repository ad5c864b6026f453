"""Next month begins at midnight, and the first event must find its partition; old ones must go as the setting says."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage import partitions
from storage.database import Connection
from storage.partitions import following


async def keep_partitions(connection: Connection, *, now: datetime, retention_days: int | None) -> list[str]:
    """Make the partitions of this month and the next, and drop those past their time; return what was dropped.

    `retention_days` None keeps everything. Client-supplied event ids are forgotten with the events. Inside the caller's
    transaction, which gives up rather than wait long for somebody who reads old events.
    """
    await partitions.hurry(connection)
    await partitions.prepare(connection, [now, following(now)])
    if retention_days is None:
        return []
    horizon = now - timedelta(days=retention_days)
    await partitions.forget_keys(connection, horizon)
    return await partitions.drop_before(connection, horizon)
