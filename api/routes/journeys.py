"""One journey: where it stands, what was decided and why, and its end by an operator's hand."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path

from api import cursors
from api.cursors import Cursor
from api.dependencies import AppWorkspace, ClockDep, ConnectionDep
from api.schemas.journeys import End, FoundJourney, JourneyOut, RefusalOut, RefusedJourney
from api.schemas.problem import problems
from engine import unknown
from engine.errors import Conflict
from intake import interventions
from storage import reading_deliveries, reading_journeys, reading_refusals
from storage.database import Connection

router = APIRouter(prefix="/sojourn/v1/journeys", tags=["Journeys"], responses=problems(401, 404, 422, 503))

JourneyId = Annotated[int, Path(ge=1, le=2**63 - 1)]

_DECISIONS: Final = 200
"""Lines of the log in one answer: more than a workflow of fifty blocks writes."""


@router.get("/{journey}", responses=problems(400))
async def show_journey(
    journey: JourneyId, workspace: AppWorkspace, connection: ConnectionDep, decisions_after: Cursor = None
) -> FoundJourney:
    """Show a journey with every decision, what was seen, and its messages; or why its event began none."""
    return await _found(connection, workspace.id, journey, decisions_after)


@router.post("/{journey}/end", responses=problems(409))
async def end_journey(
    journey: JourneyId, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep, why: End | None = None
) -> FoundJourney:
    """End a journey, or an event's wait for its filters. Nothing more is sent; 409 if it has ended already."""
    before = (await _found(connection, workspace.id, journey)).root
    if isinstance(before, RefusedJourney):
        raise Conflict(
            f"No journey began: the event was refused at {before.at:%Y-%m-%d %H:%M:%S} UTC ({before.reason}).",
            "There is nothing to end.",
            place="journey",
        )
    await interventions.end_journey(connection, workspace.id, journey, note=why.reason if why else None, now=clock())
    return await _found(connection, workspace.id, journey)


async def _found(connection: Connection, workspace_id: int, journey: int, cursor: str | None = None) -> FoundJourney:
    view = await reading_journeys.one(connection, workspace_id, journey)
    if view is not None:
        after = cursors.pair(cursor, (-1, -1))
        log = await reading_journeys.decisions(connection, journey, after=after, limit=_DECISIONS)
        deliveries = await reading_deliveries.of_journey(connection, workspace_id, journey)
        return FoundJourney(JourneyOut.with_log(view, workspace_id, log, deliveries))
    refusal = await reading_refusals.of_retry(connection, workspace_id, journey)
    if refusal is not None:
        return FoundJourney(RefusedJourney(id=journey, **RefusalOut.of(refusal).model_dump()))
    raise unknown.journey(journey)
