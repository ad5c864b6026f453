"""What is old is forgotten beside the work of intake, and partitions are made ahead; neither may stop the work.

What could not be done is done an hour later; meanwhile whoever writes an event makes the partition it needs.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

import asyncpg

from intake.retention import drop_partitions, forget_refusals, make_partitions
from storage.database import Pool

_PAGES: Final = 10
"""Pages of refusals forgotten at once: some tenths of a second at most, for which intake waits."""

_log = logging.getLogger(__name__)


async def tidy(pool: Pool, *, now: datetime, retention_days: int | None) -> None:
    """Make partitions ahead, and drop those past their time, each in a transaction of its own; None keeps everything.

    Raises what a record that is away raises.
    """
    async with pool.acquire() as connection:
        try:
            async with connection.transaction():
                await make_partitions(connection, now=now)
        except asyncpg.LockNotAvailableError:
            _log.warning("somebody holds the events; partitions are made ahead later")
        if retention_days is None:
            return
        try:
            async with connection.transaction():
                dropped = await drop_partitions(connection, now=now, retention_days=retention_days)
        except asyncpg.LockNotAvailableError:
            _log.warning("old events are being read; they are dropped later")
        except (asyncpg.SyntaxOrAccessError, asyncpg.DependentObjectsStillExistError) as error:
            _log.error("old events cannot be dropped: %s", error)
        else:
            if dropped:
                _log.info("dropped %s, older than %s days", ", ".join(dropped), retention_days)


async def forget(pool: Pool, *, now: datetime, retention_days: int) -> bool:
    """Forget refusals past their time; return whether all are. If not, more is to be done soon.

    Raises what a record that is away raises.
    """
    async with pool.acquire() as connection:
        for _ in range(_PAGES):
            async with connection.transaction():
                is_more = await forget_refusals(connection, now=now, retention_days=retention_days)
            if not is_more:
                return True
    return False
