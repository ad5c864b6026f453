"""A birthday is a row with its next instant, per person and campaign, so that nobody is scanned at nine o'clock.

Rows are written when something about the person changes (`Batch.settle`), when a date has come, and page by page for
everybody when a campaign starts or its date settings change (behaviour 1.68, 1.71, 15.34).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from engine import dates, ids
from engine.dates import Fire
from engine.triggers import DateTrigger
from intake.batch import Batch
from intake.people import People, Person
from intake.processor import Processor, load
from storage import definitions, entries, people, schedules
from storage.database import Connection
from storage.people import PersonRow
from storage.schedules import DateFire

_PAGE: Final = 500

_BEFORE: Final = timedelta(microseconds=1)


async def dates_come(connection: Connection, processor: Processor, workspace_id: int, *, now: datetime) -> int:
    """Let dates that have come start journeys, and find the next ones; return how many there were."""
    due = await schedules.due_dates(connection, workspace_id, now=now, limit=_PAGE)
    if not due:
        return 0
    catalog = await processor.catalogs.current(connection, workspace_id)
    rows = await people.lock_ids(connection, workspace_id, sorted({one.person_id for one in due}))
    found = await load(connection, catalog, rows, now=now)
    by_id = {person.id: person for person in found.all}
    batch = Batch(workspace_id=workspace_id, catalog=catalog, people=found, now=now)
    decided = await _decided(connection, due)
    over = []
    for one in due:
        person, enterable = by_id.get(one.person_id), catalog.campaigns.get(one.campaign_id)
        if person is None or enterable is None or not isinstance(enterable.campaign.trigger, DateTrigger):
            over.append((one.campaign_id, one.person_id))  # what passes while a campaign is stopped is not made up
            continue
        fire = Fire(at=one.fire_at, date=one.date)
        is_of_this_start = fire.at > enterable.started_at  # behaviour 1.71
        # The value is read again and must still give this instant.
        is_right = fire == _next(enterable.campaign.trigger, person, after=fire.at - _BEFORE)
        if is_of_this_start and is_right and one not in decided:
            batch.come(person, enterable, fire)
        person.is_touched = True
        person.fires[enterable.id] = _next(enterable.campaign.trigger, person, after=max(now, one.fire_at))
    if over:
        await schedules.drop_dates(connection, over)
    await processor.writer.write(connection, batch)
    return len(due)


async def compute_dates(connection: Connection, processor: Processor, workspace_id: int, *, now: datetime) -> bool:
    """Compute the next dates of a page of people, for a campaign that asks for them; say whether there was one.

    Nothing is decided meanwhile: the page holds the definitions, which everybody holds who decides.
    """
    campaign_id = await schedules.to_compute(connection, workspace_id)
    if campaign_id is None:
        return False
    await definitions.keep_out(connection, workspace_id)
    catalog = await processor.catalogs.current(connection, workspace_id)
    enterable = catalog.campaigns.get(campaign_id)
    trigger = enterable.campaign.trigger if enterable else None
    progress = await schedules.date_progress(connection, campaign_id)
    page: list[PersonRow] = []
    if progress is not None and isinstance(trigger, DateTrigger):
        page = await people.page(connection, workspace_id, after=progress.cursor, limit=_PAGE)
        found = People(page, now=now).all
        fires = [(campaign_id, person.id, _next(trigger, person, after=progress.after)) for person in found]
        await schedules.write_dates(connection, fires)
    await schedules.advance_dates(connection, campaign_id, page[-1].id if page else None)
    return True


async def _decided(connection: Connection, due: Sequence[DateFire]) -> set[DateFire]:
    """Return the dates that came at another time of their day before: each is decided once (behaviour 1.69)."""
    asked = {(one.campaign_id, one.person_id, ids.date_occurrence(one.date)): one for one in due}
    known = await entries.known_among(connection, list(asked)) | await entries.refused_among(connection, list(asked))
    return {asked[one] for one in known}


def _next(trigger: DateTrigger, person: Person, *, after: datetime) -> Fire | None:
    found = dates.next_fire(trigger, person.view(), after=after)
    return found if isinstance(found, Fire) else None
