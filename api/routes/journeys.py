"""One journey: where it stands, what was decided and why, and its end by an operator's hand."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path

from api import cursors
from api.cursors import Cursor
from api.dependencies import AppWorkspace, ClockDep, ConnectionDep
from api.schemas.journeys import End, JourneyOut
from api.schemas.problem import problems
from engine.errors import NotFound
from intake import interventions
from storage import reading_deliveries, reading_journeys
from storage.database import Connection

router = APIRouter(prefix="/sojourn/v1/journeys", tags=["Journeys"], responses=problems(401, 404, 422, 503))

JourneyId = Annotated[int, Path(ge=1, le=2**63 - 1)]

_DECISIONS: Final = 200
"""Lines of the log in one answer: more than a workflow of fifty blocks writes."""


@router.get("/{journey}", responses=problems(400))
async def show_journey(
    journey: JourneyId, workspace: AppWorkspace, connection: ConnectionDep, decisions_after: Cursor = None
) -> JourneyOut:
    """Show a journey with every decision, what was seen, and its messages."""
    shown = await _journey(connection, workspace.id, journey, decisions_after)
    if shown is None:
        raise NotFound(f"There is no journey {journey}.")
    return shown


@router.post("/{journey}/end", responses=problems(409))
async def end_journey(
    journey: JourneyId, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep, why: End | None = None
) -> JourneyOut:
    """End a journey, or an event's wait for its filters. Nothing more is sent; repeating it is harmless."""
    before = await _journey(connection, workspace.id, journey, None)
    if before is None:
        raise NotFound(f"There is no journey {journey}.")
    reason = why.reason if why else None
    await interventions.end_journey(connection, workspace.id, journey, note=reason, now=clock())
    # What waited for filters is a refusal now, and no longer found as a journey.
    return await _journey(connection, workspace.id, journey, None) or before


async def _journey(connection: Connection, workspace_id: int, journey: int, cursor: str | None) -> JourneyOut | None:
    view = await reading_journeys.one(connection, workspace_id, journey)
    if view is None:
        return None
    after = cursors.pair(cursor, (-1, -1))
    log = await reading_journeys.decisions(connection, journey, after=after, limit=_DECISIONS)
    deliveries = await reading_deliveries.of_journey(connection, workspace_id, journey)
    return JourneyOut.with_log(view, workspace_id, log, deliveries)
