"""A campaign wants one thing of a person: an event, or that they enter or leave a segment (behaviour 10.01, 10.02).

A goal serves twice: as the reason to leave a campaign, and for conversions. `within` and `after` are the time frame of
conversions only; leaving ignores them (10.38).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal, cast

from engine import conditions
from engine.conditions import Condition, Facts
from engine.documents import Fields, read_key, shown
from engine.durations import format_duration, parse_duration
from engine.errors import Fault
from engine.occurrences import EVENT_KINDS, EventKind, read_event_name, read_where

Basis = Literal["received", "opened", "clicked"]

BASES: Final = ("received", "opened", "clicked")
LONGEST_FRAME: Final = timedelta(days=90)
"""Behaviour 10.03."""

_REMEDY: Final = "Write {event: purchase}, {enters: paid} or {leaves: trial}."


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFrame:
    """When a met goal counts as a conversion: after a message was received, opened or clicked (behaviour 10.03)."""

    within: timedelta | None = None
    """None is at any time."""
    after: Basis = "received"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventGoal:
    """The person performs an event."""

    kind: EventKind
    name: str
    where: Condition | None = None
    frame: TimeFrame = TimeFrame()
    _holds: Callable[[Facts], bool] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_holds", conditions.compile_condition(self.where) if self.where else None)

    def met_by(self, kind: str, name: str, facts: Facts) -> bool:
        """Whether this event is the goal. `facts.data` is the event's data."""
        return name == self.name and kind == self.kind and (self._holds is None or self._holds(facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntersSegment:
    """The person enters a segment."""

    segment: str
    frame: TimeFrame = TimeFrame()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavesSegment:
    """The person leaves a segment."""

    segment: str
    frame: TimeFrame = TimeFrame()


Goal = EventGoal | EntersSegment | LeavesSegment


def parse(value: object, place: str, faults: list[Fault]) -> Goal | None:
    """Read the `goal` of a campaign; None if there is none, or if it has faults."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        faults.append(Fault(place=place, problem=f"{shown(value)} is not a goal.", remedy=_REMEDY))
        return None
    fields = Fields(value, place, faults)
    known = len(faults)
    chosen = [key for key in (*EVENT_KINDS, "enters", "leaves") if fields.has(key)]
    where = read_where(fields)
    frame = _frame(fields)
    fields.finish()
    if len(chosen) != 1:
        problem = "The goal does not say what is wanted." if not chosen else f"A goal is one thing, not {len(chosen)}."
        fields.fault("", problem, _REMEDY)
        return None
    kind = chosen[0]
    if kind in EVENT_KINDS:
        name = read_event_name(fields, kind)
        return (
            EventGoal(kind=cast("EventKind", kind), name=name, where=where, frame=frame)
            if len(faults) == known
            else None
        )
    if where is not None:
        fields.fault("where", "Only an event has data to filter.", "Leave `where` out, or write an event goal.")
    segment = read_key(fields.take(kind), fields.at(kind), faults)
    if segment is None or len(faults) > known:
        return None
    return (EntersSegment if kind == "enters" else LeavesSegment)(segment=segment, frame=frame)


def document(goal: Goal) -> dict[str, Any]:
    """Return the form that `parse` reads back."""
    if isinstance(goal, EventGoal):
        written: dict[str, Any] = {goal.kind: goal.name}
        if goal.where is not None:
            written["where"] = conditions.document(goal.where)
    else:
        written = {"enters" if isinstance(goal, EntersSegment) else "leaves": goal.segment}
    if goal.frame.within is not None:
        written["within"] = format_duration(goal.frame.within)
    if goal.frame.after != "received":
        written["after"] = goal.frame.after
    return written


def json_schema(where: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of `goal`; `where` is that of event-data conditions."""
    frame = {
        "within": {
            "$ref": "#/$defs/duration",
            "description": "For conversions: how long after a message, at most 90d.",
        },
        "after": {
            "enum": list(BASES),
            "description": "For conversions: what the time counts from. Default: received.",
        },
    }
    segment = {"$ref": "#/$defs/key"}
    wanted = [
        *({kind: {"$ref": "#/$defs/event_name"}, "where": where} for kind in EVENT_KINDS),
        {"enters": segment},
        {"leaves": segment},
    ]
    return {
        "description": "The one thing that the campaign wants of a person.",
        "anyOf": [
            {
                "type": "object",
                "properties": {**properties, **frame},
                "required": [next(iter(properties))],
                "additionalProperties": False,
            }
            for properties in wanted
        ],
    }


def _frame(fields: Fields) -> TimeFrame:
    within = parse_duration(fields.take("within"), fields.at("within"), fields.faults) if fields.has("within") else None
    if within is not None and not timedelta() < within <= LONGEST_FRAME:
        fields.fault("within", "This is not a time frame for conversions.", "Write 1m to 90d.")
    after = cast("Basis", fields.choice("after", BASES) or "received")
    return TimeFrame(within=within, after=after)
