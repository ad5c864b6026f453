"""A new question about everybody must not stop the world: it is asked page by page, between the batches of inputs.

Live inputs go on deciding memberships meanwhile, under the same row locks, so nothing is lost; until the end nobody
enters a campaign by the segment (behaviour 3.04, 3.05).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from intake.batch import Batch
from intake.catalog import Catalog, Rule, read_catalog
from intake.processor import Processor, load
from storage import changes, definitions, filter_retries, people
from storage.database import Connection

PAGE: Final = 500
"""People looked at in one transaction: few enough for an input to wait no longer than for another batch."""


async def build(
    connection: Connection, processor: Processor, workspace_id: int, *, now: datetime
) -> Literal["nothing", "page", "end"]:
    """Look at the next people for the segment that is built next: a page of them, or its end, which `finish` writes.

    A segment is built after those it asks about. The place is written with each page, so a build that is broken off
    goes on where it was.
    """
    catalog = await processor.catalogs.current(connection, workspace_id)
    rule = _next(catalog)
    if rule is None:
        return "nothing"
    cursor = await definitions.build_cursor(connection, rule.id)
    rows = await people.lock_page(connection, workspace_id, after=cursor, limit=PAGE)
    if not rows:
        return "end"
    found = await load(connection, catalog, rows)
    batch = Batch(workspace_id=workspace_id, catalog=catalog, people=found, now=now)
    for person in found.all:
        batch.ask(person, {rule.place}, at=now)
    await processor.writer.write(connection, batch)
    await definitions.advance_build(connection, rule.id, rows[-1].id)
    return "page"


async def finish(connection: Connection, processor: Processor, workspace_id: int, *, now: datetime) -> None:
    """Declare the segment ready that is built next, if nobody is left to look at.

    Members that were gained start nothing by that (behaviour 3.17). Events that waited for the end are looked at again:
    their people may have matched all the time (3.05, 4.12).
    """
    # A change of definitions begins as a change: taking the lock for reading first could end in a circle.
    version = await changes.begin(connection, workspace_id)
    rule = _next(await read_catalog(connection, workspace_id, version))
    if rule is None or await people.lock_page(
        connection, workspace_id, after=await definitions.build_cursor(connection, rule.id), limit=1
    ):
        return
    await definitions.finish_build(connection, rule.id, now=now)
    catalog = await read_catalog(connection, workspace_id, version)
    waiting_for = [campaign.id for campaign in catalog.campaigns.values() if rule.key in campaign.filter_segments]
    owners = await filter_retries.people_waiting_for(connection, waiting_for)
    found = await load(connection, catalog, await people.lock_ids(connection, workspace_id, owners))
    batch = Batch(workspace_id=workspace_id, catalog=catalog, people=found, now=now)
    for person in found.all:
        batch.reconsider(person, at=now)
    await processor.writer.write(connection, batch)


def _next(catalog: Catalog) -> Rule | None:
    ready = (rule for rule in catalog.rules if rule.is_building and catalog.building.isdisjoint(rule.touches.segments))
    return next(ready, None)
