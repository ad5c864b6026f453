"""What the segments of a workspace ask, as opposed to who is in them. A new question makes a segment `building`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from engine.conditions import Condition, Scope, parse, touches
from storage.database import Connection
from storage.queries import load

_SQL = load("segment_definitions")


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRow:
    """A segment as saved. `condition` is None for manual segments; `version` counts changes of it."""

    id: int
    key: str
    name: str
    description: str
    kind: Literal["data", "manual"]
    condition: Any
    version: int
    state: Literal["building", "ready", "archived"]

    def asked(self) -> Condition | None:
        """Read what it asks; None for a manual segment."""
        return parse(self.condition, place="condition", scope=Scope.PERSON, faults=[]) if self.condition else None

    def used(self) -> frozenset[str]:
        """Return the keys of the segments that it asks about itself."""
        condition = self.asked()
        return touches(condition).segments if condition else frozenset()


def uses_of(segments: Iterable[SegmentRow]) -> dict[str, frozenset[str]]:
    """Return which segments each of these asks about itself, by key."""
    return {row.key: row.used() for row in segments}


async def all_of(connection: Connection, workspace_id: int) -> list[SegmentRow]:
    """Return every segment of a workspace, by key."""
    return [SegmentRow(**row) for row in await connection.fetch(_SQL.all_of, workspace_id)]


async def create(
    connection: Connection,
    workspace_id: int,
    *,
    key: str,
    name: str,
    description: str,
    condition: object,
    now: datetime,
) -> None:
    """Write a new data-driven segment, to be built."""
    await connection.execute(_SQL.create, workspace_id, key, name, description, condition, now)


async def describe(connection: Connection, segment_id: int, *, name: str, description: str, now: datetime) -> None:
    """Change what a segment is called; nobody joins or leaves by it."""
    await connection.execute(_SQL.describe, segment_id, name, description, now)


async def redefine(connection: Connection, segment_id: int, condition: object, *, now: datetime) -> None:
    """Give a segment another condition, to be built from the first person on."""
    await connection.execute(_SQL.redefine, segment_id, condition, now)


async def rebuild(connection: Connection, segment_ids: Sequence[int], *, now: datetime) -> None:
    """Build segments anew whose own condition did not change."""
    await connection.execute(_SQL.rebuild, segment_ids, now)
