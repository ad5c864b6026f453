"""Why did this person get a message, or why not? One call answers for one person and one campaign."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api import identifiers
from api.dependencies import AppWorkspace, ClockDep, ConnectionDep
from api.raw_paths import Segment
from api.schemas.journeys import JourneySummary, RefusalOut
from api.schemas.problem import problems
from api.schemas.why import WhyOut
from engine import unknown
from intake.why import why
from storage import reading_journeys, reading_people, reading_refusals

router = APIRouter(prefix="/sojourn/v1/campaigns", tags=["Campaigns"], responses=problems(400, 401, 404, 409, 422, 503))

_LATEST: Final = 20


@router.get("/{key}/people/{identifier}/why")
async def explain(
    key: Segment, identifier: Segment, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> WhyOut:
    """Say what happened between a person and a campaign, and what would happen now."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        person = await reading_people.find(connection, workspace.id, identifiers.person(identifier))
        if person is None:
            raise unknown.person(identifier)
        answer = await why(connection, workspace.id, key, person.person_id, now=clock())
    views = await reading_journeys.of_person_in(
        connection, workspace.id, answer.campaign_id, answer.person_id, limit=_LATEST
    )
    refusals = await reading_refusals.of_person_in(connection, answer.campaign_id, answer.person_id, limit=_LATEST)
    return WhyOut.of(
        key,
        answer,
        [JourneySummary.of(view, workspace.id) for view in views],
        [RefusalOut.of(view) for view in refusals],
    )
