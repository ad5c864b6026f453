"""Everything that an input brings about becomes true in one transaction, or nothing of it does.

The caller owns the transaction: intake for what came in over HTTP, an activity for what a block does to a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from engine.instants import just_before
from intake import segments
from intake.applying import apply, mentions
from intake.attaching import strays
from intake.batch import Batch
from intake.catalog import Catalog, Catalogs
from intake.gathering import gather, lock
from intake.membership import is_clearing, next_to_leave
from intake.merging import merge
from intake.people import Identifier, People, folded, named
from intake.settling import settle
from intake.writing import Outcome, Writer
from storage import events, inbox, suppressions
from storage.database import Connection
from storage.inbox import Input
from storage.suppressions import fingerprint

_FORGETTING: Final = frozenset({"delete", "suppress"})


class Processor:
    """Applies inputs. One per process; remembers campaigns and segments until they change."""

    def __init__(self) -> None:
        self.catalogs = Catalogs()
        self.writer = Writer()

    async def process(self, connection: Connection, inputs: Sequence[Input], *, now: datetime) -> Outcome:
        """Apply inputs of one workspace in their order, inside the caller's transaction.

        Inputs that never were in the inbox have the id 0. Locks the people concerned, so the caller must not hold locks
        that others take after those of people (journeys).

        Raises whatever an input that cannot be applied raises; then the transaction must be given up.
        """
        if not inputs:
            return Outcome()
        if is_clearing(inputs[0]):  # drawn alone
            inputs = [await next_to_leave(connection, inputs[0])]
        workspace_id = inputs[0].workspace_id
        catalog = await self.catalogs.current(connection, workspace_id)
        # Inputs that were not in the inbox are applied between the turns of intake, as of now.
        is_in_turn = inputs[0].id > 0
        judged = None
        if is_in_turn:
            last = min(max(item.received_at for item in inputs), now)
            judged = await inbox.note_judged(connection, workspace_id, last)
        batch = await _open(connection, workspace_id, catalog, inputs, now=now, judged=judged)
        if is_in_turn:
            await self.begin(connection, batch, at=inputs[0].received_at)
        if judged is not None and now < judged:
            _go_back(batch)
        outcome = Outcome() if is_in_turn else await self.settle_between(connection, batch)
        for item in await _numbered(connection, inputs):
            received_at = min(max(item.received_at, batch.clock), batch.settles_until or batch.now)
            if batch.overdue or batch.catalog.until is not None:
                outcome += await self.settle(connection, batch, until=received_at, edited_by=item.received_at)
            batch.clock, batch.depth = received_at, item.payload.get("depth", 0)
            if item.kind in _FORGETTING and _is_touched(batch, item):
                # What was said about the person before has to be true before they are forgotten.
                outcome += await self.writer.write(connection, batch)
            if item.kind == "unsuppress":
                outcome += await self._unsuppress(connection, batch, item)
            elif item.kind == "merge":
                outcome += await merge(connection, self.writer, batch, item)
            else:
                apply(batch, item)
        outcome += await self.writer.write(connection, batch)
        return outcome

    async def begin(self, connection: Connection, batch: Batch, *, at: datetime) -> None:
        """Judge a batch by the campaigns as they were at an instant, or when the first thing of it was due."""
        first = batch.overdue.first
        at = at if first is None else min(at, first)
        batch.catalog = await self.catalogs.as_of(connection, batch.workspace_id, at)

    async def settle(
        self, connection: Connection, batch: Batch, *, until: datetime, edited_by: datetime | None = None
    ) -> Outcome:
        """Let time come to an instant: what was due before comes, before each edit by the campaigns as they were.

        `edited_by` is the same instant by the clock of whoever edits, where ours may be behind it.
        """
        outcome = Outcome()
        while (edited_at := batch.catalog.until) is not None and edited_at <= (edited_by or until):
            await settle(connection, batch, until=min(just_before(edited_at), until))
            batch.clock = min(max(batch.clock, edited_at), batch.now)
            outcome += await self.writer.write(connection, batch)
            batch.catalog = await self.catalogs.as_of(connection, batch.workspace_id, edited_at)
        if batch.overdue:
            await settle(connection, batch, until=until)
        return outcome

    async def settle_between(self, connection: Connection, batch: Batch, *, by: datetime | None = None) -> Outcome:
        """Let come what was due between the turns of intake, for whoever is to be judged as of now, or by an instant.

        If something that was received before still waits, people have come no further than that: what was due later is
        left for intake to order.
        """
        if not batch.overdue:
            return Outcome()
        batch.settles_until = min(batch.now, await inbox.oldest(connection, batch.workspace_id) or batch.now)
        await self.begin(connection, batch, at=by or batch.now)
        outcome = await self.settle(connection, batch, until=by or batch.now)
        batch.clock = batch.settles_until
        return outcome

    async def _unsuppress(self, connection: Connection, batch: Batch, item: Input) -> Outcome:
        """Free the identifiers of somebody who was suppressed; nothing else comes back (api 3.3)."""
        kind, value = named(item.payload["who"])
        outcome = await self.writer.write(connection, batch) if batch.output.blocked else Outcome()
        if kind in ("id", "email"):
            batch.blocked -= await suppressions.remove(connection, batch.workspace_id, [fingerprint(kind, value)])
        return outcome


def _is_touched(batch: Batch, item: Input) -> bool:
    person = batch.people.find(*named(item.payload["who"]))
    return person is not None and person.is_touched


async def _open(
    connection: Connection,
    workspace_id: int,
    catalog: Catalog,
    inputs: Sequence[Input],
    *,
    now: datetime,
    judged: datetime | None,
) -> Batch:
    """Lock and load what the inputs are about, as it was when the first of them was received.

    One that was received before people were last judged, and committed only after it, is applied as of then: nobody is
    asked again about a window that was found to be over.
    """
    named_people = {(kind, folded(kind, value)) for item in inputs for kind, value in mentions(item)}
    rows = await lock(connection, workspace_id, named_people) if named_people else []
    first = inputs[0]
    batch = await gather(
        connection,
        workspace_id,
        catalog,
        rows,
        now=now,
        clock=min(max(first.received_at, judged or first.received_at), now),
        with_due=True,
    )
    batch.blocked = await _blocked(connection, workspace_id, batch.people, named_people)
    batch.fresh_keys = await _fresh_keys(connection, workspace_id, inputs, now=now)
    batch.strays = await strays(connection, workspace_id, batch.people, inputs, now=now)
    return batch


def _go_back(batch: Batch) -> None:
    """Take people to the time that comes again because the clock was set back.

    They join and leave by it in silence, so that nobody begins to match by that. What time changes from here on is due
    again, and is known if it has begun anything. Whose time has come for something has not been judged beyond it.
    """
    places = [rule.place for rule in batch.catalog.rules if rule.outlook is not None]
    for person in batch.people.all:
        if not person.is_overdue:
            segments.refresh(batch.catalog, person, places, now=batch.now)


async def _blocked(
    connection: Connection, workspace_id: int, found: People, named_people: Iterable[tuple[Identifier, str]]
) -> set[bytes]:
    """Return which of the identifiers are suppressed. Whatever belongs to somebody is not, so it need not be asked."""
    unknown = {
        fingerprint(kind, value)
        for kind, value in named_people
        if kind in ("id", "email") and found.find(kind, value) is None
    }
    return await suppressions.among(connection, workspace_id, unknown) if unknown else set()


async def _fresh_keys(connection: Connection, workspace_id: int, inputs: Iterable[Input], *, now: datetime) -> set[str]:
    kinds = ("event", "anonymous_event", "form")
    keys = {item.payload["id"] for item in inputs if item.kind in kinds and item.payload.get("id") is not None}
    return await events.claim_keys(connection, workspace_id, keys, now=now) if keys else set()


async def _numbered(connection: Connection, inputs: Sequence[Input]) -> Sequence[Input]:
    """Return the inputs with ids, which become those of their events."""
    unnumbered = sum(item.id == 0 for item in inputs)
    if not unnumbered:
        return inputs
    fresh = iter(await events.reserve_ids(connection, unnumbered))
    return [item if item.id else item._replace(id=next(fresh)) for item in inputs]
