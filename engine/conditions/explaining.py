"""Somebody asks why a person did or did not get a message. The answer is the condition in words, and what was seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, assert_never

from engine.conditions.compiling import holds, is_negative
from engine.conditions.facts import Facts
from engine.conditions.operators import OPERATORS
from engine.conditions.paths import Path
from engine.conditions.reading import values_of
from engine.conditions.tree import All, AnyOf, Condition, InSegment, Leaf, SameItem, Subject

LONGEST_SEEN: Final = 200
"""Characters of a value in an explanation: enough to recognise it, little enough to store with every decision."""

_MOST_ITEMS: Final = 5
"""Items shown when none of a list meets a condition."""

_SUBJECT_WORDS: Final = {Subject.ATTRIBUTE: "attribute ", Subject.DATA: "event data ", Subject.PATH: ""}


def describe(condition: Condition) -> str:
    """Return the condition in words, one line: `attribute plan is equal to "pro"`."""
    match condition:
        case All(parts):
            return _group(parts, "and")
        case AnyOf(parts):
            return _group(parts, "or")
        case InSegment(segment, negative):
            return f"{'not ' if negative else ''}in segment {segment}"
        case SameItem(subject, path, where):
            return f"{_named(subject, path)} has an item where {describe(where)}"
        case Leaf(subject, path, operator, operand):
            if operator == "exists" and is_negative(condition):
                return f"{_named(subject, path)} does not exist"
            known = OPERATORS[operator]
            return f"{_named(subject, path)} {known.words} {known.operand.say(operand)}".rstrip()
        case _:
            assert_never(condition)


def explain(condition: Condition, facts: Facts) -> dict[str, Any]:
    """Return why the condition holds or does not, as JSON: `{"holds", "text", "seen", "parts"}`, parts alike.

    `seen` is the value the answer rests on, a list of them for paths with `[]`, null where there is none. Long values
    are cut to 200 characters. For `same_item` the parts explain the item that decided, or the first few if none did.
    """
    match condition:
        case All(parts) | AnyOf(parts):
            explained = [explain(part, facts) for part in parts]
            return _answer(condition, facts, text=_heading(condition), parts=explained)
        case InSegment():
            return _answer(condition, facts)
        case SameItem(subject, path, where):
            items = values_of(subject, path)(facts)
            decided = [item for item in items if holds(where, facts.at(item))][:1]
            shown = decided or items[:_MOST_ITEMS]
            inside = [explain(where, facts.at(item)) for item in shown]
            return _answer(condition, facts, seen=decided[0] if decided else None, parts=inside)
        case Leaf(subject, path, _, _):
            values = values_of(subject, path)(facts)
            return _answer(condition, facts, seen=values if path.is_many else next(iter(values), None))
        case _:
            assert_never(condition)


def _answer(
    condition: Condition, facts: Facts, *, text: str | None = None, seen: object = None, parts: Sequence[Any] = ()
) -> dict[str, Any]:
    return {
        "holds": holds(condition, facts),
        "text": text or describe(condition),
        "seen": _cut(seen),
        "parts": list(parts),
    }


def _heading(group: All | AnyOf) -> str:
    if not group.parts:
        return "no condition is set"
    return "all of these hold" if isinstance(group, All) else "at least one of these holds"


def _group(parts: Sequence[Condition], word: str) -> str:
    said = [f"({describe(part)})" if isinstance(part, All | AnyOf) else describe(part) for part in parts]
    return f" {word} ".join(said) or "no condition"


def _named(subject: Subject, path: Path) -> str:
    return f"{_SUBJECT_WORDS[subject]}{path}"


def _cut(value: object) -> object:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return value if len(text) <= LONGEST_SEEN else f"{text[: LONGEST_SEEN - 1]}…"
