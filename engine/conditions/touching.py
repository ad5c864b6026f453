"""Intake must not evaluate every condition on every change: it asks what a condition looks at and skips the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import assert_never

from engine.conditions.tree import (
    All,
    AnyOf,
    Condition,
    HasDevice,
    InSegment,
    Leaf,
    Performed,
    Question,
    Relative,
    SameItem,
    Subject,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touches:
    """Everything that can change the truth of a condition."""

    attributes: frozenset[str] = frozenset()
    """Names of top-level attributes."""
    segments: frozenset[str] = frozenset()
    questions: frozenset[Question] = frozenset()
    """What is counted of the person's events."""
    devices: bool = False
    """Whether it looks at the person's devices."""
    data: bool = False
    """Whether it reads the data of the trigger event."""
    time: bool = False
    """Whether it can change by time alone: `next_change` then says when."""

    def __or__(self, other: Touches) -> Touches:
        return Touches(
            attributes=self.attributes | other.attributes,
            segments=self.segments | other.segments,
            questions=self.questions | other.questions,
            devices=self.devices or other.devices,
            data=self.data or other.data,
            time=self.time or other.time,
        )


def touches(condition: Condition) -> Touches:
    """Return what the condition looks at."""
    match condition:
        case All(parts) | AnyOf(parts):
            return reduce(Touches.__or__, (touches(part) for part in parts), Touches())
        case InSegment(segment, _):
            return Touches(segments=frozenset({segment}))
        case Performed(question):
            # Time without a window too: an event from the future counts once its time has come (behaviour 1.39).
            return Touches(attributes=_age(condition), questions=frozenset({question}), time=True)
        case HasDevice(where):
            return Touches(devices=True, time=where is not None and touches(where).time)
        case SameItem(_, _, where):
            # The subjects inside read the item, which belongs to the list outside.
            return _source(condition) | Touches(time=touches(where).time)
        case Leaf():
            return _source(condition) | Touches(time=isinstance(condition.operand, Relative))
        case _:
            assert_never(condition)


def _age(condition: Performed) -> frozenset[str]:
    """Return what says how long a person is known, if it matters (behaviour 3.10)."""
    return frozenset({"created_at"} if condition.negative and condition.within is not None else ())


def _source(node: Leaf | SameItem) -> Touches:
    if node.subject is Subject.ATTRIBUTE:
        return Touches(attributes=frozenset({str(node.path.steps[0])}))
    return Touches(data=True)
