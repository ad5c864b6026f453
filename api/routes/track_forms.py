"""Websites hand forms over as they are: a submission says who it is of, sets attributes, and is an event (api 7)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.bodies import read_object
from api.dependencies import ACQUIRE_SECONDS, ServicesDep, TrackWorkspace
from api.limits import IDENTIFIER_BYTES, check_attributes, check_size
from api.raw_paths import Segment
from api.schemas.forms import Submission
from api.schemas.problem import problems
from api.schemas.request_body import request_body
from engine.errors import InputError
from engine.forms import RESERVED
from intake.forms import submission
from storage import forms
from storage.inbox import Input

router = APIRouter(prefix="/api/v1/forms", tags=["Track"], responses=problems(400, 401, 413, 415, 503))


@router.post("/{form_id}/submit", status_code=204, openapi_extra=request_body(Submission))
async def submit_form(request: Request, form_id: Segment, workspace: TrackWorkspace, services: ServicesDep) -> Response:
    """Take a submission. A form that was never heard of is known from now on, even if it does not say who submits."""
    _check_id(form_id)
    body, size = await read_object(request)
    fields = _fields(body.get("data"))
    now = services.clock()
    async with services.pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
        mapping = await forms.ensure(connection, workspace.id, form_id, "form", fields, now=now)
    payload = submission(form_id, "form", fields, mapping)
    await services.writer.write(Input(workspace.id, "form", payload, now), size)
    return Response(status_code=204)


def _check_id(form_id: str) -> None:
    if not form_id.strip() or "\0" in form_id:
        raise InputError("form_id", "This is no id of a form.", "Put the form's id into the path.")
    check_size("form_id", "The form's id", form_id, IDENTIFIER_BYTES)


def _fields(given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        raise InputError("data", "The fields are missing.", 'Send {"data": {"email": …}}.')
    fields: dict[str, Any] = {name: value for name, value in given.items() if name not in RESERVED}
    for name, value in fields.items():
        if not isinstance(value, str):
            raise InputError(f"data.{name[:40]}", "The field's value is not a text.", "Send every value as a text.")
    check_attributes(fields, inside="data")
    return fields
