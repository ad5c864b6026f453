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

from activities.instants import at_this_attempt
from activities.recording import record, recorded
from activities.scopes import scope_of
from activities.situations import Situations
from engine import journeys, names
from engine.decisions import Note
from engine.effects import SetAttributes, Target
from engine.errors import SojournError
from engine.moves import Ask, Move
from engine.steps import DataStep
from intake.processor import Processor
from storage import definitions, people
from storage import journeys as records
from storage.database import Connection, Pool
from storage.inbox import Input
from storage.journeys import JourneyRow

_UNFIT = (SojournError, ValueError, TypeError, KeyError, asyncpg.DataError)
"""What a value that cannot be applied raises. Everything else, the database being away above all, is tried again."""


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
        targets = _targets(step.effects(scope_of(campaign, row, step, delivery_id="", now=now)))
        async with connection.transaction():
            await definitions.hold(connection, row.workspace_id)
            await _lock(connection, row, targets)
            locked = await records.look(connection, ask.journey)
            if locked is None or not locked.person_exists or locked.latest_version != row.latest_version:
                raise _NotDueAnyMore
            effects = step.effects(scope_of(campaign, locked, step, delivery_id="", now=now))
            if _targets(effects) != targets:
                raise _NotDueAnyMore
            await self._processor.process(connection, [_input(locked, effect, now) for effect in effects], now=now)
            held = await records.hold(connection, ask.journey)
            assert held is not None
            situation = await self._situations.of(connection, held, ask, now)
            if recorded(held, ask) is not None or journeys.effect_due(situation, block) is not None:
                raise _NotDueAnyMore
            changed = Note(kind="changed", block=block, text=f"Block {block}: the change is made", seen=_seen(effects))
            return await record(connection, held, journeys.move_on(situation, block, (changed,)), now=now)

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


def _targets(effects: Iterable[SetAttributes]) -> list[Target]:
    return [effect.target for effect in effects if effect.target is not None]


async def _lock(connection: Connection, row: JourneyRow, targets: Iterable[Target]) -> None:
    """Lock the person whose values are read with whoever is changed: all at once, so in the order of everybody."""
    await people.lock(
        connection,
        row.workspace_id,
        cio_ids=[row.cio_id] if row.cio_id is not None else [],
        external_ids=[target.value for target in targets if target.by == "id"],
        email_keys=[people.email_key(target.value) for target in targets if target.by == "email"],
    )


def _input(row: JourneyRow, effect: SetAttributes, now: datetime) -> Input:
    target = effect.target
    who = {target.by: target.value} if target else {"cio_id": row.cio_id}
    attributes = {**effect.set, **dict.fromkeys(effect.remove)}
    payload = {"who": who, "attributes": attributes}
    return Input(workspace_id=row.workspace_id, kind="identify", payload=payload, received_at=now)


def _seen(effects: tuple[SetAttributes, ...]) -> dict[str, object]:
    return {
        "set": {name: value for effect in effects for name, value in effect.set.items()},
        "removed": [name for effect in effects for name in effect.remove],
    }
