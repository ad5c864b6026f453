"""Whoever may enter by a campaign's rules still has to be let in by its frequency.

That is decided where two intakes cannot both say yes: in the rows of the entry history (behaviour 2.25).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from engine import entry
from engine.frequency import EveryMatch, EveryTime, Frequency, Interval, Once, OncePer
from engine.instants import just_before
from intake.beginning import ends_where_it_begins
from intake.catalog import Catalog
from intake.outcomes import Rejection, Wish
from storage import entries
from storage.database import Connection
from storage.entries import Claim


async def admit(
    connection: Connection, numbered: Mapping[Wish, int], catalog: Catalog
) -> tuple[list[Wish], list[Rejection]]:
    """Return who enters, in the order of their wishes, and who is held back.

    Every wish comes with the id that its journey would have, because lots are drawn by it. Of several wishes of one
    person for one campaign, each is decided after the one before it, by one row. Whoever enters a condition campaign is
    inside for the next ones, unless the journey ends where it begins (behaviour 2.07).
    """
    entered: set[Wish] = set()
    wishes, held_back = await _without_those_inside(connection, list(numbered))
    queues: dict[tuple[int, int], list[Wish]] = {}
    for wish in wishes:
        if wish.person is None:
            entered.add(wish)  # the caller decides how often (behaviour 1.92)
        else:
            queues.setdefault((wish.enterable.id, wish.person_id), []).append(wish)
    while queues:
        verdicts = await entries.claim(connection, [_claim(queue) for queue in queues.values()])
        for queue, verdict in zip(queues.values(), verdicts, strict=True):
            frequency = queue[0].enterable.campaign.frequency
            decided = queue if isinstance(frequency, EveryTime) else queue[:1]
            last = queue[0].at if verdict.is_entered else verdict.last_entered_at
            if verdict.is_entered:
                entered.update(decided)
            else:
                held_back.append(_held_back(queue[0], last))
            rest = queue[len(decided) :]
            if rest and verdict.is_entered and queue[0].enterable.triggers_on is not None:
                is_over = ends_where_it_begins(numbered[queue[0]], queue[0], catalog)
                held_back += [_inside(wish) for wish in rest if not is_over or wish.at == queue[0].at]
                rest = [wish for wish in rest if is_over and wish.at != queue[0].at]
            held_back += [_held_back(wish, last) for wish in rest if not frequency.allows(last, wish.at)]
            queue[:] = [wish for wish in rest if frequency.allows(last, wish.at)]
        queues = {key: queue for key, queue in queues.items() if queue}
    return [wish for wish in wishes if wish in entered], held_back


async def _without_those_inside(connection: Connection, wishes: Sequence[Wish]) -> tuple[list[Wish], list[Rejection]]:
    """Put aside whoever is inside a condition campaign (behaviour 2.07), and what has its journey already (1.69).

    Whoever decides about a person holds their lock, so what is found here stays so.
    """
    once = {wish: (wish.enterable.id, wish.person_id, wish.occurrence.key) for wish in wishes if wish.is_one_at_a_time}
    if not once:
        return list(wishes), []
    matching = [place[:2] for wish, place in once.items() if wish.enterable.triggers_on is not None]
    inside = await entries.open_among(connection, matching)
    known = await entries.known_among(connection, list(once.values()))
    going_on: list[Wish] = []
    held_back: list[Rejection] = []
    for wish in wishes:
        place = once.get(wish)
        if place is None or (place[:2] not in inside and place not in known):
            going_on.append(wish)
        elif wish.enterable.triggers_on is not None and place[:2] in inside:
            held_back.append(_inside(wish))
    return going_on, held_back


def _inside(wish: Wish) -> Rejection:
    why = entry.refused_inside()
    return Rejection(enterable=wish.enterable, person=wish.person, occurrence=wish.occurrence, at=wish.at, why=why)


def _claim(queue: Sequence[Wish]) -> Claim:
    wish, frequency = queue[0], queue[0].enterable.campaign.frequency
    is_limited = not isinstance(frequency, EveryTime)
    return Claim(
        campaign_id=wish.enterable.id,
        person_id=wish.person_id,
        at=wish.at if is_limited else max(one.at for one in queue),
        is_limited=is_limited,
        allowed_until=_allowed_until(frequency, wish),
        entries=1 if is_limited else len(queue),
        is_rematch=wish.by == "loading" and isinstance(frequency, EveryMatch),
    )


def _allowed_until(frequency: Frequency, wish: Wish) -> datetime | None:
    """Return the latest instant of an earlier entry that does not stand in the way; None if any does."""
    latest = min(wish.at, just_before(wish.enterable.started_at)) if wish.is_current else wish.at
    match frequency:
        case OncePer(period):
            return wish.at - period
        case EveryMatch(apart):
            return min(latest, wish.at - (apart or timedelta()))
        case Interval(every):
            return min(latest, wish.at - every)
        case Once() | EveryTime():
            return None
        case _:
            assert_never(frequency)


def _held_back(wish: Wish, last_entered_at: datetime | None) -> Rejection:
    assert last_entered_at is not None  # who never entered is never held back
    why = entry.refused_by_frequency(wish.enterable.campaign, last_entered_at)
    return Rejection(
        enterable=wish.enterable,
        person=wish.person,
        occurrence=wish.occurrence,
        at=wish.at,
        why=why,
        last_entered_at=last_entered_at,
    )
