"""Whoever matches a condition campaign when it starts enters little by little, between everything else that goes on.

They are spread evenly, one at a time at the usual rate, so that a live event never waits behind a row of these. The
place is in the record, and what makes an entry unique is too: whatever is tried again, nobody enters twice (12.08).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from temporalio import activity

from activities.instants import at_this_attempt
from engine import conditions, names
from engine.conditions import Check
from engine.moves import Loaded, LoadingAsk
from engine.triggers import ConditionTrigger
from intake.catalog import Catalog, Enterable
from intake.gathering import gather
from intake.loading import current_matches
from intake.processor import Processor
from storage import loading, matched, people
from storage.database import Connection, Pool
from storage.loading import Loading as Progress
from storage.loading import LoadState

_BATCHES_A_SECOND: Final = 20
_MOST_IN_VAIN: Final = 2
"""Seconds of entries that a page may come to, at the most, after pages of which nobody could enter."""
_LONGEST: Final = 300.0
"""Seconds after which the workflow is told how far it came, and asks again."""


class Loading:
    """The `load_matches` activity."""

    def __init__(self, pool: Pool, processor: Processor, stopwatch: Callable[[], float] = time.monotonic) -> None:
        """`stopwatch` gives seconds since whenever: an attempt goes on for minutes, and people enter as of now."""
        self._pool = pool
        self._processor = processor
        self._stopwatch = stopwatch

    @activity.defn(name=names.LOAD_MATCHES)
    async def load_matches(self, ask: LoadingAsk) -> Loaded:
        """Let people enter until nobody is left, or it is paused, or the campaign or the worker is stopped."""
        if ask.verb is not None:
            wanted: LoadState = "paused" if ask.verb == "pause" else "loading"
            async with self._pool.acquire() as connection:
                await loading.order(connection, ask.campaign, wanted, at=ask.ordered_at or ask.now)
        asked_at = at_this_attempt(ask.now)
        begun = go_on_at = self._stopwatch()
        in_vain = 0
        while True:
            now = asked_at + timedelta(seconds=self._stopwatch() - begun)
            async with self._pool.acquire() as connection, connection.transaction():
                progress, entered = await self._page(connection, ask, now, in_vain=in_vain)
            activity.heartbeat()
            state = progress.state if progress else None
            is_enough = self._stopwatch() - begun > _LONGEST or activity.is_worker_shutdown()
            if progress is None or state != "loading" or is_enough:
                return Loaded(
                    state=state or "over",
                    entered=progress.loaded if progress else 0,
                    matching=(progress.total or 0) if progress else 0,
                )
            in_vain = 0 if entered else in_vain + 1
            go_on_at = max(go_on_at + max(entered / progress.rate, 1 / _BATCHES_A_SECOND), self._stopwatch())
            await asyncio.sleep(go_on_at - self._stopwatch())

    async def _page(
        self, connection: Connection, ask: LoadingAsk, now: datetime, *, in_vain: int = 0
    ) -> tuple[Progress | None, int]:
        """Let the next few people in; return how far it is then, and how many entered.

        After `in_vain` pages of which nobody could enter, more are looked at, so that the rate is one of entries.
        """
        catalog = await self._processor.catalogs.current(connection, ask.workspace)
        progress = await loading.find(connection, ask.campaign)
        if progress is not None and ask.started_at not in (None, progress.started_at):
            return None, 0  # of an earlier start, which was stopped
        enterable = catalog.campaigns.get(ask.campaign)
        trigger = enterable.campaign.trigger if enterable else None
        if progress is None or progress.state != "loading" or enterable is None:
            return progress, 0
        if not isinstance(trigger, ConditionTrigger) or catalog.is_building(enterable):
            return progress, 0  # nobody enters by a segment that is not known yet (behaviour 3.05)
        condition, begun = current_matches(trigger, progress)
        if not catalog.building.isdisjoint(conditions.touches(condition).segments):
            return progress, 0  # likewise
        segments, since = catalog.segment_ids, progress.since
        total = progress.total
        if total is None:
            total = await matched.count(connection, ask.workspace, condition, segments, since=since, begun=begun)
        share, after = _share(progress, in_vain), progress.cursor
        found = await matched.page(
            connection, ask.workspace, condition, segments, since=since, begun=begun, after=after, limit=share
        )
        entered = held_back = 0
        if found:
            still = conditions.compile_condition(condition)
            entered, held_back = await self._enter(connection, ask.workspace, catalog, enterable, still, found, now)
        cursor = found[-1] if found else progress.cursor
        is_ours = await loading.advance(
            connection,
            ask.campaign,
            total=total,
            before=progress.cursor,
            cursor=cursor,
            entered=entered,
            held_back=held_back,
        )
        if not is_ours:
            raise RuntimeError("somebody else has let these people in; trying the next ones")
        if len(found) < share:
            await loading.finish(connection, ask.campaign, now=now)
        return await loading.find(connection, ask.campaign), entered

    async def _enter(
        self,
        connection: Connection,
        workspace: int,
        catalog: Catalog,
        enterable: Enterable,
        still: Check,
        ids: list[int],
        now: datetime,
    ) -> tuple[int, int]:
        """Let people in who still match; return how many entered, and how many were held back."""
        rows = await people.lock_ids(connection, workspace, ids)
        batch = await gather(connection, workspace, catalog, rows, now=now, with_due=True)
        if batch.overdue:  # it counts apart from this, whatever it lets them enter
            await self._processor.settle_between(connection, batch)
            await self._processor.writer.write(connection, batch)
        for person in batch.people.all:
            if still(batch.facts(person, {}, at=now)):  # now that they are locked
                batch.match(enterable, person, at=now, by="loading")
        wishes = len(batch.output.wishes)
        entered = (await self._processor.writer.write(connection, batch)).entered
        return entered, wishes - entered


def _share(progress: Progress, in_vain: int) -> int:
    """Return how many are looked at at once."""
    usual = max(1, progress.rate // _BATCHES_A_SECOND)
    return min(usual << min(in_vain, 8), max(usual, progress.rate * _MOST_IN_VAIN))
