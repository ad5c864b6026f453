"""The entries of a batch: who is let in, who is refused, who begins to wait, and what Temporal is told of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine import entry
from engine.entry import Occurrence
from intake.admitting import admit
from intake.batch import Batch
from intake.beginning import begin, look_again, wait_for_filters
from intake.outcomes import Output, Rejection, Wish
from intake.people import Person
from intake.reentering import postpone, schedule
from runtime import metrics
from storage import entries, filter_retries
from storage.database import Connection
from storage.entries import Refusal
from storage.outbox import Message

_AHEAD: Final = 100
"""Ids fetched at a time: one question less on the way of nearly every entry."""


class JourneyIds:
    """Ids for journeys to come. Fetched ahead; those of entries that come to nothing leave a gap and no harm."""

    def __init__(self) -> None:
        self._ready: deque[int] = deque()

    async def take(self, connection: Connection, count: int) -> list[int]:
        """Return so many ids, ascending."""
        if len(self._ready) < count:
            self._ready.extend(await entries.reserve_ids(connection, count + _AHEAD))
        return [self._ready.popleft() for _ in range(count)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What became of the wishes and rejections of a batch."""

    entered: int
    refused: int
    messages: list[Message]


async def enter(connection: Connection, batch: Batch, output: Output, ids: JourneyIds) -> Entered:
    """Decide the wishes of a batch and write journeys and refusals."""
    fresh = iter(await ids.take(connection, sum(wish.retry_id is None for wish in output.wishes)))
    numbered = {wish: wish.retry_id or next(fresh) for wish in output.wishes}
    admitted, held_back = await admit(connection, numbered, batch.catalog)
    begun = [begin(batch.workspace_id, numbered[wish], wish, batch.catalog) for wish in admitted]
    if begun:
        await entries.add_journeys(connection, batch.workspace_id, [journey for journey, _ in begun])
    await schedule(connection, admitted, held_back, now=batch.noticed_at or batch.now)
    # Of those that the campaign was started for, whoever entered before has not been refused anything.
    current = {(wish.enterable.id, wish.person, wish.occurrence.key) for wish in output.wishes if wish.is_current}
    others = [one for one in held_back if (one.enterable.id, one.person, one.occurrence.key) not in current]
    rejections = [*output.rejections, *others]
    rejections += await postpone(connection, output.postponed)
    refused = [_refusal(rejection) for rejection in rejections] + [_ignored(*one) for one in output.ignored]
    metrics.entered(len(begun), (one.reason for one in refused))
    if refused:
        await entries.refuse(connection, batch.workspace_id, refused)
    if output.stops:
        await _note_stops(connection, output, admitted)
    decided = [wish for wish in output.wishes if wish.retry_id is not None]
    told = [wish for wish in decided if wish.retry_id != batch.asked_by]
    # An edit wakes those who wait then. Whoever enters before it, and is found after it, has to look for themselves.
    told += [wish for wish in admitted if wish.retry_id is None and wish.enterable.later]
    if decided:
        await filter_retries.remove(connection, [wish.retry_id for wish in decided if wish.retry_id is not None])
    return Entered(
        entered=len(begun),
        refused=len(refused),
        messages=[message for _, message in begun if message is not None]
        + [look_again(batch.workspace_id, wish, now=batch.now) for wish in told],
    )


async def _note_stops(connection: Connection, output: Output, admitted: Sequence[Wish]) -> None:
    """Note who stopped matching and has not entered after that."""
    entered = set(admitted)
    last = {(one.enterable.id, one.person_id): place for place, one in enumerate(output.wishes) if one in entered}
    places = [((stop.enterable.id, stop.person.id), stop.after) for stop in output.stops]
    stopped = {place for place, after in places if last.get(place, -1) < after}
    if stopped:
        await entries.stop_matching(connection, sorted(stopped))


async def keep_waiting(
    connection: Connection, batch: Batch, people: Iterable[Person], ids: JourneyIds
) -> list[Message]:
    """Write the events that begin to wait for their filters, and the workflows that end the waiting."""
    fresh = [(person, place) for person in people for place, retry in enumerate(person.retries) if retry.id == 0]
    if not fresh:
        return []
    for (person, place), retry_id in zip(fresh, await ids.take(connection, len(fresh)), strict=True):
        person.retries[place] = replace(person.retries[place], id=retry_id, person_id=person.id)
    retries = [person.retries[place] for person, place in fresh]
    await filter_retries.add(connection, batch.workspace_id, retries)
    return [
        wait_for_filters(batch.workspace_id, batch.catalog.campaigns[retry.campaign_id], retry) for retry in retries
    ]


def _ignored(campaign_id: int, occurrence: Occurrence) -> Refusal:
    return Refusal(
        campaign_id=campaign_id,
        person_id=0,
        occurrence=occurrence.key,
        at=occurrence.received_at,
        reason=entry.Refusal.CAMPAIGN_NOT_RUNNING,
        seen={},
    )


def _refusal(rejection: Rejection) -> Refusal:
    return Refusal(
        campaign_id=rejection.enterable.id,
        person_id=rejection.person.id if rejection.person else 0,
        occurrence=rejection.occurrence.key,
        at=rejection.at,
        reason=rejection.why.reason,
        seen=dict(rejection.why.seen),
    )
