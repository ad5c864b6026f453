"""What was due for a person before an input about them was received comes before that input (behaviour 1.14, 3.09)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from storage.database import Connection
from storage.queries import load

_SQL = load("overdue")

Kind = Literal["membership", "date", "interval", "start", "match"]
"""The last three are those of `reentries`."""


class Overdue(NamedTuple):
    """Something that time alone brings about, and whose time has come."""

    kind: Kind
    person_id: int
    place: int
    """The segment whose membership may change, or the campaign that may begin."""
    due_at: datetime
    date: date | None
    """The calendar date that a date stands for."""
    depth: int


async def of_people(connection: Connection, person_ids: Sequence[int], *, now: datetime) -> list[Overdue]:
    """Return what is due for people, whom the caller has locked, in any order."""
    return [Overdue(*row) for row in await connection.fetch(_SQL.of_people, person_ids, now)]
