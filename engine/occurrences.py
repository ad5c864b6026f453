"""Triggers and goals both name an event, and must mean the same by it: kind, exact name, conditions on its data."""

from __future__ import annotations

from typing import Any, Final, Literal

from engine import conditions
from engine.conditions import Condition
from engine.conditions.performing import KINDS, LONGEST_NAME
from engine.documents import Fields

EventKind = Literal["event", "page", "screen"]

EVENT_KINDS: Final = KINDS
"""Behaviour 1.33. The name of a page is its URL or path."""

LONGEST_EVENT_NAME: Final = LONGEST_NAME


def read_event_name(fields: Fields, kind: str) -> str:
    """Read the name under the key `kind`, trimmed as names are when events come in (behaviour 1.32)."""
    name = fields.text(kind, longest=LONGEST_EVENT_NAME)
    return name.strip() if name else ""


def read_where(fields: Fields) -> Condition | None:
    """Read the optional `where`: conditions on the event's data, all of which must hold (behaviour 1.34)."""
    where = fields.take("where")
    if where is None:
        return None
    place = fields.at("where")
    found = conditions.parse(where, place=place, scope=conditions.Scope.EVENT_DATA, faults=fields.faults)
    return None if found is None or conditions.is_empty(found) else found


def event_name_schema() -> dict[str, Any]:
    """Return the JSON Schema of an event's name."""
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_EVENT_NAME,
        "description": "Compared exactly, by case too.",
    }
