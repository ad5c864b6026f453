"""A stored condition is shown and edited again, so the tree goes back to the very document form that `parse` reads."""

from __future__ import annotations

from typing import Any, assert_never

from engine.conditions.operators import OPERATORS
from engine.conditions.tree import All, AnyOf, Condition, InSegment, Leaf, SameItem


def document(condition: Condition) -> dict[str, Any]:
    """Return the document form, JSON values only. `parse(document(c))` equals `c`."""
    match condition:
        case All(parts):
            return {"all": [document(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [document(part) for part in parts]}
        case InSegment(segment, negative):
            return {"not_in" if negative else "in": segment}
        case SameItem(subject, path, where):
            inner = document(where)
            return {subject.value: str(path), "same_item": inner["all"] if isinstance(where, All) else inner}
        case Leaf(subject, path, operator, operand):
            return {subject.value: str(path), operator: OPERATORS[operator].operand.write(operand)}
        case _:
            assert_never(condition)
