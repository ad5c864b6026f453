"""Entering a campaign exactly as often as allowed, whoever asks at the same time, and remembering who did not enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from storage.database import Connection
from storage.queries import load

_SQL = load("entries")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The wish of one person to enter one campaign, once or, where there is no limit, several times."""

    campaign_id: int
    person_id: int
    at: datetime
    is_limited: bool
    """Whether an earlier entry can stand in the way."""
    allowed_until: datetime | None
    """Of a limited entry: the latest instant of an earlier one that does not stand in the way; None if any does."""
    entries: int = 1
    is_rematch: bool = False
    """Whether who entered before must have stopped matching since (behaviour 13.09)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the person enters, and when they did so last before."""

    is_entered: bool
    last_entered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line of a journey's log. `place` is the order within the decision."""

    place: int
    at: datetime
    kind: str
    block: str | None
    text: str
    seen: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJourney:
    """A journey with its first decision. `move` is the answer of that decision, as JSON."""

    id: int
    campaign_id: int
    person_id: int
    occurrence: str
    event_id: int | None
    event_name: str | None
    event_at: datetime
    trigger_data: Any
    depth: int
    unmatched_at: datetime | None
    """Of a condition campaign: when it begins for somebody who does not match its filters yet (behaviour 1.17)."""
    filters_met: bool
    """Whether a message has been reached already, and its filters were met (behaviour 4.08)."""
    state: str
    exit_reason: str | None
    version: int
    block: str | None
    arrived_at: datetime | None
    due_at: datetime | None
    move: dict[str, Any]
    started_at: datetime
    ended_at: datetime | None
    entered_as: int | None
    """Whose event it was that waited for the filters, if they were merged into this person meanwhile."""
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Somebody triggered a campaign and did not enter."""

    campaign_id: int
    person_id: int
    occurrence: str
    at: datetime
    reason: str
    seen: dict[str, Any]


async def claim(connection: Connection, claims: Sequence[Claim]) -> list[Verdict]:
    """Decide claims by unique rows; answers in the order asked. Each campaign and person at most once per call."""
    rows = await connection.fetch(
        _SQL.claim,
        [claim.campaign_id for claim in claims],
        [claim.person_id for claim in claims],
        [claim.at for claim in claims],
        [claim.is_limited for claim in claims],
        [claim.allowed_until for claim in claims],
        [claim.entries for claim in claims],
        [claim.is_rematch for claim in claims],
    )
    return [Verdict(**row) for row in rows]


async def open_among(connection: Connection, asked: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those of campaign and person with a journey that is open, and keep it from ending meanwhile."""
    rows = await connection.fetch(_SQL.open_among, *zip(*asked, strict=True)) if asked else []
    return {(row["campaign_id"], row["person_id"]) for row in rows}


async def stop_matching(connection: Connection, stopped: Sequence[tuple[int, int]]) -> None:
    """Note for campaign and person that they do not match, if they have entered."""
    await connection.execute(_SQL.stop_matching, *zip(*stopped, strict=True))


async def forget_stops(connection: Connection, campaign_id: int) -> None:
    """Take everybody who entered a campaign as matching it ever since."""
    await connection.execute(_SQL.forget_stops, campaign_id)


async def known_among(connection: Connection, asked: Sequence[tuple[int, int, str]]) -> set[tuple[int, int, str]]:
    """Return those of campaign, person and occurrence that have a journey already, or wait for their filters."""
    rows = await connection.fetch(_SQL.known_among, *zip(*asked, strict=True)) if asked else []
    return {(row["campaign_id"], row["person_id"], row["occurrence"]) for row in rows}


async def refused_among(connection: Connection, asked: Sequence[tuple[int, int, str]]) -> set[tuple[int, int, str]]:
    """Return those of campaign, person and occurrence that were refused for good."""
    rows = await connection.fetch(_SQL.refused_among, *zip(*asked, strict=True)) if asked else []
    return {(row["campaign_id"], row["person_id"], row["occurrence"]) for row in rows}


async def reserve_ids(connection: Connection, count: int) -> list[int]:
    """Return ids for journeys to come, ascending. An id that is never used leaves a gap and no harm."""
    return [row["id"] for row in await connection.fetch(_SQL.reserve_ids, count)]


async def add_journeys(connection: Connection, workspace_id: int, journeys: Sequence[NewJourney]) -> None:
    """Write journeys whose first decision, turn 1, is made."""
    notes = [(journey.id, note) for journey in journeys for note in journey.notes]
    await connection.execute(
        _SQL.add_journeys,
        workspace_id,
        [journey.id for journey in journeys],
        [journey.campaign_id for journey in journeys],
        [journey.person_id for journey in journeys],
        [journey.occurrence for journey in journeys],
        [journey.event_id for journey in journeys],
        [journey.event_name for journey in journeys],
        [journey.event_at for journey in journeys],
        # As text: asyncpg would take payloads that are lists for rows of a wider array.
        [orjson.dumps(journey.trigger_data).decode() for journey in journeys],
        [journey.depth for journey in journeys],
        [journey.unmatched_at for journey in journeys],
        [journey.started_at if journey.filters_met else None for journey in journeys],
        [journey.state for journey in journeys],
        [journey.exit_reason for journey in journeys],
        [journey.version for journey in journeys],
        [journey.block for journey in journeys],
        [journey.arrived_at for journey in journeys],
        [journey.due_at for journey in journeys],
        [journey.move for journey in journeys],
        [journey.started_at for journey in journeys],
        [journey.ended_at for journey in journeys],
        [journey.entered_as for journey in journeys],
        [journey_id for journey_id, _ in notes],
        [note.place for _, note in notes],
        [note.at for _, note in notes],
        [note.kind for _, note in notes],
        [note.block for _, note in notes],
        [note.text for _, note in notes],
        [note.seen for _, note in notes],
    )


async def refuse(connection: Connection, workspace_id: int, refusals: Sequence[Refusal]) -> None:
    """Remember who did not enter, and why; the first reason of an occurrence stands."""
    await connection.execute(
        _SQL.refuse,
        workspace_id,
        [refusal.campaign_id for refusal in refusals],
        [refusal.person_id for refusal in refusals],
        [refusal.occurrence for refusal in refusals],
        [refusal.at for refusal in refusals],
        [refusal.reason for refusal in refusals],
        [refusal.seen for refusal in refusals],
    )


async def forget_refusals(connection: Connection, horizon: datetime, *, limit: int) -> int:
    """Forget the oldest refusals from before an instant, so many at most; return how many."""
    forgotten: int = await connection.fetchval(_SQL.forget_refusals, horizon, limit)
    return forgotten
