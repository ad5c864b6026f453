"""What becomes true by time alone is a row with a due instant, found by index: nobody is scanned (behaviour 3.13)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from intake.batch import Batch
from intake.processor import Processor, load
from storage import members, people
from storage.database import Connection

_PAGE: Final = 500
"""Memberships looked at in one transaction: few enough to be quick between two batches of inputs."""


async def recheck(connection: Connection, processor: Processor, workspace_id: int, *, now: datetime) -> int:
    """Look at the memberships that are due, and at the events that wait for them; return how many were due."""
    due = await members.due(connection, workspace_id, now=now, limit=_PAGE)
    if not due:
        return 0
    catalog = await processor.catalogs.current(connection, workspace_id)
    rows = await people.lock_ids(connection, workspace_id, sorted({person_id for _, person_id in due}))
    found = await load(connection, catalog, rows)
    batch = Batch(workspace_id=workspace_id, catalog=catalog, people=found, now=now)
    places = {rule.id: rule.place for rule in catalog.rules}
    asked: dict[int, list[int]] = {}
    for segment_id, person_id in due:
        asked.setdefault(person_id, []).append(segment_id)
    for person in found.all:
        batch.ask(person, {places[segment_id] for segment_id in asked[person.id]}, at=now)
        for segment_id in asked[person.id]:
            # Where the condition itself has changed, and time can change nothing any more, this was the last look.
            person.rechecks.setdefault(segment_id, None)
    await processor.writer.write(connection, batch)
    return len(due)
