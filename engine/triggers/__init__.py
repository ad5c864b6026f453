"""What starts a journey: an event, a form, a match, a date or a call. Each type of trigger is a file of this folder.

A campaign has one, and keeps its type for ever once it has been started (behaviour 1.01, 15.37).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from engine.documents import LONGEST_NAME, Fields, one_of, shown
from engine.errors import Fault
from engine.spelling import meant, mistyped
from engine.triggers import condition, date, event, webhook
from engine.triggers.condition import ConditionTrigger
from engine.triggers.date import DateTrigger
from engine.triggers.event import EventTrigger, TriggerKind
from engine.triggers.webhook import WebhookTrigger

__all__ = [
    "BESIDE",
    "ConditionTrigger",
    "DateTrigger",
    "EventTrigger",
    "Trigger",
    "TriggerKind",
    "TriggerType",
    "WebhookTrigger",
    "document",
    "json_schema",
    "parse",
]

Trigger = EventTrigger | ConditionTrigger | DateTrigger | WebhookTrigger
TriggerType = Literal["event", "form", "condition", "date", "webhook"]

_CLASSES: Final[dict[str, type[Trigger]]] = {
    key: one for one in (EventTrigger, ConditionTrigger, DateTrigger, WebhookTrigger) for key in one.keys
}
BESIDE: Final[dict[str, str]] = {
    key: f"beside {one_of(one.keys)}"
    for one in (EventTrigger, ConditionTrigger, DateTrigger, WebhookTrigger)
    for key in one.beside
}
"""Keys that stand beside one that says the type, to where that is. They are not a mistyped one, however alike they
look."""
_REMEDY: Final = f"Write one of {one_of(list(_CLASSES))}: {{event: signed_up}}, say."


def parse(
    value: object, place: str, faults: list[Fault], *, elsewhere: Mapping[str, str] = MappingProxyType({})
) -> Trigger | None:
    """Read the `trigger` of a campaign; after a fault the result is None, or not to be used.

    `elsewhere` says of keys that are none of a trigger where they belong.
    """
    if value is None:
        faults.append(Fault(place=place, problem=f"`{place}` is missing.", remedy=_REMEDY))
        return None
    if value == "webhook" or value == {"webhook": None}:
        return WebhookTrigger()
    if not isinstance(value, Mapping):
        faults.append(Fault(place=place, problem=f"{shown(value)} is not a trigger.", remedy=_REMEDY))
        return None
    fields = Fields(value, place, faults)
    chosen = [key for key in _CLASSES if fields.has(key)]
    if not chosen:
        # What else belongs here hangs on the type, so of the other keys nothing can be said.
        faults.append(_without_type(value, place))
        return None
    if len(chosen) > 1:
        fields.fault("", "A campaign has one trigger.", "Write one campaign for each.")
    trigger = _CLASSES[chosen[0]].parse(fields, chosen[0])
    fields.finish(elsewhere={**elsewhere, **{key: f"It belongs {where}." for key, where in BESIDE.items()}})
    return trigger


def document(trigger: Trigger) -> dict[str, Any]:
    """Return the form that `parse` reads back."""
    return trigger.document()


def json_schema(*, where: dict[str, Any], memberships: dict[str, Any], segment: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of `trigger`, given those of conditions on data and on segments, and of a segment."""
    return {
        "description": "What starts a journey.",
        "anyOf": [
            *event.json_schemas(where),
            *condition.json_schemas(memberships, segment),
            *date.json_schemas(),
            *webhook.json_schemas(),
        ],
    }


def _without_type(value: Mapping[Any, Any], place: str) -> Fault:
    """Return the fault of a trigger that does not say its type."""
    for key in value:
        written = str(key)[:LONGEST_NAME]
        close = None if written in _CLASSES or written in BESIDE else meant(written, _CLASSES)
        if close:
            return mistyped(value, key, close, place=place, problem=f"`{written}` is not known here.")
    return Fault(place=place, problem="This does not say what starts a journey.", remedy=_REMEDY)
