"""One page of a build: everybody in a range of ids is asked in one statement, and who is in is written by the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.conditions import Condition
from storage.database import Connection
from storage.matching import Arguments, ask
from storage.queries import load

_SQL = load("building")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a build has come: the last person who was looked at, and the last there is."""

    cursor: int
    last: int


async def end_of_page(connection: Connection, workspace_id: int, *, after: int, size: int) -> int | None:
    """Return the id that ends the next page, of at most `size` people and at least one; None if nobody is left."""
    last: int | None = await connection.fetchval(_SQL.end_of_page, workspace_id, after, size)
    return last


async def progress(connection: Connection, workspace_id: int, segment_id: int) -> Progress:
    """Return how far the build of a segment has come."""
    [row] = await connection.fetch(_SQL.progress, workspace_id, segment_id)
    return Progress(**row)


async def build_page(
    connection: Connection,
    workspace_id: int,
    segment_id: int,
    condition: Condition,
    segments: Mapping[str, int],
    *,
    after: int,
    last: int,
    now: datetime,
) -> list[int]:
    """Let people join and leave a segment, those with ids in (after, last], and schedule when to look again.

    Returns whom only Python can judge. The caller keeps everybody out who changes people meanwhile.
    """
    await connection.execute(_SQL.give_room)
    arguments = Arguments(workspace_id, segment_id, after, last, now)
    asked = ask(condition, arguments, segments=segments, now=now, first="$3::bigint", last="$4::bigint")
    # Who is not in and will not be by time alone is left out at once: of a million people most are.
    if asked.change is None:
        columns, remarkable = "holds", "holds IS NOT FALSE"
    else:
        columns, remarkable = "holds, change", "holds IS NOT FALSE OR change IS NOT NULL"
    people = (
        f"SELECT p.id, {asked.truth} AS holds{f', {asked.change} AS change' if asked.change else ''} "
        f"FROM people AS p {asked.joins} "
        "WHERE p.workspace_id = $1::bigint AND p.id > $3::bigint AND p.id <= $4::bigint"
    )
    looked = f"looked AS MATERIALIZED (SELECT id, {columns} FROM ({people}) AS everybody WHERE {remarkable})"
    written = [_SQL.joined, _SQL.left] + ([_SQL.scheduled, _SQL.settled] if asked.change is not None else [])
    steps = ", ".join(step.rstrip(";") for step in (looked, *written))
    sql = f"WITH {steps} SELECT id FROM looked WHERE holds IS NULL"
    return [row["id"] for row in await connection.fetch(sql, *arguments.values)]
