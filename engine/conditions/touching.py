"""Intake must not evaluate every condition on every change: it asks what a condition looks at and skips the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import assert_never

from engine.conditions.tree import All, AnyOf, Condition, InSegment, Leaf, Relative, SameItem, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Touches:
    """Everything that can change the truth of a condition."""

    attributes: frozenset[str] = frozenset()
    """Names of top-level attributes."""
    segments: frozenset[str] = frozenset()
    data: bool = False
    """Whether it reads the data of the trigger event."""
    time: bool = False
    """Whether it can change by time alone: `next_change` then says when."""

    def __or__(self, other: Touches) -> Touches:
        return Touches(
            attributes=self.attributes | other.attributes,
            segments=self.segments | other.segments,
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
        case SameItem(_, _, where):
            # The subjects inside read the item, which belongs to the list outside.
            return _source(condition) | Touches(time=touches(where).time)
        case Leaf():
            return _source(condition) | Touches(time=isinstance(condition.operand, Relative))
        case _:
            assert_never(condition)


def _source(node: Leaf | SameItem) -> Touches:
    if node.subject is Subject.ATTRIBUTE:
        return Touches(attributes=frozenset({str(node.path.steps[0])}))
    return Touches(data=True)
