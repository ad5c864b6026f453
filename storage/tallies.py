"""How often people did what segments ask about: one row per person and question, and none for never."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.conditions import Facts, Question, holds
from engine.tallies import NEVER, Tally
from storage.database import Connection
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
    connection: Connection, person_ids: Sequence[int], questions: Mapping[int, Question], *, now: datetime
) -> Tallies:
    """Count the stored events of people for questions that are new to them."""
    counted: dict[int, dict[int, Tally]] = defaultdict(dict)
    for question_id, question in questions.items():
        sql = _SQL.events if question.where else _SQL.instants
        for row in await connection.fetch(sql, person_ids, question.kind, question.name, question.part):
            where = question.where
            if where is not None and not holds(where, Facts(attributes={}, segments=set(), now=now, data=row["data"])):
                continue
            tally = counted[row["person_id"]].get(question_id, NEVER)
            counted[row["person_id"]][question_id] = tally.plus(row["occurred_at"], now=now, newest=question.newest)
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
