"""Callers tell what people do: this is what starts campaigns, reaches goals and ends journeys (api 3.6, 3.7)."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api.accepting import accept
from api.bodies import read_object
from api.dependencies import TrackWorkspace
from api.identifiers import person
from api.limits import (
    EVENT_DATA_BYTES,
    EVENT_NAME_BYTES,
    IDENTIFIER_BYTES,
    PAGE_NAME_BYTES,
    check_json_size,
    check_size,
)
from api.raw_paths import Segment
from api.schemas.problem import problems
from api.schemas.request_body import request_body
from api.schemas.track_events import AnonymousEvent, Event
from api.timestamps import unix_seconds
from engine.errors import InputError

router = APIRouter(prefix="/api/v1", tags=["Track"], responses=problems(400, 401, 413, 415, 503))

_NAME_BYTES: Final = {"event": EVENT_NAME_BYTES, "page": PAGE_NAME_BYTES, "screen": PAGE_NAME_BYTES}


@router.post("/customers/{identifier}/events", openapi_extra=request_body(Event))
async def track(request: Request, identifier: Segment, workspace: TrackWorkspace) -> Response:
    """Record what a person did. Who is not known yet becomes a person with this identifier."""
    who = person(identifier)
    body, size = await read_object(request)
    return await accept(request, workspace, "event", {"who": who, **_event(body, size)}, size)


@router.post("/events", openapi_extra=request_body(AnonymousEvent))
async def track_anonymous(request: Request, workspace: TrackWorkspace) -> Response:
    """Record what somebody did who is not identified yet, or send an invitation to `data.recipient`."""
    body, size = await read_object(request)
    event = _event(body, size)
    anonymous_id = _text(body, "anonymous_id")
    if anonymous_id is not None:
        event["anonymous_id"] = anonymous_id
    elif not event["data"].get("recipient"):
        remedy = "Send an anonymous_id; or, to invite an address, data.recipient."
        raise InputError("anonymous_id", "The event belongs to nobody.", remedy)
    return await accept(request, workspace, "anonymous_event", event, size)


def _event(body: dict[str, Any], size: int) -> dict[str, Any]:
    """Return what both kinds of events have in common. `size` is that of the body, in bytes."""
    kind = body.get("type")
    if kind is None:
        kind = "event"
    elif kind not in ("event", "page", "screen"):
        raise InputError("type", "This type is not known.", "Send event, page or screen, or leave it out.")
    event: dict[str, Any] = {"type": kind, "name": _name(body.get("name"), _NAME_BYTES[kind])}
    event["data"] = _data(body.get("data"), size)
    event_id = _text(body, "id")
    if event_id is not None:
        event["id"] = event_id
    if body.get("timestamp") is not None:
        event["timestamp"] = unix_seconds(body["timestamp"], "timestamp")
    return event


def _name(given: object, most: int) -> str:
    name = given.strip() if isinstance(given, str) else ""
    if not name:
        raise InputError("name", "The event's name is missing.", "Send it as text.")
    check_size("name", "The event's name", name, most)
    return name


def _data(given: object, size: int) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise InputError("data", "The event's data is not an object.", "Send an object, or leave it out.")
    if size > EVENT_DATA_BYTES:  # else it cannot be too large, and need not be measured
        check_json_size("data", "The event's data", given, EVENT_DATA_BYTES)
    return given


def _text(body: dict[str, Any], key: str) -> str | None:
    """Return an id that is optional. Blank and null are none, and a whole number stands for its digits."""
    value = body.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str):
        raise InputError(key, "This is not a text.", "Send a text, or leave it out.")
    check_size(key, "The id", value, IDENTIFIER_BYTES)
    return value
