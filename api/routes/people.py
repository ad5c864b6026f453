"""One person, by the same identifiers as in the Track API: what is known, and what happened to them."""

from __future__ import annotations

from fastapi import APIRouter

from api import cursors, identifiers
from api.cursors import Cursor, Limit
from api.dependencies import AppWorkspace, ConnectionDep
from api.raw_paths import Segment
from api.schemas.deliveries import DeliverySummary
from api.schemas.journeys import JourneySummary, RefusalOut
from api.schemas.lists import Listing
from api.schemas.people import PersonOut
from api.schemas.problem import problems
from engine import unknown
from storage import reading_deliveries, reading_journeys, reading_people, reading_refusals
from storage.database import Connection
from storage.pages import FIRST
from storage.reading_deliveries import DeliveryState
from storage.reading_journeys import StateFilter
from storage.reading_people import KnownPerson

router = APIRouter(prefix="/sojourn/v1/people", tags=["People"], responses=problems(400, 401, 404, 422, 503))


@router.get("/{identifier}")
async def show_person(identifier: Segment, workspace: AppWorkspace, connection: ConnectionDep) -> PersonOut:
    """Show a person: `cio_…`, an email, or the caller's id."""
    person = await _person(connection, workspace.id, identifier)
    return PersonOut.of(
        person,
        await reading_people.segments_of(connection, person.person_id),
        await reading_people.devices_of(connection, person.person_id),
        await reading_people.failed_changes_of(connection, person.person_id),
    )


@router.get("/{identifier}/journeys")
async def list_person_journeys(
    identifier: Segment,
    workspace: AppWorkspace,
    connection: ConnectionDep,
    state: StateFilter | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listing[JourneySummary]:
    """List the journeys of a person in all campaigns, the newest first; events that wait for filters included."""
    person = await _person(connection, workspace.id, identifier)
    before = cursors.number(cursor, FIRST)
    page = await reading_journeys.of_person(
        connection, workspace.id, person.person_id, state=state, before=before, limit=limit
    )
    return Listing.of([JourneySummary.of(one, workspace.id) for one in page.items], page.next)


@router.get("/{identifier}/deliveries")
async def list_person_deliveries(
    identifier: Segment,
    workspace: AppWorkspace,
    connection: ConnectionDep,
    state: DeliveryState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listing[DeliverySummary]:
    """List the messages for a person, the newest first."""
    person = await _person(connection, workspace.id, identifier)
    before = cursors.number(cursor, FIRST)
    page = await reading_deliveries.of_person(
        connection, workspace.id, person.person_id, state=state, before=before, limit=limit
    )
    return Listing.of([DeliverySummary.of(one) for one in page.items], page.next)


@router.get("/{identifier}/refusals")
async def list_person_refusals(
    identifier: Segment, workspace: AppWorkspace, connection: ConnectionDep, cursor: Cursor = None, limit: Limit = 50
) -> Listing[RefusalOut]:
    """List what a person triggered without entering, and why; the latest first."""
    person = await _person(connection, workspace.id, identifier)
    before = cursors.refusal(cursor, reading_refusals.LATEST)
    page = await reading_refusals.of_person(connection, person.person_id, before=before, limit=limit)
    return Listing.of([RefusalOut.of(one) for one in page.items], page.next)


async def _person(connection: Connection, workspace_id: int, identifier: str) -> KnownPerson:
    person = await reading_people.find(connection, workspace_id, identifiers.person(identifier))
    if person is None:
        raise unknown.person(identifier)
    return person
