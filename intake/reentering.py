"""Under a fixed interval a person who still matches enters again, and somebody must remember when (behaviour 2.04).

The same rows remember who began to match before a start, until time has come there (12.05), and while a segment was
built, until it is (3.05).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.entry import Occurrence, Refusal, refused_inside
from engine.frequency import Interval
from intake.catalog import Catalog, Enterable
from intake.outcomes import Postponed, Rejection, Wish
from intake.overdue import Due
from storage import entries, schedules
from storage.database import Connection
from storage.schedules import Inside, Reentry


async def schedule(
    connection: Connection, admitted: Sequence[Wish], held_back: Sequence[Rejection], *, now: datetime
) -> None:
    """Write when those who entered, and those who came before their interval was over, enter again.

    The interval counts from the previous entry; while that journey is still running, it is its end that counts (2.05).
    """
    planned: dict[tuple[int, int], Reentry] = {}
    for wish in admitted:
        every = _every(wish.enterable)
        if every is not None:
            place = (wish.enterable.id, wish.person_id)
            due_at = _after_entry(wish.at, every, now)
            planned[place] = Reentry(campaign_id=place[0], person_id=place[1], due_at=due_at)
    early: dict[tuple[int, int], Reentry] = {}
    for rejection in held_back:
        every = _every(rejection.enterable)
        if every is not None and rejection.person is not None and rejection.last_entered_at is not None:
            place = (rejection.enterable.id, rejection.person.id)
            due_at = rejection.last_entered_at + every
            early[place] = Reentry(campaign_id=place[0], person_id=place[1], due_at=due_at)
    if planned:
        await schedules.keep_reentries(connection, list(planned.values()))
    if early:  # what their entry has written stays: it may be later than that
        await schedules.add_reentries(connection, list(early.values()))
    await _remember_inside(connection, held_back)


def _every(enterable: Enterable) -> timedelta | None:
    """Return the interval after which people enter again; None if they do not.

    Who entered by a version of before an edit does so by that of after it, if both have an interval: one that is
    switched on is for those who match from then on (behaviour 2.11, 2.14).
    """
    then, now = enterable.campaign.frequency, enterable.newest.campaign.frequency
    return now.every if isinstance(then, Interval) and isinstance(now, Interval) else None


def _after_entry(at: datetime, every: timedelta, now: datetime) -> datetime:
    """Return when whoever entered as of an instant enters again.

    One that is noticed so late that the next one is due as well stands for all that passed unnoticed: whoever gets its
    messages now gets the next ones an interval from now.
    """
    return at + every if at + every > now else now + every


async def _remember_inside(connection: Connection, rejections: Sequence[Rejection]) -> None:
    """Write that those who are refused as inside enter again, unless it is written already when they do.

    Whatever made them match: a stop forgets the rows of those who are inside (13.07), and they match anew after a start
    for current matches (13.09), or by a change of theirs (2.11).
    """
    inside: dict[tuple[int, int], Inside] = {}
    for rejection in rejections:
        every = _every(rejection.enterable)
        is_inside = rejection.why.reason is Refusal.ALREADY_INSIDE
        if is_inside and every is not None and rejection.person is not None:
            place = (rejection.enterable.id, rejection.person.id)
            inside[place] = Inside(campaign_id=place[0], person_id=place[1], at=rejection.at, every=every)
    if inside:
        await schedules.remember_inside(connection, list(inside.values()))


async def postpone(connection: Connection, matches: Sequence[Postponed]) -> list[Rejection]:
    """Write that people are to enter, if they still match, as soon as the segments of the campaign are built.

    Returns the refusals of those who are inside, as of any other match (behaviour 2.07).
    """
    if not matches:
        return []
    anew = [(one.enterable.id, one.person.id) for one in matches if not one.is_again]
    inside = await entries.open_among(connection, anew)
    waiting = {
        (campaign, person): Reentry(
            campaign_id=campaign,
            person_id=person,
            due_at=None,
            kind="interval" if one.is_again else "match",
            depth=one.depth,
        )
        for one in matches
        if ((campaign := one.enterable.id), (person := one.person.id)) not in inside or one.is_again
    }
    if waiting:
        await schedules.keep_reentries(connection, list(waiting.values()))
    rejections = [
        Rejection(
            enterable=one.enterable,
            person=one.person,
            occurrence=Occurrence.of_match(one.at),
            at=one.at,
            why=refused_inside(),
        )
        for one in matches
        if not one.is_again and (one.enterable.id, one.person.id) in inside
    ]
    await _remember_inside(connection, rejections)
    return rejections


async def enter_at_start(connection: Connection, starts: Sequence[Due]) -> None:
    """Write that people are to enter as of a start to which time has not come yet, if they still match then.

    Whoever enters again at the end of an interval, or of their journey, does so.
    """
    places = {(one.place, one.person.id): one for one in starts}
    planned = [
        Reentry(campaign_id=campaign, person_id=person, due_at=one.at, kind="start", depth=one.depth)
        for (campaign, person), one in places.items()
    ]
    await schedules.add_reentries(connection, planned)


async def release(connection: Connection, catalog: Catalog, segment: str, *, now: datetime) -> None:
    """Let people enter now whose match waited for a segment that has just been built."""
    concerned = [one.id for one in catalog.matched_by([segment]) if not catalog.is_building(one)]
    if concerned:
        await schedules.release_reentries(connection, concerned, now=now)
