"""*Is a timestamp* puts a person into a segment at once, yet the journey waits for the instant (behaviour 1.19)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from engine.conditions.compiling import holds
from engine.conditions.facts import Facts
from engine.conditions.reading import values_of
from engine.conditions.tree import All, AnyOf, Condition, HasDevice, InSegment, Leaf, Performed, SameItem
from engine.instants import parse_instant


def begins_at(condition: Condition, facts: Facts) -> datetime | None:
    """Return the instant that a journey waits for because of an *is a timestamp* condition (behaviour 1.19).

    None if nothing asks to wait. Of several parts that must all hold the latest counts, of alternatives the earliest.
    May lie in the past: then the journey begins at once.
    """
    match condition:
        case All(parts):
            instants = [instant for part in parts if (instant := begins_at(part, facts))]
            return max(instants, default=None)
        case AnyOf(parts):
            return _earliest(begins_at(part, facts) for part in parts if holds(part, facts))
        case SameItem(subject, path, where):
            views = [facts.at(item) for item in values_of(subject, path)(facts)]
            return _earliest(begins_at(where, view) for view in views if holds(where, view))
        case Leaf(subject, path, "is_timestamp", _):
            instants = [instant for value in values_of(subject, path)(facts) if (instant := parse_instant(value))]
            return min(instants, default=None)
        case Leaf() | InSegment() | Performed() | HasDevice():
            return None
        case _:
            assert_never(condition)


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    """Return the first of alternatives; None if one of them is None, which is to wait for nothing."""
    known = [*instants]
    return None if None in known else min((instant for instant in known if instant), default=None)
