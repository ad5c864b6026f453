"""How often people did what segments ask about: one row per person and question, and none for never."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.conditions import Facts, Question, holds
from engine.tallies import MOST_UPCOMING, NEVER, Tally
from storage.database import Connection, Record
from storage.matching import Arguments, judged
from storage.queries import load

_SQL = load("tallies")

Tallies = Mapping[int, Mapping[int, Tally]]
"""Person to question to tally."""


async def of_people(connection: Connection, person_ids: Sequence[int]) -> Tallies:
    """Return the tallies of people, whom the caller has locked."""
    found: dict[int, dict[int, Tally]] = defaultdict(dict)
    for row in await connection.fetch(_SQL.of_people, person_ids):
        tally = Tally(row["total"], tuple(row["newest"]), tuple(row["upcoming"]))
        found[row["person_id"]][row["question_id"]] = tally
    return found


async def count(
    connection: Connection,
    person_ids: Sequence[int],
    questions: Mapping[int, Question],
    *,
    now: datetime,
    since: datetime | None = None,
) -> Tallies:
    """Count the stored events of people for questions; all of them, or those that were received since an instant."""
    counted: dict[int, dict[int, Tally]] = defaultdict(dict)
    for question_id, question in questions.items():
        unclear = []
        for row in await _count(connection, person_ids, question, now, since):
            if row["is_unclear"]:
                unclear.append(row["person_id"])
                continue
            tally = Tally(row["total"], tuple(row["newest"] or ()), tuple(row["upcoming"] or ()))
            counted[row["person_id"]][question_id] = tally
        if unclear:
            for person_id, tally in (await _count_one_by_one(connection, unclear, question, now, since)).items():
                counted[person_id][question_id] = tally
    return counted


async def _count(
    connection: Connection, person_ids: Sequence[int], question: Question, now: datetime, since: datetime | None
) -> Sequence[Record]:
    arguments = Arguments(now, question.newest, MOST_UPCOMING)
    people, kind = arguments.add(person_ids, "bigint[]"), arguments.add(question.kind, "text")
    wanted = arguments.add(question.name, "text")
    named = f"strpos(name, {wanted}) > 0" if question.part else f"name = {wanted}"
    truth = judged(question.where, arguments, now=now)
    events = f"SELECT person_id, occurred_at, {truth} AS truth FROM events WHERE person_id = ANY ({people})"  # noqa: S608 - made of our own words
    lately = "" if since is None else f"AND received_at >= {arguments.add(since, 'timestamptz')}"
    return await connection.fetch(
        f"WITH judged AS ({events} AND kind = {kind} AND {named} {lately}) {_SQL.count}", *arguments.values
    )


async def _count_one_by_one(
    connection: Connection, person_ids: Sequence[int], question: Question, now: datetime, since: datetime | None
) -> Mapping[int, Tally]:
    counted: dict[int, Tally] = {}
    where = question.where
    for row in await connection.fetch(_SQL.events, person_ids, question.kind, question.name, question.part, since):
        facts = Facts(attributes={}, segments=frozenset(), now=now, data=row["data"])
        if where is None or holds(where, facts):
            tally = counted.get(row["person_id"], NEVER)
            counted[row["person_id"]] = tally.plus(row["occurred_at"], now=now, newest=question.newest)
    return counted


async def keep(connection: Connection, tallies: Sequence[tuple[int, int, Tally]]) -> None:
    """Write tallies of person and question, each in place of an earlier one."""
    await connection.execute(
        _SQL.keep,
        [person for person, _, _ in tallies],
        [question for _, question, _ in tallies],
        [tally.total for _, _, tally in tallies],
        [_written(tally.newest) for _, _, tally in tallies],
        [_written(tally.upcoming) for _, _, tally in tallies],
    )


def _written(instants: Sequence[datetime]) -> str:
    """Return an array of instants as Postgres reads it: arrays of arrays of different lengths it would not take."""
    return "{" + ",".join(f'"{instant.isoformat()}"' for instant in instants) + "}"
