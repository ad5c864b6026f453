"""A batch update is about the first thousand people who match; SQL finds them, and Python answers where SQL cannot.

People may be many and matches few, so it looks through them page by page before anything is locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from activities.errors import segment_is_built
from engine import conditions
from engine.conditions import Condition, Facts
from storage import definitions, found_people
from storage.database import Connection
from storage.found_people import Candidate

MOST: Final = 1_000
"""People of one batch update (behaviour 6.52)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who matched."""

    cio_ids: Sequence[str]
    """In the order in which people became known."""
    is_cut_short: bool
    """Whether there are more."""


async def find(connection: Connection, workspace_id: int, condition: Condition, *, now: datetime) -> Found:
    """Return the first people who match a condition.

    Raises what lets Temporal ask again later, while not all members of a segment are known that it asks about (3.05).
    """
    asked = conditions.touches(condition).segments
    known = {one.key: one for one in await definitions.segments(connection, workspace_id) if one.key in asked}
    if any(one.state == "building" for one in known.values()):
        raise segment_is_built()
    holds = conditions.compile_condition(condition)
    segments = {key: one.id for key, one in known.items()}
    found: list[str] = []
    after = 0
    while len(found) <= MOST:
        page = await found_people.page(
            connection, workspace_id, condition, segments, now=now, after=after, limit=MOST + 1
        )
        found += [one.cio_id for one in page if one.is_sure or holds(_facts(one, now))]
        if len(page) <= MOST:
            break
        after = page[-1].id
    return Found(cio_ids=found[:MOST], is_cut_short=len(found) > MOST)


def _facts(one: Candidate, now: datetime) -> Facts:
    return Facts(attributes=one.attributes or {}, segments=frozenset(one.segments or ()), now=now)
