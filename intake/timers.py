"""What becomes true by time alone is a row with a due instant, found by index: nobody is scanned (behaviour 3.13)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from intake.gathering import gather
from intake.processor import Processor
from storage import inbox, members, people, schedules
from storage.database import Connection

_PAGE: Final = 500
"""Rows looked at in one transaction: few enough to be quick between two batches of inputs."""


async def come_due(
    connection: Connection, processor: Processor, workspace_id: int, *, now: datetime, noticed_at: datetime
) -> int:
    """Settle what is due for those who are due first; return how much it was.

    Memberships are looked up first, then dates, then ends of intervals; but whoever is found is settled as a whole, in
    the order in which it was due. `now` is how far time has come: not beyond an input that waits to be applied, however
    late that is noticed.
    """
    for find in (members.due, schedules.due_dates, schedules.due_reentries):
        found = await find(connection, workspace_id, now=now, limit=_PAGE)
        # Dates that do not count any more are due until the computation replaces them, and hold nothing else up.
        if found and (count := await _settle(connection, processor, workspace_id, found, now, noticed_at)):
            return count
    return 0


async def _settle(
    connection: Connection, processor: Processor, workspace_id: int, ids: set[int], now: datetime, noticed_at: datetime
) -> int:
    catalog = await processor.catalogs.current(connection, workspace_id)
    rows = await people.lock_ids(connection, workspace_id, sorted(ids))
    batch = await gather(connection, workspace_id, catalog, rows, now=now, with_due=True)
    batch.noticed_at = noticed_at
    count = len(batch.overdue)
    await processor.begin(connection, batch, at=now)
    await processor.settle(connection, batch, until=now)
    await processor.writer.write(connection, batch)
    if count:
        await inbox.note_judged(connection, workspace_id, batch.clock)
    return count
