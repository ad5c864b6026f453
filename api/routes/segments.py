"""Segments are written as documents; who is in them is found out by intake."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response

from api import cursors, identifiers
from api.cursors import Cursor, Limit
from api.dependencies import AppWorkspace, ClockDep, ConnectionDep, ServicesDep
from api.document_body import Document, document_body
from api.raw_paths import Segment
from api.schemas.campaigns import ReviewOut, SavedOut
from api.schemas.lists import Listing
from api.schemas.members import MembersChange, MembersChanged, MembersCleared
from api.schemas.previews import ConditionAsked, PreviewAsked, PreviewOut, TruthOut
from api.schemas.problem import problems
from api.schemas.request_body import request_body
from api.schemas.segments import ManualSegment, MemberOut, SegmentInUse, SegmentOut, SegmentState
from engine import unknown
from engine.errors import Conflict
from engine.segments import read_condition
from intake import definitions, segment_lifecycle
from intake.preview import explained, preview
from storage import building, manual_members, reading_people, reading_segments
from storage.database import Connection
from storage.inbox import Input
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


@router.post("", openapi_extra=request_body(ManualSegment), responses=problems(400, 409, 413, 415))
async def create_manual_segment(
    document: Document, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> SegmentInUse:
    """Make a manual segment, empty: people are put into it and taken out of it by hand."""
    key = await segment_lifecycle.create_manual(connection, workspace.id, document, now=clock())
    return await _shown(connection, workspace.id, key)


@router.post("/preview", responses=problems(400, 409))
async def preview_segment(
    asked: PreviewAsked, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> PreviewOut:
    """Say how many people match a condition that is not saved, and name the first; nothing is written."""
    found = await preview(connection, workspace.id, read_condition(asked.condition), limit=asked.limit, now=clock())
    return PreviewOut.of(found)


@router.post("/preview/{identifier}", responses=problems(400, 404, 409))
async def preview_person(
    identifier: Segment, asked: ConditionAsked, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> TruthOut:
    """Say for one person whether each part of a condition that is not saved is true, and what was seen."""
    person = await reading_people.find(connection, workspace.id, identifiers.person(identifier))
    if person is None:
        raise unknown.person(identifier)
    condition = read_condition(asked.condition)
    return TruthOut.of(await explained(connection, workspace.id, condition, person.person_id, now=clock()))


@router.post("/validate", openapi_extra=_BODY, responses=problems(400, 409, 413, 415))
async def validate_segment(document: Document, workspace: AppWorkspace, connection: ConnectionDep) -> ReviewOut:
    """Read a document without saving it: what refuses a save refuses this, else which segments are missing."""
    return ReviewOut.of(await definitions.check_segment(connection, workspace.id, document))


@router.put("/{key}", openapi_extra=_BODY, responses=problems(400, 409, 413, 415))
async def save_segment(
    key: Segment, document: Document, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> SavedOut:
    """Save a segment. Another condition makes it `building`: its members are found out in the background."""
    saved = await definitions.save_segment(connection, workspace.id, key, document, now=clock())
    return SavedOut.of(key, saved)


@router.get("/{key}", responses=problems(404))
async def show_segment(key: Segment, workspace: AppWorkspace, connection: ConnectionDep) -> SegmentInUse:
    """Show a segment and the campaigns that use it."""
    return await _shown(connection, workspace.id, key)


@router.delete("/{key}", status_code=204, response_class=Response, responses=problems(404, 409))
async def delete_segment(key: Segment, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep) -> Response:
    """Delete a segment and its memberships. 409 lists what uses it, archived campaigns included."""
    await segment_lifecycle.delete(connection, workspace.id, key, now=clock())
    return Response(status_code=204)


@router.post("/{key}/archive", responses=problems(404, 409))
async def archive_segment(
    key: Segment, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> SegmentState:
    """Leave a segment as it is from now on. 409 lists what uses it."""
    await segment_lifecycle.archive(connection, workspace.id, key, now=clock())
    return await _state(connection, workspace.id, key)


@router.post("/{key}/unarchive", responses=problems(404))
async def unarchive_segment(
    key: Segment, workspace: AppWorkspace, connection: ConnectionDep, clock: ClockDep
) -> SegmentState:
    """Bring a segment back. A data-driven one is built anew."""
    await segment_lifecycle.unarchive(connection, workspace.id, key, now=clock())
    return await _state(connection, workspace.id, key)


@router.get("/{key}/members", responses=problems(400, 404))
async def list_segment_members(
    key: Segment, workspace: AppWorkspace, connection: ConnectionDep, cursor: Cursor = None, limit: Limit = 50
) -> Listing[MemberOut]:
    """List the people in a segment, in the order in which we came to know them."""
    view = await _segment(connection, workspace.id, key)
    after = cursors.number(cursor, 0)
    page = await reading_segments.members(connection, view.id, after=after, limit=limit)
    return Listing.of([MemberOut.of(one) for one in page.items], page.next)


@router.post("/{key}/members", responses=problems(400, 404, 409))
async def change_segment_members(
    key: Segment, body: MembersChange, workspace: AppWorkspace, connection: ConnectionDep, services: ServicesDep
) -> MembersChanged:
    """Put people into a manual segment or take them out, and say which of them nobody knows."""
    _refuse_unless_open(await _segment(connection, workspace.id, key))
    ids = identifiers.listed(body.ids, body.by)
    known = await manual_members.known(connection, workspace.id, body.by, ids)
    if known:
        payload = {"segment": key, "change": body.change, "by": body.by, "ids": known}
        item = Input(workspace.id, "members", payload, services.clock())
        await services.writer.write(item, sum(map(len, known)))
    taken = set(known)
    return MembersChanged(taken=len(known), unknown=[one for one in ids if one not in taken])


@router.delete("/{key}/members", responses=problems(404, 409))
async def clear_segment_members(
    key: Segment, workspace: AppWorkspace, connection: ConnectionDep, services: ServicesDep
) -> MembersCleared:
    """Take everybody out of a manual segment who is in it now, or was put in by a call before."""
    view = await _segment(connection, workspace.id, key)
    _refuse_unless_open(view)
    taken = await manual_members.count(connection, view.id)
    item = Input(workspace.id, "members", {"segment": key, "change": "clear"}, services.clock())
    await services.writer.write(item, len(key))
    return MembersCleared(taken=taken)


def _refuse_unless_open(view: SegmentView) -> None:
    """Raise Conflict unless people may be put into a segment and taken out of it by hand (behaviour 3.01)."""
    if view.kind != "manual":
        raise Conflict(
            f'People join and leave "{view.key}" by themselves.',
            "Only manual segments take people by hand: make one.",
            place="key",
        )
    if view.state == "archived":
        raise Conflict(f'The segment "{view.key}" is archived.', "Bring it back first.", place="key")


async def _shown(connection: Connection, workspace_id: int, key: str) -> SegmentInUse:
    view = await _segment(connection, workspace_id, key)
    progress = await building.progress(connection, workspace_id, view.id) if view.state == "building" else None
    return SegmentInUse.with_users(view, await reading_segments.used_by(connection, workspace_id, key), progress)


async def _state(connection: Connection, workspace_id: int, key: str) -> SegmentState:
    return SegmentState.model_validate(await _segment(connection, workspace_id, key), from_attributes=True)


async def _segment(connection: Connection, workspace_id: int, key: str) -> SegmentView:
    view = await reading_segments.one(connection, workspace_id, key)
    if view is None:
        raise unknown.segment(key)
    return view
