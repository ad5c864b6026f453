"""A batch begins with all that is known of its people, as it was at the instant from which they are judged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from engine.instants import just_before
from intake import counting, segments
from intake.batch import Batch
from intake.catalog import Catalog
from intake.people import Identifier, People
from intake.settling import find_overdue
from storage import definitions, devices, filter_retries, members, people
from storage.database import Connection
from storage.people import PersonRow


async def lock(connection: Connection, workspace_id: int, named: Collection[tuple[Identifier, str]]) -> list[PersonRow]:
    """Lock the people who have one of these identifiers, in the form in which they are compared; return their rows.

    All in one statement, so in the order of everybody: one by one, two who lock could wait for each other.
    """

    def of(wanted: Identifier) -> list[str]:
        return [value for kind, value in named if kind == wanted]

    return await people.lock(
        connection,
        workspace_id,
        external_ids=of("id"),
        email_keys=of("email"),
        cio_ids=of("cio_id"),
        anonymous_ids=of("anonymous_id"),
    )


async def gather(
    connection: Connection,
    workspace_id: int,
    catalog: Catalog,
    rows: Sequence[PersonRow],
    *,
    now: datetime,
    clock: datetime | None = None,
    with_due: bool = False,
) -> Batch:
    """Return a batch about people whose rows are locked, with all that conditions and waiting events need.

    `clock` is as of when they are judged, now unless given. `with_due` also finds what was due for them by now, for
    `Processor.settle` or `settle_between`.
    """
    clock = clock or now
    found, retrying = await _look(connection, catalog, rows, now=now, clock=clock)
    batch = Batch(workspace_id=workspace_id, catalog=catalog, people=found, now=now, clock=clock)
    if with_due:
        await find_overdue(connection, batch, [person for person in found.all if person.is_overdue])
    if rows and catalog.building:
        await _judge_before(connection, batch)
    if retrying:
        by_id = {person.id: person for person in found.all}
        for retry in await filter_retries.of_people(connection, retrying):
            by_id[retry.person_id].retries.append(retry)
    return batch


async def look(connection: Connection, catalog: Catalog, rows: Sequence[PersonRow], *, now: datetime) -> People:
    """Return copies of people with all that conditions need, for whoever changes nothing: no row has to be locked."""
    found, _ = await _look(connection, catalog, rows, now=now, clock=now)
    return found


async def _judge_before(connection: Connection, batch: Batch) -> None:
    """Judge people by conditions whose build has not come to them, so that nobody begins to match by a build.

    That is as of just before the first thing that happens in the batch. Those whom the build has come to are judged:
    what is different about them since then is a change of theirs, also by time alone.
    """
    unfinished = [rule for rule in batch.catalog.rules if rule.is_building]
    cursors = await definitions.build_cursors(connection, [rule.id for rule in unfinished])
    first = batch.overdue.first
    before = batch.clock if first is None else min(batch.clock, just_before(first))
    for person in batch.people.all:
        places = [rule.place for rule in unfinished if person.id > cursors[rule.id]]
        segments.refresh(batch.catalog, person, places, now=before)
        batch.note_overdue(person)


async def _look(
    connection: Connection, catalog: Catalog, rows: Sequence[PersonRow], *, now: datetime, clock: datetime
) -> tuple[People, list[int]]:
    """Return people, and the ids of those whose events wait for their filters."""
    found = People(rows, tallied=catalog.questions.newest)
    if not rows:
        return found, []
    by_id = {person.id: person for person in found.all}
    belongings = await members.of_people(connection, list(by_id), now=now)
    for one in belongings:
        person = by_id[one.id]
        person.segments = frozenset([catalog.segment_keys[segment] for segment in one.segments])
        person.segments_stored = person.segments
        person.is_overdue = one.is_overdue
    if catalog.questions.newest:
        await counting.load(connection, catalog.questions, by_id, now=clock)
    if catalog.by_device:
        for device in await devices.of_people(connection, list(by_id)):
            person = by_id[device.person_id]
            person.devices = {**person.devices, device.token: device.seen()}
    return found, [one.id for one in belongings if one.is_retrying]
