"""A stored condition is shown and edited again, so the tree goes back to the very document form that `parse` reads."""

from __future__ import annotations

from typing import Any, assert_never

from engine.conditions.operators import OPERATORS
from engine.conditions.tree import (
    All,
    AnyOf,
    Condition,
    HasDevice,
    InSegment,
    Leaf,
    Performed,
    Question,
    SameItem,
)
from engine.durations import format_duration


def document(condition: Condition) -> dict[str, Any]:
    """Return the document form, JSON values only. `parse(document(c))` equals `c`."""
    match condition:
        case All(parts):
            return {"all": [document(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [document(part) for part in parts]}
        case InSegment(segment, negative):
            return {"not_in" if negative else "in": segment}
        case Performed(question, _, _, _, negative):
            asked = {question.kind: _name(question), **_counts(condition)}
            if question.where is not None:
                asked["where"] = _listed(question.where)
            return {"not_performed" if negative else "performed": asked}
        case HasDevice(where, negative):
            return {"no_device" if negative else "device": {} if where is None else _listed(where)}
        case SameItem(subject, path, where):
            return {subject.value: str(path), "same_item": _listed(where)}
        case Leaf(subject, path, operator, operand):
            return {subject.value: str(path), operator: OPERATORS[operator].operand.write(operand)}
        case _:
            assert_never(condition)


def _name(question: Question) -> str | dict[str, str]:
    return {"contains": question.name.replace("|", r"\|")} if question.part else question.name


def _counts(asked: Performed) -> dict[str, Any]:
    least, most, within = asked.at_least, asked.at_most, asked.within
    written: dict[str, Any] = {}
    if most is not None:
        written["exactly" if least == most else "at_most"] = most
    elif least > 1:
        written["at_least"] = least
    if within is not None:
        written["within"] = format_duration(within)
    return written


def _listed(where: Condition) -> Any:
    inner = document(where)
    return inner["all"] if isinstance(where, All) else inner
