"""A new question about everybody must not stop the world: it is asked page by page, between the batches of inputs.

A page is one statement over a range of people, while nobody else decides anything, so no change of a person can fall
between the question and its answer. Live inputs go on deciding memberships between the pages; until the end nobody
enters a campaign by the segment (behaviour 3.04, 3.05).
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import ClassVar, Final, Literal

from intake.batch import Batch
from intake.catalog import Catalog, Rule, read_catalog
from intake.processor import Processor, load
from storage import building, changes, definitions, filter_retries, people
from storage.database import Connection

_SHORTEST: Final = 500
_AIM: Final = 0.015
"""Seconds of a page: how much longer an input waits that comes in the middle of one."""


class Pace:
    """How many people a page has: as many as can be asked in a moment, which differs from question to question."""

    first: ClassVar[int] = 2000
    longest: ClassVar[int] = 50_000

    def __init__(self) -> None:
        self.size = self.first

    def took(self, seconds: float) -> None:
        """Learn how long a page took."""
        if seconds > 2 * _AIM:
            self.size = max(min(_SHORTEST, self.first), self.size // 2)
        elif seconds < _AIM:
            self.size = min(self.longest, self.size * 2)


async def build(
    connection: Connection, processor: Processor, workspace_id: int, pace: Pace, *, now: datetime
) -> Literal["nothing", "page", "end"]:
    """Look at the next people for the segment that is built next: a page of them, or its end, which `finish` writes.

    A segment is built after those it asks about. The place is written with each page, so a build that is broken off
    goes on where it was.
    """
    catalog = await processor.catalogs.current(connection, workspace_id)
    rule = _next(catalog)
    if rule is None:
        return "nothing"
    begun = time.perf_counter()
    await definitions.keep_out(connection, workspace_id)
    cursor = await definitions.build_cursor(connection, rule.id)
    last = await building.end_of_page(connection, workspace_id, after=cursor, size=pace.size)
    if last is None:
        return "end"
    unclear = await building.build_page(
        connection, workspace_id, rule.id, rule.condition, catalog.segment_ids, after=cursor, last=last, now=now
    )
    pace.took(time.perf_counter() - begun)
    if unclear:
        await _ask(connection, processor, workspace_id, catalog, rule, unclear, now=now)
    await definitions.advance_build(connection, rule.id, last)
    return "page"


async def _ask(
    connection: Connection,
    processor: Processor,
    workspace_id: int,
    catalog: Catalog,
    rule: Rule,
    ids: list[int],
    *,
    now: datetime,
) -> None:
    """Ask the people one by one of whom SQL cannot say whether they are in."""
    for start in range(0, len(ids), _SHORTEST):
        rows = await people.lock_ids(connection, workspace_id, ids[start : start + _SHORTEST])
        found = await load(connection, catalog, rows, now=now)
        batch = Batch(workspace_id=workspace_id, catalog=catalog, people=found, now=now)
        for person in found.all:
            batch.ask(person, {rule.place}, at=now)
        await processor.writer.write(connection, batch)


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
    found = await load(connection, catalog, await people.lock_ids(connection, workspace_id, owners), now=now)
    batch = Batch(workspace_id=workspace_id, catalog=catalog, people=found, now=now)
    for person in found.all:
        batch.reconsider(person, at=now)
    await processor.writer.write(connection, batch)


def _next(catalog: Catalog) -> Rule | None:
    ready = (rule for rule in catalog.rules if rule.is_building and catalog.building.isdisjoint(rule.touches.segments))
    return next(ready, None)
