"""Callers decide by their own rules who is in a manual segment (api 3.9)."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from api.accepting import accept
from api.bodies import read_object
from api.dependencies import ACQUIRE_SECONDS, TrackWorkspace, services_of
from api.identifiers import listed
from api.keyring import Workspace
from api.raw_paths import Segment
from api.schemas.members import Customers
from api.schemas.problem import problems
from api.schemas.request_body import request_body
from engine import unknown
from engine.errors import InputError
from storage import reading_segments
from storage.manual_members import MOST_AT_ONCE

router = APIRouter(prefix="/api/v1/segments", tags=["Track"], responses=problems(400, 401, 404, 413, 415, 503))

_KINDS: Final = ("id", "email", "cio_id")
_MANUAL: Final = "Only manual segments take people by hand."

IdType = Annotated[str, Query(alias="id_type", description="What kind of ids these are: id, email or cio_id.")]


@router.post("/{segment}/add_customers", openapi_extra=request_body(Customers))
async def add_customers(
    request: Request, segment: Segment, workspace: TrackWorkspace, id_type: IdType = "id"
) -> Response:
    """Put people into a manual segment, by its number or key. Whoever is unknown, or in it already, is passed over."""
    return await _change(request, workspace, segment, "add", id_type)


@router.post("/{segment}/remove_customers", openapi_extra=request_body(Customers))
async def remove_customers(
    request: Request, segment: Segment, workspace: TrackWorkspace, id_type: IdType = "id"
) -> Response:
    """Take people out of a manual segment, by its number or key. Whoever is unknown, or not in it, is passed over."""
    return await _change(request, workspace, segment, "remove", id_type)


async def _change(request: Request, workspace: Workspace, segment: str, change: str, id_type: str) -> Response:
    if id_type not in _KINDS:
        raise InputError("id_type", f"There is no id type {id_type[:40]!r}.", "Use id, email or cio_id.")
    body, size = await read_object(request)
    given = body.get("ids")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_AT_ONCE:
        raise InputError(
            "ids", "These are not 1 to 1,000 ids of people.", f"Send a list of 1 to {MOST_AT_ONCE:,} texts."
        )
    async with services_of(request).pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
        found = None if "\0" in segment else await reading_segments.named(connection, workspace.id, segment)
    if found is None:
        raise unknown.segment(segment)
    if found.kind != "manual":
        raise InputError("segment", f"People join and leave the segment {found.key} by themselves.", _MANUAL)
    if found.state == "archived":
        raise InputError("segment", f"The segment {found.key} is archived.", "Bring it back first.")
    payload = {"segment": found.key, "change": change, "by": id_type, "ids": listed(given, id_type)}
    return await accept(request, workspace, "members", payload, size)
