"""How many people match a condition that nobody has saved, counted page by page and without changing anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.conditions import Condition
from storage.database import Connection
from storage.matching import Arguments, ask
from storage.queries import load

_SQL = load("previews")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What became of a range of people."""

    matching: int
    """Who matches for sure."""
    first: Sequence[int]
    """The first of them, by id."""
    unclear: Sequence[int]
    """Of whom only Python can say, by id."""


async def limit_statements(connection: Connection, most: timedelta) -> None:
    """Let asyncpg.QueryCanceledError be raised by whatever takes longer, until the transaction ends."""
    await connection.execute(_SQL.limit_statements, f"{most // timedelta(milliseconds=1)}ms")


async def page(
    connection: Connection,
    workspace_id: int,
    condition: Condition,
    segments: Mapping[str, int],
    *,
    after: int,
    last: int,
    limit: int,
    now: datetime,
) -> Page:
    """Ask the people with ids in (after, last]; `segments` are the ids of segments by key."""
    arguments = Arguments(workspace_id, after, last, limit)
    asked = ask(condition, arguments, segments=segments, now=now, first="$2::bigint", last="$3::bigint")
    people = f"SELECT p.id, {asked.truth} AS holds FROM people AS p {asked.joins} {_SQL.among}"  # noqa: S608 - made of our own words
    [row] = await connection.fetch(f"WITH looked AS MATERIALIZED ({people}) {_SQL.page}", *arguments.values)
    return Page(**row)
