"""What begins journeys by time alone: the next date of each person, and the end of each interval between two entries.

Each is a row with its instant, found by index; nobody is scanned (behaviour 1.68, 2.04).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Final, Literal

from engine.dates import Fire
from storage.database import Connection
from storage.queries import load

_SQL = load("schedules")

_IN_ORDER: Final = attrgetter("campaign_id", "person_id", "due_at", "kind", "depth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far everybody's next dates are computed: the last person, and the instant that the dates lie after."""

    cursor: int
    after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reentry:
    """When a person who still matches enters: for another time, or for the first if the match was noticed too early.

    `due_at` None: as soon as the journey that is still running ends, or the segment that they match by is built.
    """

    campaign_id: int
    person_id: int
    due_at: datetime | None
    kind: Literal["interval", "start", "match"] = "interval"
    """What has to come: the end of an interval, the start of the campaign, or the end of a build."""
    depth: int = 0
    """How many campaigns the match came through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """A person who matches a campaign at an instant, and cannot enter because they are inside."""

    campaign_id: int
    person_id: int
    at: datetime
    every: timedelta
    """The interval between two entries."""


async def write_dates(connection: Connection, dates: Sequence[tuple[int, int, Fire | None]]) -> None:
    """Write the next dates of campaign and person, each in place of an earlier one; None is that there is none."""
    coming = [(campaign, person, fire.at, fire.date) for campaign, person, fire in dates if fire is not None]
    over = [(campaign, person) for campaign, person, fire in dates if fire is None]
    if coming:
        await connection.execute(_SQL.keep_dates, *zip(*coming, strict=True))
    if over:
        await drop_dates(connection, over)


async def compute_dates(connection: Connection, campaign_id: int, fires: Sequence[tuple[int, Fire | None]]) -> None:
    """Write the next dates of people that a computation finds, each unless an input has said another since."""
    found = [(person, fire.at, fire.date) for person, fire in fires if fire is not None]
    columns = zip(*found, strict=True) if found else ([], [], [])
    await connection.execute(_SQL.compute_dates, campaign_id, [person for person, _ in fires], *columns)


async def drop_outdated(connection: Connection, campaign_id: int, *, limit: int) -> int:
    """Forget some of the dates that do not count any more since everybody's were asked for; return how many."""
    dropped: int = await connection.fetchval(_SQL.drop_outdated, campaign_id, limit)
    return dropped


async def drop_dates(connection: Connection, dates: Sequence[tuple[int, int]]) -> None:
    """Forget the dates of campaign and person. A computation that is under way does not find them again."""
    await connection.execute(_SQL.drop_dates, *_columns(dates))


async def due_dates(connection: Connection, workspace_id: int, *, now: datetime, limit: int) -> set[int]:
    """Return the people to whom dates have come that are due the longest; `limit` is of dates."""
    return {row["person_id"] for row in await connection.fetch(_SQL.due_dates, workspace_id, now, limit)}


async def keep_reentries(connection: Connection, reentries: Sequence[Reentry]) -> None:
    """Write when people enter again, each in place of an earlier wish; but no match in place of an interval."""
    await connection.execute(_SQL.keep_reentries, *_rows(reentries))


async def add_reentries(connection: Connection, reentries: Sequence[Reentry]) -> None:
    """Write when people enter, each unless there is a wish already."""
    await connection.execute(_SQL.add_reentries, *_rows(reentries))


async def remember_inside(connection: Connection, inside: Sequence[Inside]) -> None:
    """Write that people enter again when interval and journey are over, each unless there is a wish already.

    The caller keeps the journeys from ending meanwhile.
    """
    columns = zip(*((one.campaign_id, one.person_id, one.at, one.every) for one in inside), strict=True)
    await connection.execute(_SQL.remember_inside, *columns)


async def drop_due_reentries(connection: Connection, reentries: Sequence[tuple[int, int]], *, until: datetime) -> None:
    """Forget the re-entries of campaign and person that were due by an instant."""
    await connection.execute(_SQL.drop_due_reentries, *_columns(reentries), until)


async def release_reentries(connection: Connection, campaign_ids: Sequence[int], *, now: datetime) -> None:
    """Make due whoever waits to enter these campaigns, but for those who wait for the end of a journey."""
    await connection.execute(_SQL.release_reentries, campaign_ids, now)


async def drop_postponed(connection: Connection, campaign_id: int) -> None:
    """Forget whose match waits for a segment to be built. Whose interval is over goes on waiting (2.04)."""
    await connection.execute(_SQL.drop_postponed, campaign_id)


async def move_reentries(connection: Connection, campaign_id: int, *, every: timedelta, now: datetime) -> None:
    """Plan the re-entries of a campaign that are to come anew by another interval, none before now."""
    await connection.execute(_SQL.move_reentries, campaign_id, every, now)


async def drop_intervals(connection: Connection, campaign_id: int, *, after: datetime) -> None:
    """Forget whose interval ends after an instant; who waits for a start or a build goes on waiting (2.12, 2.13)."""
    await connection.execute(_SQL.drop_intervals, campaign_id, after)


async def drop_reentries_of(connection: Connection, campaign_id: int) -> None:
    """Forget everybody who waits to enter a campaign, which is being stopped (behaviour 13.07)."""
    await connection.execute(_SQL.drop_reentries_of, campaign_id)


async def due_reentries(connection: Connection, workspace_id: int, *, now: datetime, limit: int) -> set[int]:
    """Return the people whose re-entries are due the longest; `limit` is of re-entries."""
    return {row["person_id"] for row in await connection.fetch(_SQL.due_reentries, workspace_id, now, limit)}


async def recompute_dates(connection: Connection, campaign_id: int, *, after: datetime) -> None:
    """Ask to compute everybody's next date after an instant, in the background; the ones found before do not count."""
    await connection.execute(_SQL.recompute_dates, campaign_id, after)


async def to_compute(connection: Connection, workspace_id: int) -> int | None:
    """Return a campaign whose dates are to be computed for everybody; None if there is none."""
    campaign_id: int | None = await connection.fetchval(_SQL.to_compute, workspace_id)
    return campaign_id


async def date_progress(connection: Connection, campaign_id: int) -> Progress | None:
    """Return how far a campaign's dates are computed; None if they are."""
    row = await connection.fetchrow(_SQL.date_progress, campaign_id)
    return Progress(**row) if row else None


async def advance_dates(connection: Connection, campaign_id: int, cursor: int | None) -> None:
    """Remember how far the dates are computed; None is all of them."""
    await connection.execute(_SQL.advance_dates, campaign_id, cursor)


async def next_due(connection: Connection) -> datetime | None:
    """Return the next instant at which a date comes or an interval ends, in any workspace."""
    instant: datetime | None = await connection.fetchval(_SQL.next_due)
    return instant


def _rows(reentries: Sequence[Reentry]) -> list[tuple[Any, ...]]:
    return list(zip(*map(_IN_ORDER, reentries), strict=True))


def _columns(pairs: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [campaign for campaign, _ in pairs], [person for _, person in pairs]
