"""When an event had its 30 minutes, its filters are looked at once more, and it is decided for good (behaviour 4.12).

Asked by the workflow that has waited for it; everything before was decided by intake, on the changes of the person.
"""

from __future__ import annotations

from datetime import datetime

from engine import entry
from engine.entry import Refusal
from intake.batch import Batch
from intake.gathering import gather
from intake.people import Person
from intake.processor import Processor
from storage import entries, filter_retries, people
from storage.database import Connection
from storage.filter_retries import FilterRetry


async def last_look(connection: Connection, processor: Processor, retry_id: int, *, now: datetime) -> None:
    """Let the person enter or refuse them, and end the waiting; do nothing if it has ended already.

    The journey, if one begins, has the id of the retry. Locks the person, inside the caller's transaction, which must
    not hold locks on journeys.
    """
    owner = await filter_retries.owner(connection, retry_id)
    if owner is None:
        return
    workspace_id, person_id = owner
    catalog = await processor.catalogs.current(connection, workspace_id)
    rows = await people.lock_ids(connection, workspace_id, [person_id])
    batch = await gather(connection, workspace_id, catalog, rows, now=now, with_due=True)
    batch.asked_by = retry_id
    own = [retry.expires_at for person in batch.people.all for retry in person.retries if retry.id == retry_id]
    await processor.settle_between(connection, batch, by=min(own, default=None))
    for person in batch.people.all:
        person.is_touched = True
        person.retries = [retry for retry in person.retries if retry.id == retry_id]
        # A look that comes late judges by today, which counts only if nothing has changed since the time was
        # over. Intake has looked at every change before then, and marks what was overtaken by a later one.
        if any(not retry.is_over for retry in person.retries):
            batch.reconsider(person, at=min(now, *(retry.expires_at for retry in person.retries)))
        await _refuse(connection, batch, person)
    await processor.writer.write(connection, batch)


async def _refuse(connection: Connection, batch: Batch, person: Person) -> None:
    """Write that what still waits never matched."""
    if not person.retries:
        return
    refusals = [_refusal(batch, person, retry) for retry in person.retries]
    await entries.refuse(connection, batch.workspace_id, refusals)
    await filter_retries.remove(connection, [retry.id for retry in person.retries])


def _refusal(batch: Batch, person: Person, retry: FilterRetry) -> entries.Refusal:
    enterable = batch.catalog.campaigns.get(retry.campaign_id)
    if enterable is None:
        reason, seen = Refusal.CAMPAIGN_NOT_RUNNING, {}
    else:
        facts = batch.facts(person, retry.trigger_data, at=batch.now)
        why = entry.refused_by_filters(enterable.campaign, facts)
        # What the filters would find today is not why they did not match then.
        reason, seen = why.reason, {} if retry.is_over else dict(why.seen)
        if seen and (undecided := batch.catalog.building & enterable.filter_segments):
            seen["building"] = sorted(undecided)
    return entries.Refusal(
        campaign_id=retry.campaign_id,
        person_id=person.id,
        occurrence=retry.occurrence,
        at=batch.now,
        reason=reason,
        seen=seen,
    )
