"""A new question about everybody must not stop the world: it is asked page by page, between the batches of inputs.

A page is one statement over a range of people, while nobody else decides anything, so no change of a person can fall
between the question and its answer. Live inputs go on deciding memberships between the pages; until the end nobody
enters a campaign by the segment (behaviour 3.04, 3.05).
"""

from __future__ import annotations

import math
import time
from datetime import datetime, timedelta
from typing import ClassVar, Final, Literal

from intake.catalog import Catalog, Rule, read_catalog
from intake.following import note_stops
from intake.gathering import gather
from intake.processor import Processor
from intake.reentering import release
from storage import building, changes, definitions, filter_retries, people
from storage.database import Connection

_SHORTEST: Final = 500
_AIM: Final = 0.01
"""Seconds of a page: how much longer an input waits that comes in the middle of one."""
_AIM_ALONE: Final = 0.2
"""The same where no input has come lately: then the next one may wait a moment, and the build is much quicker."""
_LATELY: Final = timedelta(seconds=10)
_MOST_UNCLEAR: Final = 5_000
"""People of one page who are asked one by one, as their dates are texts or the question is a pattern: some 0.1 s."""


class Pace:
    """How many people a page has: as many as can be asked in a moment, which differs from question to question."""

    first: ClassVar[int] = 2000
    longest: ClassVar[int] = 500_000

    def __init__(self) -> None:
        self.size = self.first
        self.rest = 0.0
        """Seconds to leave the machine to others after the last page: twice what it took, where inputs come."""
        self._heard_at: datetime | None = None

    def hear(self, now: datetime) -> None:
        """Take note that inputs have come: from now on pages are short."""
        if self._is_alone(now):
            self.size = min(self.size, self.first)
        self._heard_at = now

    def took(self, seconds: float, *, now: datetime) -> None:
        """Learn how long a page took."""
        is_alone = self._is_alone(now)
        aim = _AIM_ALONE if is_alone else _AIM
        self.rest = 0.0 if is_alone else 2 * min(seconds, _AIM)
        if seconds > 2 * aim:
            self.size = max(min(_SHORTEST, self.first), self.size // 2)
        elif seconds < aim:
            self.size = min(self.longest, self.size * 2)

    def _is_alone(self, now: datetime) -> bool:
        return self._heard_at is None or now - self._heard_at > _LATELY


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
    is_cut = len(unclear) > _MOST_UNCLEAR
    if is_cut:  # what lies behind is looked at once more, by the next page
        unclear = sorted(unclear)[:_MOST_UNCLEAR]
        last = unclear[-1]
    if unclear:
        await _ask(connection, processor, workspace_id, catalog, rule, unclear, now=now)
    pace.took(math.inf if is_cut else time.perf_counter() - begun, now=now)
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
        batch = await gather(connection, workspace_id, catalog, rows, now=now)
        for person in batch.people.all:
            batch.ask(person, {rule.place}, at=now)
        await processor.writer.write(connection, batch)


async def finish(connection: Connection, processor: Processor, workspace_id: int, *, now: datetime) -> None:
    """Declare the segment ready that is built next, if nobody is left to look at.

    Members that were gained start nothing by that (behaviour 3.17). What waited for the end is looked at again: people
    who began to match by what they did meanwhile (3.05), and events whose people may have matched all the time (4.12).
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
    await release(connection, catalog, rule.key, now=now)
    for campaign in catalog.stopped_by([rule.key]):
        await note_stops(connection, campaign.id, campaign.campaign, catalog.segment_ids, catalog.building)
    waiting_for = [campaign.id for campaign in catalog.campaigns.values() if rule.key in campaign.filter_segments]
    owners = await filter_retries.people_waiting_for(connection, waiting_for)
    rows = await people.lock_ids(connection, workspace_id, owners)
    batch = await gather(connection, workspace_id, catalog, rows, now=now)
    for person in batch.people.all:
        batch.reconsider(person, at=now)
    await processor.writer.write(connection, batch)


def _next(catalog: Catalog) -> Rule | None:
    ready = (rule for rule in catalog.rules if rule.is_building and catalog.building.isdisjoint(rule.touches.segments))
    return next(ready, None)
