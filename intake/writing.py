"""Whatever a batch comes to is written in a handful of statements, however many inputs it had.

People first, because their locks come first, then what hangs on them, and last what Temporal is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine import ids, names
from intake.batch import Batch
from intake.entering import JourneyIds, enter, keep_waiting
from intake.matching import tell_waiting, write_matches
from intake.outcomes import Output
from intake.people import Person
from intake.reentering import enter_at_start
from storage import (
    devices,
    erasure,
    events,
    filter_retries,
    members,
    outbox,
    partitions,
    people,
    schedules,
    stray_events,
    suppressions,
    tallies,
)
from storage.database import Connection
from storage.events import EventRow
from storage.outbox import Message
from storage.people import email_key

_PERSON_DELETED = "person_deleted"  # exit reason of behaviour 9.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What inputs came to, in numbers."""

    entered: int = 0
    refused: int = 0
    waiting: int = 0
    """Events that began to wait for their filters."""
    messages: int = 0
    """Starts and signals for Temporal, in the outbox."""

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            entered=self.entered + other.entered,
            refused=self.refused + other.refused,
            waiting=self.waiting + other.waiting,
            messages=self.messages + other.messages,
        )


class Writer:
    """Writes batches. Remembers which partitions exist, and ids that are not used yet."""

    def __init__(self) -> None:
        self._months: set[datetime] = set()
        self._ids = JourneyIds()

    async def write(self, connection: Connection, batch: Batch) -> Outcome:
        """Write everything that the inputs so far come to; the batch can go on from there."""
        output, batch.output = batch.output, Output()
        touched = [person for person in batch.people.all if person.is_touched]
        ended = await _erase(connection, batch, output)
        await _write_people(connection, batch, touched)
        await _write_memberships(connection, batch, touched)
        await _write_tallies(connection, batch, touched)
        await _write_dates(connection, touched, output)
        if output.events or output.strays:
            await self._write_events(connection, batch, output)
        if output.attached:
            await stray_events.attach(connection, [(person.id, event) for person, event in output.attached])
        await _write_failures(connection, batch, output)
        await _write_devices(connection, output)
        if output.overtaken:
            await filter_retries.overtake(connection, [retry.id for retry in output.overtaken])
        if output.reentered:  # before whoever enters, or is still inside, gets a later instant
            over = [(campaign_id, person.id) for campaign_id, person in output.reentered]
            await schedules.drop_due_reentries(connection, over, until=batch.clock)
        entered = await enter(connection, batch, output, self._ids)
        if starts := [due for due in batch.overdue.waiting("start") if batch.knows(due.person)]:
            await enter_at_start(connection, starts)
        waiting = await keep_waiting(connection, batch, touched, self._ids)
        resuming = await write_matches(connection, batch.workspace_id, output.matches)
        beginning = await tell_waiting(connection, batch.workspace_id, output.beginnings)
        messages = [*ended, *entered.messages, *waiting, *resuming, *beginning]
        await outbox.add(connection, messages, now=batch.now)
        for person in touched:
            person.is_touched = False
        return Outcome(entered=entered.entered, refused=entered.refused, waiting=len(waiting), messages=len(messages))

    async def _write_events(self, connection: Connection, batch: Batch, output: Output) -> None:
        strays = [(None, anonymous_id, event) for anonymous_id, some in output.strays.items() for event in some]
        written = [*output.events, *strays]
        months = {partitions.month_of(at) for at in {event.received_at for _, _, event in written}}
        if not months <= self._months:
            self._months |= await partitions.prepare(connection, months)
        rows = [
            EventRow(
                event.id,
                batch.workspace_id,
                person.id if person else None,
                anonymous_id,
                event.kind,
                event.name,
                event.data,
                event.depth,
                event.occurred_at,
                event.received_at,
            )
            for person, anonymous_id, event in written
        ]
        await events.add(connection, rows)
        for anonymous_id, some in output.strays.items():
            batch.strays.setdefault(anonymous_id, []).extend(some)


async def _erase(connection: Connection, batch: Batch, output: Output) -> list[Message]:
    """Delete people, and end what goes on for them (behaviour 9.09)."""
    messages: list[Message] = []
    if output.blocked:
        await suppressions.add(connection, batch.workspace_id, list(output.blocked.items()), now=batch.now)
    if output.erased:
        open_journeys = await erasure.erase(connection, [person.id for person in output.erased])
        waiting = [retry for person in output.erased for retry in person.retries]
        going_on = [(one.campaign_id, one.entrant, one.occurrence) for one in open_journeys]
        going_on += [(one.campaign_id, one.entrant, one.occurrence) for one in waiting]
        for what in going_on:
            workflow_id = ids.journey_workflow(batch.workspace_id, *what)
            messages.append(outbox.signal(workflow_id, names.END, _PERSON_DELETED))
    if output.forgotten:
        await erasure.clear_mentions(
            connection,
            batch.workspace_id,
            external_ids=[value for kind, value in output.forgotten if kind == "id"],
            email_keys=[email_key(value) for kind, value in output.forgotten if kind == "email"],
            cio_ids=[value for kind, value in output.forgotten if kind == "cio_id"],
        )
    return messages


async def _write_people(connection: Connection, batch: Batch, touched: Sequence[Person]) -> None:
    known = [person for person in touched if person.id]
    renamed = [person.id for person in known if person.has_lost_identifier]
    changed = [person for person in known if person.is_changed]
    new = {person.cio_id: person for person in touched if not person.id}
    if renamed:
        await people.release_identifiers(connection, renamed)
    if changed:  # before new people, who may get an identifier that one of these has just lost
        await people.change(connection, changed, now=batch.now)
    if new:
        written = await people.add(connection, batch.workspace_id, list(new.values()), now=batch.now)
        for cio_id, person_id in written.items():
            new[cio_id].id = person_id
    for person in touched:
        person.is_changed = person.has_lost_identifier = False


async def _write_memberships(connection: Connection, batch: Batch, touched: Sequence[Person]) -> None:
    segment_ids = batch.catalog.segment_ids
    moved = [person for person in touched if person.segments is not person.segments_stored]
    joined = [
        ((segment_ids[key], one.id), one.joined_at.get(key, batch.clock))
        for one in moved
        for key in one.segments - one.segments_stored
    ]
    left = [(segment_ids[key], one.id) for one in moved for key in one.segments_stored - one.segments]
    rechecks = [((segment_id, one.id), due_at) for one in touched for segment_id, due_at in one.rechecks.items()]
    scheduled = [(membership, due_at) for membership, due_at in rechecks if due_at is not None]
    settled = [membership for membership, due_at in rechecks if due_at is None]
    if joined:
        await members.join(connection, joined)
    if left:
        await members.leave(connection, left)
    if scheduled:
        await members.schedule(connection, scheduled)
    if settled:
        await members.unschedule(connection, settled)
    for person in touched:
        person.segments_stored = person.segments
        person.joined_at = {}
        person.rechecks = {}


async def _write_tallies(connection: Connection, batch: Batch, touched: Sequence[Person]) -> None:
    ids_ = batch.catalog.questions.ids
    counted = [(one.id, ids_[question], one.tallies[question]) for one in touched for question in one.recounted]
    noted = [person for person in touched if person.is_noted]
    if counted:
        await tallies.keep(connection, counted)
    if noted:
        await people.note(connection, noted)
    for person in touched:
        person.recounted = set()
        person.is_noted = False


async def _write_dates(connection: Connection, touched: Sequence[Person], output: Output) -> None:
    if output.undated:
        await schedules.drop_dates(connection, [(campaign_id, person.id) for campaign_id, person in output.undated])
    dated = [(campaign_id, one.id, fire) for one in touched for campaign_id, fire in one.fires.items()]
    if dated:
        await schedules.write_dates(connection, dated)
    for person in touched:
        person.fires = {}


async def _write_failures(connection: Connection, batch: Batch, output: Output) -> None:
    if output.failures:
        failures = [
            people.FailedChange(person_id=person.id if person else None, at=at, reason=reason, detail=detail)
            for person, at, reason, detail in output.failures
        ]
        await people.add_failed_changes(connection, batch.workspace_id, failures)


async def _write_devices(connection: Connection, output: Output) -> None:
    gone = [(person.id, token) for person, token in output.deleted_devices]
    kept = [replace(device, person_id=person.id) for (person, _), device in output.devices.items()]
    if gone:
        await devices.remove(connection, gone)
    if kept:
        await devices.keep(connection, kept)
