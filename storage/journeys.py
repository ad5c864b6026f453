"""Where every journey stands and how it came there. Whoever decides holds the row, so nothing is decided twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.steps.step import Arm
from storage.database import Connection
from storage.queries import load

_SQL = load("journeys")


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyRow:
    """One journey with everything a decision about it looks at."""

    id: int
    workspace_id: int
    campaign_id: int
    person_id: int
    occurrence: str
    event_id: int | None
    event_name: str | None
    event_at: datetime | None
    trigger_data: Any
    """Data of the event, or the payload of a call: any JSON value."""
    depth: int
    """How many campaigns the trigger came through (behaviour 6.50)."""
    state: str
    version: int
    """Of the campaign, when the position was last written."""
    block: str | None
    arrived_at: datetime | None
    due_at: datetime | None
    turn: int
    move: dict[str, Any] | None
    """The answer to the latest decision."""
    ending: str | None
    exit_reason: str | None
    started_at: datetime
    begun_at: datetime | None
    """Of a journey that waited for the instant to begin (behaviour 1.19)."""
    unmatched_at: datetime | None
    unmatched_wait: timedelta | None
    last_wait: timedelta | None
    filters_met: bool

    campaign_state: str
    campaign_stopped_at: datetime | None
    latest_version: int

    person_exists: bool
    """True in a data campaign, whose journeys are nobody's."""
    cio_id: str | None
    external_id: str | None
    email: str | None
    attributes: dict[str, Any] | None
    segments: list[str]
    """Keys."""
    building: list[str]
    """Keys of segments whose members are not all known; of the same instant as `segments`."""

    delivery_id: int | None
    """Of the message that the journey stands at, or that was asked about, if it was begun."""
    public_id: str | None
    delivery_state: str | None
    attempts: int | None
    delivery_created_at: datetime | None
    arm: Arm | None
    """Of an A/B test: the one that the message was begun with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a journey stands from now on. `move` is the answer of decision number `turn`, as JSON."""

    turn: int
    move: dict[str, Any]
    state: str
    exit_reason: str | None
    version: int
    block: str | None
    arrived_at: datetime | None
    due_at: datetime | None
    last_wait: timedelta | None = None
    """None leaves what was known."""
    unmatched_wait: timedelta | None = None
    """The same."""
    filters_met: bool = False
    begins: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of a journey's log, in the order of the decision."""

    kind: str
    block: str | None
    text: str
    seen: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenJourney:
    """What is needed to start a journey's workflow again."""

    id: int
    workspace_id: int
    campaign_id: int
    person_id: int
    entrant: int
    """Who entered, whom the workflow is called after; somebody else than the person if the two were merged (17.14)."""
    occurrence: str
    turn: int
    move: dict[str, Any] | None
    ending: str | None
    campaign_key: str
    campaign_name: str
    due_at: datetime | None = None


async def look(connection: Connection, journey_id: int, delivery_key: str | None = None) -> JourneyRow | None:
    """Read a journey; None if there is none (an event that waits for its filters has only reserved the id)."""
    row = await connection.fetchrow(_SQL.look, journey_id, delivery_key)
    return JourneyRow(**row) if row else None


async def hold(connection: Connection, journey_id: int, delivery_key: str | None = None) -> JourneyRow | None:
    """Read a journey, and keep it and the state of its campaign as they are until the transaction ends."""
    row = await connection.fetchrow(_SQL.hold, journey_id, delivery_key)
    return JourneyRow(**row) if row else None


async def decide(
    connection: Connection, journey_id: int, standing: Standing, log: Sequence[LogLine], *, now: datetime
) -> None:
    """Write a decision. One that exits the journey also withdraws what it has not sent yet.

    One that ends it lets the person enter again who waits for that, and wakes intake.
    """
    await connection.execute(
        _SQL.decide,
        journey_id,
        standing.turn,
        standing.move,
        standing.state,
        standing.exit_reason,
        standing.version,
        standing.block,
        standing.arrived_at,
        standing.due_at,
        now,
        [line.kind for line in log],
        [line.block for line in log],
        [line.text for line in log],
        [line.seen for line in log],
        standing.last_wait,
        standing.unmatched_wait,
        standing.filters_met,
        standing.begins,
    )


async def append(connection: Connection, journey_id: int, log: Sequence[LogLine], *, now: datetime) -> None:
    """Write lines that no decision made, behind the latest of a journey's log. The caller has opened a transaction."""
    await connection.execute(_SQL.lock, journey_id)
    await connection.execute(
        _SQL.append,
        journey_id,
        now,
        [line.kind for line in log],
        [line.block for line in log],
        [line.text for line in log],
        [line.seen for line in log],
    )


async def document(connection: Connection, campaign_id: int, version: int) -> dict[str, Any] | None:
    """Return one version of a campaign's document."""
    found: dict[str, Any] | None = await connection.fetchval(_SQL.document, campaign_id, version)
    return found


async def events_since(
    connection: Connection, person_id: int, kind: str, name: str, *, after: int, since: datetime, limit: int
) -> list[tuple[int, dict[str, Any]]]:
    """Return id and data of events with an id above `after` that happened at `since` or later, oldest first."""
    rows = await connection.fetch(_SQL.events_since, person_id, kind, name, after, since, limit)
    return [(row["id"], row["data"]) for row in rows]


async def open_journeys(connection: Connection, *, after: int = 0, limit: int) -> list[OpenJourney]:
    """Return what must have a workflow, by id, above `after`: open journeys, and events that wait for their filters."""
    return [OpenJourney(**row) for row in await connection.fetch(_SQL.open_journeys, after, limit)]


async def overdue(
    connection: Connection, *, before: datetime, after: tuple[datetime, int], limit: int
) -> list[OpenJourney]:
    """Return open journeys that were due before an instant, by (due_at, id), those above `after`."""
    return [OpenJourney(**row) for row in await connection.fetch(_SQL.overdue, before, *after, limit)]


async def stuck(connection: Connection, *, before: datetime, after: int, limit: int) -> list[OpenJourney]:
    """Return what has had nothing to wait for since before an instant, by id, those above `after`."""
    return [OpenJourney(**row) for row in await connection.fetch(_SQL.stuck, before, after, limit)]


async def retry_expiry(connection: Connection, journey_id: int) -> datetime | None:
    """Return until when an event waits for its filters; None if it does not, because it is decided."""
    instant: datetime | None = await connection.fetchval(_SQL.retry_expiry, journey_id)
    return instant
