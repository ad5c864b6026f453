"""A name that a template may read in one campaign is empty in another: nothing but an event brings an `event`.

Where each has a value is a table of docs/personalisation.md; `activities/scopes.py` puts it there when a block is
reached (behaviour 8.01-8.04).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from engine.steps import Step
from engine.templates.scope import NAMES
from engine.triggers import TriggerType

ALWAYS: Final = frozenset({"campaign", "now", "today"})
OF_MESSAGES: Final = frozenset({"message", "delivery_id"})
_OF_EVENTS: Final = frozenset({"customer", "event", "event_name", "event_timestamp"})
BY_TRIGGER: Final[Mapping[TriggerType, AbstractSet[str]]] = {
    "event": _OF_EVENTS,
    "form": _OF_EVENTS,
    "condition": frozenset({"customer"}),
    "date": frozenset({"customer"}),
    "webhook": frozenset({"trigger"}),
}
"""What starts a journey to the names that it fills."""

BLANK: Final = frozenset({"customer", "delivery_id"})
"""Names that print as nothing where they are empty; any other fails what prints it (behaviour 1.95, 8.07)."""

_INSTEAD: Final[Mapping[TriggerType, str]] = {
    "event": "Read the data of the event with `event`.",
    "form": "Read the fields of the form with `event`.",
    "condition": "Read what the person has with `customer`.",
    "date": "Read what the person has with `customer`.",
    "webhook": "Read what the call brought with `trigger`.",
}
_OF_LAYOUTS: Final = frozenset({"layout", "content"})
ELSEWHERE: Final = OF_MESSAGES | _OF_LAYOUTS
"""Names that are empty because of the block, whatever starts the journey."""


def empty_in(trigger: TriggerType, *, is_message: bool) -> AbstractSet[str]:
    """Return the names that are empty in every block of a campaign that makes a delivery, or in every other one."""
    filled = ALWAYS | BY_TRIGGER[trigger] | (OF_MESSAGES if is_message else frozenset())
    return NAMES - filled


def instead_of(name: str, trigger: TriggerType) -> str:
    """Return what to write in place of a name that is empty."""
    if name in _OF_LAYOUTS:
        return "Leave it out: the message has no layout."
    return "Leave it out: the block sends no message." if name in OF_MESSAGES else _INSTEAD[trigger]


def templates_of(step: Step, place: str, keys: Container[str]) -> Iterator[tuple[str, str]]:
    """Yield the place and the source of every template that is written in a block under one of these keys."""
    body = step.body()
    for key in step.template_fields:
        if key in body and key in keys:
            yield from _texts(body[key], f"{place}.{key}")


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(one, f"{place}.{name}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _texts(one, f"{place}[{number}]")
