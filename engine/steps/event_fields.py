"""An event that a block sends must be one that a client could have sent: same names, same sizes (behaviour 6.49)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from engine.documents import Fields
from engine.errors import RenderError
from engine.steps import filling
from engine.templates import Scope

LONGEST_NAME: Final = 100  # bytes, as for clients of the Track API
LARGEST_DATA: Final = 100_000  # bytes of JSON, likewise


def read_event(fields: Fields) -> str:
    """Read `event`: the name of an event, which is no template because campaigns and segments look for it."""
    name = (fields.text("event", longest=LONGEST_NAME) or "").strip()
    if len(name.encode()) > LONGEST_NAME:
        fields.fault("event", f"The name has more than {LONGEST_NAME} bytes.", "Write a shorter one.")
    if filling.is_template(name):
        fields.fault(
            "event", "The name of an event cannot be filled in.", "Write it out; put what differs into `data`."
        )
    return name


def read_data(fields: Fields) -> dict[str, Any]:
    """Read `data`: key to value, whose texts are templates; empty if it is not there."""
    value = fields.take("data")
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        fields.fault("data", "The data of an event has names and values.", 'Write `data: {price: "{{event.price}}"}`.')
        return {}
    filling.check(dict(value), fields.at("data"), fields.faults)
    return dict(value)


def fill_data(data: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Return the data for one journey.

    Raises:
        RenderError: a variable is missing, or there is more than an event may carry.
    """
    filled: dict[str, Any] = filling.fill(dict(data), scope)
    if len(orjson.dumps(filled)) > LARGEST_DATA:
        raise RenderError(f"The data of the event has more than {LARGEST_DATA:,} bytes of JSON.")
    return filled


def event_schemas() -> dict[str, Any]:
    """Return the JSON Schemas of `event` and `data`."""
    return {
        "event": {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_NAME,
            "description": "Name of the event; no template.",
        },
        "data": {
            "type": "object",
            "description": "Data of the event. Texts are templates; a single {{ path }} keeps its type.",
        },
    }
