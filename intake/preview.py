"""Who would be in a segment that is not saved yet? Its writer wants to know before anybody joins or leaves by it.

Nothing is written and nobody is locked. A question about a million people may take long, so it is cut short: then the
answer says how many were found until then.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from engine import conditions, unknown
from engine.conditions import Condition, Facts
from engine.errors import Conflict, InputError
from intake.people import People
from storage import building, definitions, devices, members, people, previews, tallies
from storage.database import Connection
from storage.people import PersonRow

_PAGE: Final = 20_000
_CHUNK: Final = 500
"""People asked one by one before others get their turn."""
_PATIENCE: Final = 10.0
"""Seconds after which no further page is looked at."""
_MOST_OF_ONE: Final = timedelta(seconds=10)
"""What one page may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How many people match a condition now, and the first of them in the order in which they became known."""

    matching: int
    is_at_least: bool
    """Whether time was up before everybody was asked."""
    people: Sequence[PersonRow]


async def preview(
    connection: Connection, workspace_id: int, condition: Condition, *, limit: int, now: datetime
) -> Preview:
    """Return who matches a condition of `Scope.PERSON`, and name the first `limit` of them.

    Args:
        connection: without a transaction.
        workspace_id: whose people are asked.
        condition: a segment that it asks about and that there is not has no members.
        limit: of the people who are named.
        now: the caller's clock.

    Raises:
        Conflict: not all members of a segment are known that it asks about (behaviour 3.05).
        InputError: the condition is too expensive to be asked like this.
    """
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await previews.limit_statements(connection, _MOST_OF_ONE)
            return await _preview(connection, workspace_id, condition, limit, now)
    except asyncpg.QueryCanceledError:
        problem = "To ask everybody takes too long."
        remedy = "Ask about fewer events or shorter lists, or save it as a segment, which is built in the background."
        raise InputError("condition", problem, remedy) from None


async def _preview(
    connection: Connection, workspace_id: int, condition: Condition, limit: int, now: datetime
) -> Preview:
    segments = await _segments(connection, workspace_id, condition)
    end = time.perf_counter() + _PATIENCE
    matching, after, is_cut = 0, 0, False
    first: list[int] = []
    while (last := await building.end_of_page(connection, workspace_id, after=after, size=_PAGE)) is not None:
        is_cut = after > 0 and time.perf_counter() > end
        if is_cut:
            break
        page = await previews.page(
            connection, workspace_id, condition, segments, after=after, last=last, limit=limit, now=now
        )
        judged = await _judge(connection, workspace_id, condition, segments, page.unclear, now)
        matching += page.matching + len(judged)
        first = [*first, *sorted((*page.first, *judged))][:limit]
        after = last
    shown = sorted(await people.look(connection, workspace_id, first), key=lambda row: row.id)
    return Preview(matching=matching, is_at_least=is_cut, people=shown)


async def _segments(connection: Connection, workspace_id: int, condition: Condition) -> Mapping[str, int]:
    """Return the ids of the segments that the condition asks about."""
    asked = conditions.touches(condition).segments
    known = [one for one in await definitions.segments(connection, workspace_id) if one.key in asked]
    for one in known:
        if one.state == "building":
            raise Conflict(
                f'The segment "{one.key}" is being built, so not all of its members are known yet.',
                "Ask again when it is ready.",
                place="condition",
            )
    return {one.key: one.id for one in known}


async def _judge(
    connection: Connection,
    workspace_id: int,
    condition: Condition,
    segments: Mapping[str, int],
    ids: Sequence[int],
    now: datetime,
) -> list[int]:
    """Return who of these people matches, asking them one by one."""
    holds = conditions.compile_condition(condition)
    found = []
    for start in range(0, len(ids), _CHUNK):
        known = await _facts_of(connection, workspace_id, condition, segments, ids[start : start + _CHUNK], now)
        found += [person_id for person_id, facts in known.items() if holds(facts)]
    return found


async def _facts_of(
    connection: Connection,
    workspace_id: int,
    condition: Condition,
    segments: Mapping[str, int],
    ids: Sequence[int],
    now: datetime,
) -> dict[int, Facts]:
    """Return what a condition wants to see of people; whoever is gone is missing."""
    asked = conditions.touches(condition)
    questions = dict(enumerate(asked.questions))
    keys = {id_: key for key, id_ in segments.items()}
    persons = {one.id: one for one in People(await people.look(connection, workspace_id, ids)).all}
    for one in await members.of_people(connection, list(persons), now=now) if keys else ():
        persons[one.id].segments = frozenset(keys[id_] for id_ in one.segments if id_ in keys)
    for device in await devices.of_people(connection, list(persons)) if asked.devices else ():
        person = persons[device.person_id]
        person.devices = {**person.devices, device.token: device.seen()}
    counted = await tallies.count(connection, list(persons), questions, now=now)
    return {
        person.id: Facts(
            attributes=person.view(),
            segments=person.segments,
            now=now,
            tallies={questions[id_]: tally for id_, tally in counted.get(person.id, {}).items()},
            known_since=person.known_since(),
            devices=tuple(person.devices.values()),
        )
        for person in persons.values()
    }


async def explained(
    connection: Connection, workspace_id: int, condition: Condition, person_id: int, *, now: datetime
) -> dict[str, Any]:
    """Return the truth of every part of a condition for one person, as `engine.conditions.explain` gives it.

    Raises NotFound for a person who is gone, Conflict as `preview`.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await previews.limit_statements(connection, _MOST_OF_ONE)
        segments = await _segments(connection, workspace_id, condition)
        known = await _facts_of(connection, workspace_id, condition, segments, [person_id], now)
    if not known:
        raise unknown.person_any_more()
    return conditions.explain(condition, known[person_id])
