"""Callers tell who their people are, who has to be forgotten, and who must never be written to (api 3.1-3.3)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.accepting import accept
from api.bodies import read_object
from api.dependencies import TrackWorkspace
from api.identifiers import person
from api.limits import check_attributes
from api.raw_paths import Segment
from api.schemas.problem import problems
from api.schemas.request_body import request_body
from api.schemas.track_people import PersonAttributes
from api.timestamps import unix_seconds

router = APIRouter(prefix="/api/v1/customers", tags=["Track"], responses=problems(400, 401, 503))


@router.put(
    "/{identifier}",
    openapi_extra=request_body(PersonAttributes, required=False),
    responses=problems(413, 415),
)
async def identify(request: Request, identifier: Segment, workspace: TrackWorkspace) -> Response:
    """Make or change a person.

    Conflicts of identifiers and invalid email addresses are no errors here: they are listed at the person.
    """
    who = person(identifier)
    attributes, size = await read_object(request)
    check_attributes(attributes)
    if attributes.get("_timestamp") is not None:
        attributes["_timestamp"] = unix_seconds(attributes["_timestamp"], "_timestamp")
    return await accept(request, workspace, "identify", {"who": who, "attributes": attributes}, size)


@router.delete("/{identifier}")
async def delete_person(request: Request, identifier: Segment, workspace: TrackWorkspace) -> Response:
    """Delete a person with everything known of them. A later identify makes a new person. The body is not read."""
    return await accept(request, workspace, "delete", {"who": person(identifier)})


@router.post("/{identifier}/suppress")
async def suppress(request: Request, identifier: Segment, workspace: TrackWorkspace) -> Response:
    """Delete a person and ignore every later call for their identifiers. The body is not read."""
    return await accept(request, workspace, "suppress", {"who": person(identifier)})


@router.post("/{identifier}/unsuppress")
async def unsuppress(request: Request, identifier: Segment, workspace: TrackWorkspace) -> Response:
    """Take calls for these identifiers again. What was deleted does not come back. The body is not read."""
    return await accept(request, workspace, "unsuppress", {"who": person(identifier)})
