"""Segments are written as documents; who is in them is found out by intake."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api import cursors
from api.cursors import Cursor, Limit
from api.dependencies import AppWorkspace, ClockDep, ConnectionDep
from api.document_body import Document, document_body
from api.raw_paths import Segment
from api.schemas.campaigns import SavedOut
from api.schemas.lists import Listing
from api.schemas.problem import problems
from api.schemas.segments import MemberOut, SegmentInUse, SegmentOut
from engine.errors import NotFound
from intake import definitions
from storage import reading_segments
from storage.database import Connection
from storage.reading_segments import SegmentView

router = APIRouter(prefix="/sojourn/v1/segments", tags=["Segments"], responses=problems(401, 422, 503))

_BODY: Final = document_body("/sojourn/v1/schemas/segment.json")


@router.get("", responses=problems(400))
async def list_segments(
    workspace: AppWorkspace, connection: ConnectionDep, cursor: Cursor = None, limit: Limit = 50
) -> Listing[SegmentOut]:
    """List segments by key, with how many people are in them."""
    after = cursors.after_key(cursor)
    page = await reading_segments.page(connection, workspace.id, after=after, limit=limit)
    return Listing.of([SegmentOut.of(view) for view in page.items], page.next)


@router.put("/{key}", openapi_extra=_BODY, responses=problems(400, 413, 415))
async def save_segment(
    key: Segment, document: Document, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> SavedOut:
    """Save a segment. Another condition makes it `building`: its members are found out in the background."""
    saved = await definitions.save_segment(connection, workspace.id, key, document, now=clock())
    return SavedOut.of(key, saved)


@router.get("/{key}", responses=problems(404))
async def show_segment(key: Segment, workspace: AppWorkspace, connection: ConnectionDep) -> SegmentInUse:
    """Show a segment and the campaigns that ask about it."""
    view = await _segment(connection, workspace.id, key)
    return SegmentInUse.with_users(view, await reading_segments.used_by(connection, workspace.id, key))


@router.get("/{key}/members", responses=problems(400, 404))
async def list_segment_members(
    key: Segment, workspace: AppWorkspace, connection: ConnectionDep, cursor: Cursor = None, limit: Limit = 50
) -> Listing[MemberOut]:
    """List the people in a segment, in the order in which we came to know them."""
    view = await _segment(connection, workspace.id, key)
    after = cursors.number(cursor, 0)
    page = await reading_segments.members(connection, view.id, after=after, limit=limit)
    return Listing.of([MemberOut.of(one) for one in page.items], page.next)


async def _segment(connection: Connection, workspace_id: int, key: str) -> SegmentView:
    view = await reading_segments.one(connection, workspace_id, key)
    if view is None:
        raise NotFound(f'There is no segment "{key}".')
    return view
