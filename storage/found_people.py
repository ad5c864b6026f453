"""Whom a batch update is about: the first so many people, by id, who match a condition (behaviour 6.52)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine.conditions import Condition
from storage.database import Connection
from storage.matching import Arguments, ask

_LAST: Final = "9223372036854775807"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who matches, or of whom only Python can say whether they do."""

    id: int
    cio_id: str
    is_sure: bool
    attributes: dict[str, Any] | None
    """As conditions see them; None of somebody who matches for sure."""
    segments: list[str] | None
    """Keys; likewise."""


async def page(
    connection: Connection,
    workspace_id: int,
    condition: Condition,
    segments: Mapping[str, int],
    *,
    now: datetime,
    after: int,
    limit: int,
) -> list[Candidate]:
    """Return the next people of a workspace, by id, those above `after`, who match or may match.

    `segments` are the ids of segments by key.
    """
    arguments = Arguments()
    workspace, first, most = (arguments.add(value, "bigint") for value in (workspace_id, after, limit))
    asked = ask(condition, arguments, segments=segments, now=now, first=first, last=_LAST)
    sql = f"""
        SELECT p.id, p.cio_id, truth IS TRUE AS is_sure,
               CASE WHEN truth IS NULL THEN p.attributes
                    || jsonb_strip_nulls(jsonb_build_object('id', p.external_id, 'email', p.email)) END AS attributes,
               CASE WHEN truth IS NULL THEN ARRAY(
                    SELECT s.key FROM segment_members AS m JOIN segments AS s ON s.id = m.segment_id
                    WHERE m.person_id = p.id) END AS segments
        FROM people AS p {asked.joins} CROSS JOIN LATERAL (SELECT {asked.truth} AS truth) AS asked
        WHERE p.workspace_id = {workspace} AND p.id > {first} AND truth IS NOT FALSE
        ORDER BY p.id
        LIMIT {most}
    """  # noqa: S608 - made of our own words; values are arguments
    return [Candidate(**row) for row in await connection.fetch(sql, *arguments.values)]
