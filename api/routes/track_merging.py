"""Two identities turn out to be one person: what is known of the second goes to the first (api 3.8, 11.2)."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api.accepting import accept
from api.bodies import read_object
from api.dependencies import TrackWorkspace
from api.limits import IDENTIFIER_BYTES, check_size
from api.schemas.problem import problems
from api.schemas.request_body import request_body
from api.schemas.track_people import Merge
from engine.errors import InputError

router = APIRouter(prefix="/api/v1", tags=["Track"], responses=problems(400, 401, 413, 415, 503))

_KINDS: Final = ("id", "email", "cio_id")


@router.post("/merge_customers", openapi_extra=request_body(Merge))
async def merge(request: Request, workspace: TrackWorkspace) -> Response:
    """Merge the secondary person into the primary, and delete the secondary. If one of them is unknown: nothing."""
    body, size = await read_object(request)
    sides = {side: _identifier(body.get(side), side) for side in ("primary", "secondary")}
    return await accept(request, workspace, "merge", sides, size)


def _identifier(given: object, side: str) -> dict[str, str]:
    remedy = "Name exactly one of id, email and cio_id."
    if not isinstance(given, dict):
        raise InputError(side, f"It is not said who the {side} person is.", remedy)
    named: dict[str, Any] = {kind: given[kind] for kind in _KINDS if given.get(kind) not in (None, "")}
    if len(named) != 1:
        raise InputError(side, f"The {side} person is named by {len(named) or 'no'} identifiers.", remedy)
    [(kind, value)] = named.items()
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{side}.{kind}", "The identifier is not a text.", "Send a text.")
    check_size(f"{side}.{kind}", "The identifier", value, IDENTIFIER_BYTES)
    return {kind: value.removeprefix("cio_") if kind == "cio_id" else value}
