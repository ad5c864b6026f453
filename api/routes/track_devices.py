"""Apps report the devices of people routinely, and break when they are refused (api 3.4, 3.5)."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api.accepting import accept
from api.bodies import read_object
from api.dependencies import TrackWorkspace
from api.identifiers import person
from api.limits import DEVICE_TOKEN_BYTES, check_attributes, check_size
from api.raw_paths import Segment
from api.schemas.problem import problems
from api.schemas.request_body import request_body
from api.schemas.track_devices import DeviceBody
from api.timestamps import unix_seconds
from engine.errors import InputError

router = APIRouter(prefix="/api/v1/customers/{identifier}/devices", tags=["Track"], responses=problems(400, 401, 503))

_PLATFORMS: Final = ("ios", "android")
_KNOWN: Final = frozenset({"id", "platform", "last_used", "attributes"})


@router.put("", openapi_extra=request_body(DeviceBody), responses=problems(413, 415))
async def add_device(request: Request, identifier: Segment, workspace: TrackWorkspace) -> Response:
    """Add or change a device of a person."""
    who = person(identifier)
    body, size = await read_object(request)
    return await accept(request, workspace, "device", {"who": who, "device": _device(body.get("device"))}, size)


@router.delete("/{token}")
async def delete_device(request: Request, identifier: Segment, token: Segment, workspace: TrackWorkspace) -> Response:
    """Remove a device of a person. The body is not read."""
    return await accept(request, workspace, "device_delete", {"who": person(identifier), "device": _token(token)})


def _device(given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise InputError("device", "There is no device.", 'Send {"device": {"id": …, "platform": "ios"}}.')
    platform = given.get("platform")
    if not isinstance(platform, str) or platform.lower() not in _PLATFORMS:
        raise InputError("device.platform", "The platform is missing or unknown.", "Send ios or android.")
    attributes = given.get("attributes")
    if attributes is not None and not isinstance(attributes, dict):
        raise InputError("device.attributes", "The attributes are not an object.", "Send an object, or leave them out.")
    stray = {name: value for name, value in given.items() if name not in _KNOWN}
    attributes = stray | (attributes or {})
    check_attributes(attributes, inside="device.attributes")
    device: dict[str, Any] = {
        "id": _token(given.get("id"), "device.id"),
        "platform": platform.lower(),
        "attributes": attributes,
    }
    if given.get("last_used") is not None:
        device["last_used"] = unix_seconds(given["last_used"], "device.last_used")
    return device


def _token(given: object, place: str = "device") -> str:
    if not isinstance(given, str) or not given.strip():
        raise InputError(place, "The device's token is missing.", "Send the token as text.")
    if "\0" in given:
        raise InputError(place, "The device's token contains the character NUL.", "Leave it out.")
    check_size(place, "The device's token", given, DEVICE_TOKEN_BYTES)
    return given
