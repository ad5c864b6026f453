"""A data block changes people by the same way as a client's call: segments follow, and whoever waits for it is woken.

The change and the decision what comes next are one transaction, so later blocks see it (behaviour 6.47) and it is made
once. Values are rendered under the lock of the person they are read from, so no update between the two is lost. People
are locked before journeys, as everybody does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import asyncpg
from temporalio import activity

from activities.carrying_out import carry_out, targets_of
from activities.finding import find
from activities.instants import at_this_attempt
from activities.recording import record, recorded
from activities.scopes import scope_of
from activities.situations import Situations
from engine import journeys, names
from engine.conditions import Condition
from engine.decisions import Note
from engine.effects import Change, ChangeMany
from engine.errors import InputError, RenderError
from engine.moves import Ask, Move
from engine.steps import DataStep
from intake.gathering import lock
from intake.people import Identifier, folded
from intake.processor import Processor
from storage import definitions
from storage import journeys as records
from storage.database import Connection, Pool
from storage.journeys import JourneyRow

_UNFIT = (RenderError, InputError, ValueError, TypeError, KeyError, asyncpg.DataError)
"""What a value that cannot be made or applied raises. Everything else is tried again until somebody has mended it."""


class _NotDueAnyMore(Exception):
    """What the change was made of is no longer so: nothing of it stays."""


class Acting:
    """The `act` activity."""

    def __init__(self, pool: Pool, situations: Situations, processor: Processor) -> None:
        self._pool = pool
        self._situations = situations
        self._processor = processor

    @activity.defn(name=names.ACT)
    async def act(self, ask: Ask) -> Move:
        """Carry out the change of a block, unless it is not due any more; answer with the next move."""
        now = at_this_attempt(ask.now)
        while True:
            async with self._pool.acquire() as connection:
                row = await records.look(connection, ask.journey)
                assert row is not None  # a change is only due in a journey that was entered
                if (answer := recorded(row, ask)) is not None:
                    return answer
                situation = await self._situations.of(connection, row, ask, now)
                try:
                    if journeys.effect_due(situation, ask.block or "") is None:
                        return await self._change(connection, row, ask, now)
                    return await self._go_on(connection, ask, now)
                except _NotDueAnyMore:
                    continue
                except _UNFIT as error:
                    text = f"Block {ask.block}: the change could not be made"
                    failed = Note(kind="failed", block=ask.block, text=text, seen={"reason": str(error)})
                    return await self._go_on(connection, ask, now, failed)

    async def _change(self, connection: Connection, row: JourneyRow, ask: Ask, now: datetime) -> Move:
        block = ask.block or ""
        campaign = await self._situations.campaign(connection, row.campaign_id, row.latest_version)
        step = campaign.plan.blocks[block]
        assert isinstance(step, DataStep)
        changes = step.effects(scope_of(campaign, row, step, delivery_id="", now=now))
        found = {
            one.people: await find(connection, row.workspace_id, one.people, now=now)
            for one in changes
            if isinstance(one, ChangeMany)
        }
        async with connection.transaction():
            await definitions.hold(connection, row.workspace_id)
            await _lock(connection, row, targets_of(changes))
            locked = await records.look(connection, ask.journey)
            if locked is None or not locked.person_exists or locked.latest_version != row.latest_version:
                raise _NotDueAnyMore
            latest = step.effects(scope_of(campaign, locked, step, delivery_id="", now=now))
            if targets_of(latest) != targets_of(changes) or _groups(latest) != _groups(changes):
                raise _NotDueAnyMore
            notes = await carry_out(connection, self._processor, locked, block, latest, found, now=now)
            held = await records.hold(connection, ask.journey)
            assert held is not None
            situation = await self._situations.of(connection, held, ask, now)
            if recorded(held, ask) is not None or journeys.effect_due(situation, block) is not None:
                raise _NotDueAnyMore
            return await record(connection, held, journeys.move_on(situation, block, notes), now=now)

    async def _go_on(self, connection: Connection, ask: Ask, now: datetime, *notes: Note) -> Move:
        """Decide without a change: it is not due, or it failed."""
        block = ask.block or ""
        async with connection.transaction():
            row = await records.hold(connection, ask.journey)
            assert row is not None
            if (answer := recorded(row, ask)) is not None:
                return answer
            situation = await self._situations.of(connection, row, ask, now)
            decision = journeys.effect_due(situation, block)
            if decision is None and not notes:
                raise _NotDueAnyMore
            return await record(connection, row, decision or journeys.move_on(situation, block, notes), now=now)


def _groups(changes: Iterable[Change]) -> list[Condition]:
    return [change.people for change in changes if isinstance(change, ChangeMany)]


async def _lock(connection: Connection, row: JourneyRow, targets: Iterable[tuple[Identifier, str]]) -> None:
    """Lock the person whose values are read with whoever is concerned, so that the change finds all of them locked."""
    named = [(kind, folded(kind, value)) for kind, value in targets]
    named += [] if row.cio_id is None else [("cio_id", row.cio_id)]
    await lock(connection, row.workspace_id, named)
