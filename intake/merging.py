"""Two identities turn out to be one person: the second is dissolved into the first (behaviour 16.10, 17.14).

The primary keeps what they have and gets what they lack: identifiers, attributes, devices, memberships of manual
segments, the events of the last 30 days, every journey, and what waits for filters. Moved events start nothing; what
follows from the person being another one now does, as after any other change.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

from engine import entry
from intake import counting
from intake.batch import Batch
from intake.outcomes import Match, Stop
from intake.people import Identifier, Person, named
from intake.settling import find_overdue
from intake.writing import Outcome, Writer
from storage import entries, filter_retries, merging
from storage.database import Connection
from storage.entries import Refusal
from storage.inbox import Input

EVENTS_OF: Final = timedelta(days=30)
"""How far back events go over to the primary."""

_IDENTIFIERS: Final[tuple[Identifier, ...]] = ("id", "email", "anonymous_id")


async def merge(connection: Connection, writer: Writer, batch: Batch, item: Input) -> Outcome:
    """Apply an input of kind `merge`. If one of the two is not known, or they are the same person, nothing happens."""
    primary = batch.people.find(*named(item.payload["primary"]))
    secondary = batch.people.find(*named(item.payload["secondary"]))
    if primary is None or secondary is None or primary is secondary:
        return Outcome()
    # What was said of them before has to be true, and stored, before it moves.
    outcome = await writer.write(connection, batch)
    since = item.received_at - EVENTS_OF
    await counting.add_moved(connection, batch.catalog.questions, primary, secondary.id, since=since, now=batch.clock)
    moved = await merging.move(connection, secondary.id, primary.id, since=since)
    await _move_retries(connection, batch, primary, secondary, at=item.received_at)
    batch.people.forget(secondary)
    batch.output.erased.append(secondary)
    # What is due since then is the primary's, as the record has it now.
    batch.overdue.forget([primary, secondary])
    await find_overdue(connection, batch, [primary])
    if moved.first_event_at is not None:
        primary.first_event_at = min(primary.first_event_at or moved.first_event_at, moved.first_event_at)
        primary.is_noted = True
    primary.devices = {**secondary.devices, **primary.devices}
    changed = _identify(batch, primary, secondary) | _complete(primary, secondary)
    joined = (secondary.segments & batch.catalog.manual) - primary.segments
    batch.absorb(primary, changed, joined, at=item.received_at)
    _match(batch, primary, secondary, moved.campaigns, item)
    return outcome


async def _move_retries(
    connection: Connection, batch: Batch, primary: Person, secondary: Person, *, at: datetime
) -> None:
    """Let what waits for filters wait on as the primary's, but no date that has come for them, too (behaviour 1.69)."""
    waiting = {(one.campaign_id, primary.id, one.occurrence): one for one in secondary.retries}
    decided = await entries.known_among(connection, list(waiting))
    decided |= await entries.refused_among(connection, list(waiting))
    moved = [one for key, one in waiting.items() if key not in decided]
    ending = [one for key, one in waiting.items() if key in decided]
    if moved:
        await filter_retries.move(connection, [one.id for one in moved], primary.id)
        theirs = [replace(one, person_id=primary.id, entered_as=one.entrant) for one in moved]
        primary.retries = sorted([*primary.retries, *theirs], key=attrgetter("id"))
    if ending:  # under the name of the secondary: the primary's date has an outcome of its own
        refusals = [
            Refusal(
                campaign_id=one.campaign_id,
                person_id=secondary.id,
                occurrence=one.occurrence,
                at=at,
                reason=entry.Refusal.MERGED,
                seen={},
            )
            for one in ending
        ]
        await entries.refuse(connection, batch.workspace_id, refusals)
    secondary.retries = ending


def _identify(batch: Batch, primary: Person, secondary: Person) -> set[str]:
    """Give the primary the identifiers they lack; return which."""
    given: set[str] = set()
    for kind in _IDENTIFIERS:
        value = secondary.get(kind)
        if value is not None and primary.get(kind) is None:
            batch.people.assign(primary, kind, value)
            given.add(kind)
    if "anonymous_id" in given:
        # It is not new to the person, so nothing more is attached by it than before.
        given.discard("anonymous_id")
        primary.identified_at = secondary.identified_at
    return given


def _complete(primary: Person, secondary: Person) -> set[str]:
    """Give the primary the attributes they lack or have empty; return their names."""
    lacking = {name for name in secondary.attributes if primary.attributes.get(name) in (None, "")}
    if lacking:
        primary.set_attributes(
            primary.attributes | {name: secondary.attributes[name] for name in lacking},
            primary.attribute_times | {name: at for name, at in secondary.attribute_times.items() if name in lacking},
        )
    return lacking


def _match(batch: Batch, primary: Person, secondary: Person, campaigns: list[int], item: Input) -> None:
    """Tell journeys and entries that now are another person's whether that one matches (behaviour 10.50, 13.09)."""
    before, facts = (batch.facts(person, {}, at=item.received_at) for person in (secondary, primary))
    for concerned in batch.catalog.stopped_by(batch.catalog.by_stop):
        if not batch.catalog.is_building(concerned) and not concerned.campaign.matches(facts):
            batch.output.stops.append(Stop(enterable=concerned, person=primary, after=len(batch.output.wishes)))
    for enterable in batch.catalog.matching:
        if enterable.id in campaigns:
            is_matching = enterable.campaign.matches(facts)
            if is_matching != enterable.campaign.matches(before):
                batch.output.matches.append(
                    Match(enterable=enterable, person=primary, at=item.received_at, is_matching=is_matching)
                )
