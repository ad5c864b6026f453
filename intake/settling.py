"""Whatever time alone brings about comes at the instant at which it was due, however late that is noticed.

Facts are those of that instant: what was due before has come, and what was received later has not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from engine import ids
from engine.dates import Fire
from engine.instants import just_before
from engine.triggers import DateTrigger
from intake.batch import Batch
from intake.outcomes import Cause
from intake.overdue import Due
from intake.people import Person
from storage import entries, overdue
from storage.database import Connection
from storage.overdue import Kind

_CAUSES: Final[Mapping[Kind, Cause]] = {"interval": "interval", "start": "start", "match": "change"}


async def find_overdue(connection: Connection, batch: Batch, people: Iterable[Person]) -> None:
    """Find what is due by now for some of the people of a batch, for `settle`."""
    by_id = {person.id: person for person in people}
    if not by_id:
        return
    for row in await overdue.of_people(connection, list(by_id), now=batch.now):
        person = by_id[row.person_id]
        batch.overdue.add(Due(row.due_at, row.kind, person, row.place, row.date, row.depth))


async def settle(connection: Connection, batch: Batch, *, until: datetime) -> None:
    """Let everything come that was due until an instant, in its order, and what is due by that in turn."""
    if batch.settles_until is not None:
        until = min(until, batch.settles_until)
    while taken := batch.overdue.take(until):
        known = [due for due in taken if batch.knows(due.person)]
        batch.clock, batch.depth = taken[0].at, 0
        match taken[0].kind:
            case "membership":
                _recheck(batch, known)
            case "date":
                await _come(connection, batch, known)
            case "interval" | "start" | "match":
                _enter(batch, known)


def _recheck(batch: Batch, due: Sequence[Due]) -> None:
    """Ask again whoever may join or leave segments, each person about all of them at once (behaviour 3.16)."""
    rules = {rule.id: rule for rule in batch.catalog.rules}
    asked: dict[Person, list[int]] = defaultdict(list)
    for one in due:
        one.person.is_touched = True
        if one.person.rechecks.get(one.place, one.at) == one.at:  # otherwise it was asked since, and is due at another
            asked[one.person].append(one.place)
    for person, segments in asked.items():
        known = [rules[segment] for segment in segments if segment in rules]
        # What time did before the condition was this one is no change of theirs (behaviour 3.17).
        old = {rule.place for rule in known if rule.redefined_at is not None and due[0].at < rule.redefined_at}
        batch.refresh(person, old)
        batch.ask(person, {rule.place for rule in known} - old, at=due[0].at)
        for segment in segments:
            # Where the condition itself has changed, and time can change nothing any more, this was the last look.
            if person.rechecks.get(segment, due[0].at) == due[0].at:
                person.rechecks[segment] = None


async def _come(connection: Connection, batch: Batch, due: Sequence[Due]) -> None:
    """Let dates start journeys, each if the value still gives this instant, and find the next ones (1.68, 1.71)."""
    decided = await _decided(connection, due)
    for one in due:
        person, enterable = one.person, batch.catalog.campaigns.get(one.place)
        if enterable is None or not isinstance(enterable.campaign.trigger, DateTrigger):
            batch.output.undated.append((one.place, person))  # what passes while a campaign is stopped is not made up
            person.is_touched = True
            continue
        assert one.date is not None
        fire = Fire(at=one.at, date=one.date)
        if person.fires.get(enterable.id, fire) != fire:
            continue  # an input has changed it since
        trigger = enterable.campaign.trigger
        is_of_this_start = fire.at > enterable.started_at  # behaviour 1.71
        is_right = fire == person.next_fire(trigger, after=just_before(fire.at))
        if is_of_this_start and is_right and (one.place, person.id, one.date) not in decided:
            batch.come(person, enterable, fire)
        person.is_touched = True
        batch.await_date(enterable, person, after=fire.at)


def _enter(batch: Batch, due: Sequence[Due]) -> None:
    """Let people enter, if they match, whose interval, or wait for a start or a build, is over (2.04, 12.05)."""
    for one in due:
        person, enterable = one.person, batch.catalog.campaigns.get(one.place)
        person.is_touched = True
        batch.output.reentered.append((one.place, person))
        if enterable is None or enterable.triggers_on is None:
            continue
        batch.depth = one.depth
        if batch.catalog.is_building(enterable):
            batch.postpone(enterable, person, at=one.at, is_again=one.kind == "interval")
        elif enterable.triggers_on(batch.facts(person, {}, at=one.at)):
            batch.match(enterable, person, at=one.at, by=_CAUSES[one.kind])


async def _decided(connection: Connection, due: Sequence[Due]) -> set[tuple[int, int, date | None]]:
    """Return the dates that came at another time of their day before: each is decided once (behaviour 1.69)."""
    asked = {(one.place, one.person.id, ids.date_occurrence(one.date)): one for one in due if one.date is not None}
    known = await entries.known_among(connection, list(asked)) | await entries.refused_among(connection, list(asked))
    return {(one[0], one[1], asked[one].date) for one in known}
