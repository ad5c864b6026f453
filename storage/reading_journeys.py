"""Where is this person, why, and until when? Journeys as an operator reads them, one by one and in lists.

An event whose filters do not match yet is no journey (behaviour 9.03), but it is what an operator looks for: it is
listed in state `waiting_for_filters` under the id that its journey will have.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from engine import ids
from storage.database import Connection
from storage.pages import FIRST, STRETCH, Page, Stretch
from storage.queries import load

StateFilter = Literal["open", "waiting_for_filters", "waiting_start", "running", "grace", "finished", "exited"]
"""A state, or `open`: every journey that has not ended."""

_WAITING: Final = "waiting_for_filters"
_OPEN: Final = frozenset(get_args(StateFilter)) - {"finished", "exited", _WAITING}

_SQL = load("reading_journeys")


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyView:
    """One journey with its campaign and person. The person's identifiers are None once the person is deleted."""

    id: int
    campaign_id: int
    campaign_key: str
    campaign_name: str
    person_id: int
    entrant: int
    """Who entered, whom the workflow is called after; somebody else than the person if the two were merged (17.14)."""
    external_id: str | None
    email: str | None
    cio_id: str | None
    occurrence: str
    state: str
    exit_reason: str | None
    ending: str | None
    version: int
    block: str | None
    arrived_at: datetime | None
    due_at: datetime | None
    standing: str | None
    """In plain words, what an open journey waits for or does."""
    event_id: int | None
    event_name: str | None
    event_at: datetime | None
    trigger_data: Any
    started_at: datetime
    ended_at: datetime | None

    def workflow_id(self, workspace_id: int) -> str:
        """Where to find it in the Temporal Web UI."""
        return ids.journey_workflow(workspace_id, self.campaign_id, self.entrant, self.occurrence)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """One line of a journey's log."""

    turn: int
    place: int
    at: datetime
    kind: str
    block: str | None
    text: str
    seen: dict[str, Any]


async def of_campaign(
    connection: Connection,
    workspace_id: int,
    campaign_id: int,
    *,
    state: StateFilter | None = None,
    before: int = FIRST,
    limit: int,
) -> Page[JourneyView]:
    """Return the journeys of a campaign, newest first, those older than the id `before`."""
    query = _SQL.of_campaign
    if state in _OPEN:
        query = _SQL.open_of_campaign
    elif state == _WAITING:
        query = _SQL.waiting_of_campaign
    stretch = await _stretch(connection, query, campaign_id, before, state, limit)
    return await _page(connection, workspace_id, stretch)


async def of_person(
    connection: Connection,
    workspace_id: int,
    person_id: int,
    *,
    state: StateFilter | None = None,
    before: int = FIRST,
    limit: int,
) -> Page[JourneyView]:
    """Return the journeys of a person, newest first, those older than the id `before`."""
    stretch = await _stretch(connection, _SQL.of_person, person_id, before, state, limit)
    return await _page(connection, workspace_id, stretch)


async def of_person_in(
    connection: Connection, workspace_id: int, campaign_id: int, person_id: int, *, limit: int
) -> list[JourneyView]:
    """Return the journeys of a person in one campaign, newest first, with what waits for its filters."""
    ids = [row["id"] for row in await connection.fetch(_SQL.of_person_in, person_id, campaign_id, limit)]
    views = {row["id"]: JourneyView(**row) for row in await connection.fetch(_SQL.rows, workspace_id, ids)}
    return [views[id_] for id_ in ids if id_ in views]


async def one(connection: Connection, workspace_id: int, journey_id: int) -> JourneyView | None:
    """Return one journey."""
    row = await connection.fetchrow(_SQL.rows, workspace_id, [journey_id])
    return JourneyView(**row) if row else None


async def decisions(
    connection: Connection, journey_id: int, *, after: tuple[int, int] = (-1, -1), limit: int
) -> Page[DecisionView]:
    """Return the log of a journey, in order, what comes behind `after` = (turn, place)."""
    rows = await connection.fetch(_SQL.decisions, journey_id, *after, limit + 1)
    views = [DecisionView(**row) for row in rows[:limit]]
    return Page(views, (views[-1].turn, views[-1].place) if len(rows) > limit else None)


async def _page(connection: Connection, workspace_id: int, stretch: Stretch) -> Page[JourneyView]:
    rows = await connection.fetch(_SQL.rows, workspace_id, stretch.ids)
    return Page([JourneyView(**row) for row in rows], stretch.next)


async def _stretch(
    connection: Connection, query: str, owner: int, before: int, state: str | None, limit: int
) -> Stretch:
    looked_at_most = STRETCH if state else limit
    row = await connection.fetchrow(query, owner, before, state, limit, looked_at_most)
    return Stretch.of(row, limit=limit, looked_at_most=looked_at_most)
