"""What becomes true by time alone is a row with a due instant, found by index: nobody is scanned (behaviour 3.13)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Final

from engine.frequency import Interval
from intake.batch import Batch
from intake.catalog import Enterable
from intake.processor import Processor, load
from storage import members, people, schedules
from storage.database import Connection
from storage.schedules import Reentry

_PAGE: Final = 500
"""Rows looked at in one transaction: few enough to be quick between two batches of inputs."""


async def recheck(connection: Connection, processor: Processor, workspace_id: int, *, now: datetime) -> int:
    """Look at the memberships that are due, and at what depends on them; return how many were due.

    What changes by it changed when it was due, however late that is noticed: an event's 30 minutes may be over since.
    """
    due = await members.due(connection, workspace_id, now=now, limit=_PAGE)
    if not due:
        return 0
    catalog = await processor.catalogs.current(connection, workspace_id)
    rows = await people.lock_ids(connection, workspace_id, sorted({person_id for (_, person_id), _ in due}))
    found = await load(connection, catalog, rows, now=now)
    batch = Batch(workspace_id=workspace_id, catalog=catalog, people=found, now=now)
    places = {rule.id: rule.place for rule in catalog.rules}
    asked: dict[int, dict[int, datetime]] = defaultdict(dict)
    for (segment_id, person_id), due_at in due:
        asked[person_id][segment_id] = due_at
    for person in found.all:
        segments = asked[person.id]
        batch.ask(person, {places[one] for one in segments if one in places}, at=max(segments.values()))
        for segment_id in segments:
            # Where the condition itself has changed, and time can change nothing any more, this was the last look.
            person.rechecks.setdefault(segment_id, None)
    await processor.writer.write(connection, batch)
    return len(due)


async def enter_again(connection: Connection, processor: Processor, workspace_id: int, *, now: datetime) -> int:
    """Let people enter again whose interval is over and who still match; return how many were due (2.04-2.06)."""
    due = await schedules.due_reentries(connection, workspace_id, now=now, limit=_PAGE)
    if not due:
        return 0
    catalog = await processor.catalogs.current(connection, workspace_id)
    rows = await people.lock_ids(connection, workspace_id, sorted({one.person_id for one in due}))
    found = await load(connection, catalog, rows, now=now)
    by_id = {person.id: person for person in found.all}
    batch = Batch(workspace_id=workspace_id, catalog=catalog, people=found, now=now)
    postponed: list[Reentry] = []
    for one in due:
        person, enterable = by_id.get(one.person_id), catalog.campaigns.get(one.campaign_id)
        if person is None or enterable is None or enterable.triggers_on is None:
            continue
        if catalog.is_building(enterable):
            postponed.append(replace(one, due_at=None))  # nobody can say until it is built (behaviour 3.05)
        elif enterable.triggers_on(batch.facts(person, {}, at=now)):
            batch.match(enterable, person, at=_at(one, enterable, now), is_again=True)
    # Before whoever enters, or is still inside, gets a later instant by what is written.
    await schedules.drop_due_reentries(connection, [(one.campaign_id, one.person_id) for one in due], now=now)
    await processor.writer.write(connection, batch)
    if postponed:
        await schedules.keep_reentries(connection, postponed)
    return len(due)


def _at(due: Reentry, enterable: Enterable, now: datetime) -> datetime:
    """Return when a person enters again: when it was due. Intervals that passed unnoticed since are not made up for."""
    frequency = enterable.campaign.frequency
    if due.due_at is None or (isinstance(frequency, Interval) and due.due_at + frequency.every <= now):
        return now
    return due.due_at
