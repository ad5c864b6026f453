"""Forms make themselves known; what is left to say is which attribute each of their fields is written to."""

from __future__ import annotations

from fastapi import APIRouter

from api import cursors
from api.cursors import Cursor, Limit
from api.dependencies import AppWorkspace, ClockDep, ConnectionDep
from api.raw_paths import Segment
from api.schemas.forms import FormMapping, FormOut, LeadOut, Retried
from api.schemas.lists import Listing
from api.schemas.problem import problems
from engine import unknown
from engine.errors import InputError
from engine.forms import LONGEST_NAME, check_mapping
from storage import forms, leads, reading_forms
from storage.database import Connection

router = APIRouter(prefix="/sojourn/v1", tags=["Forms"], responses=problems(401, 422, 503))


@router.get("/forms", responses=problems(400))
async def list_forms(
    workspace: AppWorkspace, connection: ConnectionDep, cursor: Cursor = None, limit: Limit = 50
) -> Listing[FormOut]:
    """List forms by id, with their fields and the campaigns that they trigger."""
    page = await reading_forms.page(connection, workspace.id, after=cursors.after_key(cursor), limit=limit)
    return Listing.of([FormOut.of(view) for view in page.items], page.next)


@router.get("/forms/{form_id}", responses=problems(404))
async def show_form(form_id: Segment, workspace: AppWorkspace, connection: ConnectionDep) -> FormOut:
    """Show a form."""
    return await _form(connection, workspace.id, form_id)


@router.put("/forms/{form_id}", responses=problems(400))
async def map_form(
    form_id: Segment, body: FormMapping, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> FormOut:
    """Say which attributes the fields go to. Leads of the form that could not be taken in are tried again."""
    if not form_id.strip() or "\0" in form_id or len(form_id.encode()) > LONGEST_NAME:
        raise InputError("form_id", "This is no id of a form.", f"Ids have 1 to {LONGEST_NAME} bytes.")
    check_mapping(body.mapping)
    async with connection.transaction():
        await forms.set_mapping(connection, workspace.id, form_id, body.mapping, now=clock())
        await leads.hurry(connection, workspace.id, form_id=form_id, now=clock())
    return await _form(connection, workspace.id, form_id)


@router.get("/leads", responses=problems(400))
async def list_leads(
    workspace: AppWorkspace, connection: ConnectionDep, cursor: Cursor = None, limit: Limit = 50
) -> Listing[LeadOut]:
    """List Facebook leads that are announced and not taken in yet, and what keeps them."""
    page = await reading_forms.leads(connection, workspace.id, after=cursors.after_key(cursor), limit=limit)
    return Listing.of([LeadOut.of(view) for view in page.items], page.next)


@router.post("/leads/retry")
async def retry_leads(workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep) -> Retried:
    """Try all of these again now, those that were given up included."""
    return Retried(leads=await leads.hurry(connection, workspace.id, now=clock()))


async def _form(connection: Connection, workspace_id: int, form_id: str) -> FormOut:
    view = await reading_forms.one(connection, workspace_id, form_id)
    if view is None:
        raise unknown.form(form_id)
    return FormOut.of(view)
