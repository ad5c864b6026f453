"""The most common answer about an event is "this campaign does not care": it must cost next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

from engine import conditions
from engine.conditions import Condition, Facts
from engine.documents import Fields
from engine.errors import Fault
from engine.occurrences import EVENT_KINDS, EventKind, read_event_name, read_where

_REMEDY: Final = "Write {event: signed_up}, {page: /pricing} or {screen: Home}."


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger:
    """An event of a name, whose data meets the conditions (behaviour 1.30-1.35)."""

    kind: EventKind
    name: str
    where: Condition | None = None
    _holds: Callable[[Facts], bool] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_holds", conditions.compile_condition(self.where) if self.where else None)

    def matches(self, kind: str, name: str, facts: Facts) -> bool:
        """Whether this event is one of the trigger's. `facts.data` is the event's data."""
        return name == self.name and kind == self.kind and (self._holds is None or self._holds(facts))


def parse(value: object, place: str, faults: list[Fault]) -> EventTrigger:
    """Read the `trigger` of a campaign."""
    if value is None:
        faults.append(Fault(place=place, problem=f"`{place}` is missing.", remedy=_REMEDY))
        value = {"event": "missing"}
    fields = Fields(value, place, faults)
    chosen = [kind for kind in EVENT_KINDS if fields.has(kind)]
    if len(chosen) > 1:
        fields.fault("", "A trigger names one event.", "Write one campaign for each, or use one event.")
    elif not chosen and isinstance(value, dict):
        fields.fault("", "The trigger does not name an event.", _REMEDY)
    kind = chosen[0] if chosen else "event"
    name = read_event_name(fields, kind)
    where = read_where(fields)
    fields.finish()
    return EventTrigger(kind=cast("EventKind", kind), name=name, where=where)


def document(trigger: EventTrigger) -> dict[str, Any]:
    """Return the form that `parse` reads back."""
    where = {} if trigger.where is None else {"where": conditions.document(trigger.where)}
    return {trigger.kind: trigger.name, **where}


def json_schema(where: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of `trigger`; `where` is that of event-data conditions."""
    return {
        "description": "The event that starts a journey.",
        "anyOf": [
            {
                "type": "object",
                "properties": {kind: {"$ref": "#/$defs/event_name"}, "where": where},
                "required": [kind],
                "additionalProperties": False,
            }
            for kind in EVENT_KINDS
        ],
    }
