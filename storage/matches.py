"""Since when the person of an open journey does not match its condition campaign (behaviour 10.51-10.53)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import Connection
from storage.queries import load

_SQL = load("matches")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """An open journey whose person matches again, or which waits to begin."""

    campaign_id: int
    person_id: int
    entrant: int
    """Who entered, whom the workflow is called after."""
    occurrence: str
    state: str


async def stop(connection: Connection, stopped: Sequence[tuple[int, int, datetime]]) -> None:
    """Note for campaign and person since when they do not match, with the wait that the journey stands in."""
    await connection.execute(_SQL.stop, *zip(*stopped, strict=True))


async def waiting(connection: Connection, asked: Sequence[tuple[int, int]]) -> list[Matching]:
    """Return the journeys of campaign and person that wait to begin."""
    return [Matching(**row) for row in await connection.fetch(_SQL.waiting, *zip(*asked, strict=True))]


async def begin(connection: Connection, began: Sequence[tuple[int, int]]) -> list[Matching]:
    """Note for campaign and person that they match again; return their open journeys."""
    return [Matching(**row) for row in await connection.fetch(_SQL.begin, *zip(*began, strict=True))]
