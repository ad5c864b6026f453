"""A trial that ends in May puts a person into a segment today, and their journey waits for May (behaviour 1.19).

A campaign's trigger names segments only; the *is a timestamp* that asks to wait stands in the condition of one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine import conditions
from engine.conditions import All, AnyOf, Condition, Facts, InSegment, Leaf, SameItem, Subject


def begins_at(condition: Condition, facts: Facts, rules: Mapping[str, Condition]) -> datetime | None:
    """Return the instant for which a journey waits before it begins; None if nothing asks to wait.

    Of several parts that must all hold the latest counts, of alternatives that hold the earliest. May lie in the past:
    then the journey begins at once.

    Args:
        condition: a trigger, or the condition of a segment.
        facts: the person. Whether an alternative holds is read off their segments, off the rest only inside a segment.
        rules: the condition of each data-driven segment by its key. They ask about each other in no circle.
    """
    match condition:
        case All(parts):
            instants = [instant for part in parts if (instant := begins_at(part, facts, rules))]
            return max(instants, default=None)
        case AnyOf(parts):
            alternatives = [begins_at(part, facts, rules) for part in parts if conditions.holds(part, facts)]
            known = [instant for instant in alternatives if instant]
            return min(known, default=None) if len(known) == len(alternatives) else None
        case InSegment(segment, negative=False) if segment in rules:
            return begins_at(rules[segment], facts, rules)
        case _:
            return conditions.begins_at(condition, facts)


def looks_at(condition: Condition, rules: Mapping[str, Condition]) -> frozenset[str]:
    """Return the attributes whose values `begins_at` reads: another value asks to wait for another instant."""
    match condition:
        case All(parts) | AnyOf(parts):
            return frozenset[str]().union(*(looks_at(part, rules) for part in parts))
        case InSegment(segment, negative=False) if segment in rules:
            return looks_at(rules[segment], rules)
        case SameItem(subject=Subject.ATTRIBUTE, where=where) if _asks_to_wait(where):
            return conditions.touches(condition).attributes
        case Leaf(subject=Subject.ATTRIBUTE, operator="is_timestamp"):
            return conditions.touches(condition).attributes
        case _:
            return frozenset()


def _asks_to_wait(condition: Condition) -> bool:
    match condition:
        case All(parts) | AnyOf(parts):
            return any(map(_asks_to_wait, parts))
        case SameItem(where=where):
            return _asks_to_wait(where)
        case Leaf(operator=operator):
            return operator == "is_timestamp"
        case _:
            return False
