"""What happened lately, and how to ask for it: whoever writes a trigger looks here first (behaviour 1.36)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import cursors
from api.cursors import Cursor, Limit
from api.dependencies import AppWorkspace, ConnectionDep
from api.limits import PAGE_NAME_BYTES
from api.schemas.events import EventDetail, EventOut
from api.schemas.lists import Listing
from api.schemas.problem import problems
from engine import unknown
from storage import reading_events
from storage.pages import FIRST
from storage.reading_events import EventKind

router = APIRouter(prefix="/sojourn/v1/events", tags=["Events"], responses=problems(400, 401, 422, 503))


@router.get("")
async def list_events(
    workspace: AppWorkspace,
    connection: ConnectionDep,
    kind: EventKind | None = None,
    name: Annotated[str | None, Query(max_length=PAGE_NAME_BYTES, description="Exactly this one.")] = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Listing[EventOut]:
    """List what happened, the latest heard of first; anonymous events and submissions of forms included."""
    before = cursors.number(cursor, FIRST)
    name = name and name.replace("\0", "")
    page = await reading_events.recent(connection, workspace.id, kind=kind, name=name, before=before, limit=limit)
    return Listing.of([EventOut.of(one) for one in page.items], page.next)


@router.get("/{event}", responses=problems(404))
async def show_event(
    event: Annotated[int, Path(ge=0, le=FIRST)], workspace: AppWorkspace, connection: ConnectionDep
) -> EventDetail:
    """Show an event and, for each value in its data, the condition that asks for it."""
    view = await reading_events.one(connection, workspace.id, event)
    if view is None:
        raise unknown.event(event)
    return EventDetail.of(view)
