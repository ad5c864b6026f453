"""Somebody asks why a person did or did not get a message. The answer is the condition in words, and what was seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, assert_never

from engine.conditions.compiling import holds, is_negative
from engine.conditions.counting import tally_of
from engine.conditions.facts import Facts
from engine.conditions.operators import OPERATORS
from engine.conditions.paths import Path
from engine.conditions.reading import values_of
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
    Subject,
)
from engine.durations import span

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
        case Performed():
            return _performed(condition)
        case HasDevice(where, negative):
            device = "has no device" if negative else "has a device"
            return device if where is None else f"{device} where {describe(where)}"
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
    are cut to 200 characters. For `same_item` the parts explain the item that decided, or the first few if none did;
    for a device likewise. For counts of events see `_counted`.
    """
    match condition:
        case All(parts) | AnyOf(parts):
            explained = [explain(part, facts) for part in parts]
            return _answer(condition, facts, text=_heading(condition), parts=explained)
        case InSegment():
            return _answer(condition, facts)
        case Performed():
            return _answer(condition, facts, seen=_counted(condition, facts))
        case HasDevice(where):
            return _explain_items(condition, facts, facts.devices, where)
        case SameItem(subject, path, where):
            return _explain_items(condition, facts, values_of(subject, path)(facts), where)
        case Leaf(subject, path, _, _):
            values = values_of(subject, path)(facts)
            return _answer(condition, facts, seen=values if path.is_many else next(iter(values), None))
        case _:
            assert_never(condition)


def _explain_items(
    condition: HasDevice | SameItem, facts: Facts, items: Sequence[Any], where: Condition | None
) -> dict[str, Any]:
    decided = [item for item in items if where is None or holds(where, facts.at(item))][:1]
    shown = decided or items[:_MOST_ITEMS]
    inside = [] if where is None else [explain(where, facts.at(item)) for item in shown]
    return _answer(condition, facts, seen=decided[0] if decided else None, parts=inside)


def _counted(asked: Performed, facts: Facts) -> dict[str, Any]:
    """Return what a count rests on: `{"times": 2}`.

    With a window also `latest`, the last time ever, and `"or_more": true` if nothing beyond `times` was counted. With
    `not_performed` in a window also `known_since`.
    """
    tally = tally_of(asked, facts)
    if asked.within is None:
        return {"times": tally.total}
    times = tally.within(asked.within, facts.now)
    seen: dict[str, Any] = {"times": times, "latest": tally.newest[0].isoformat() if tally.newest else None}
    if times == asked.question.newest < tally.total:
        seen["or_more"] = True
    if asked.negative:
        seen["known_since"] = facts.known_since.isoformat() if facts.known_since else None
    return seen


def _answer(
    condition: Condition, facts: Facts, *, text: str | None = None, seen: object = None, parts: Sequence[Any] = ()
) -> dict[str, Any]:
    return {
        "holds": holds(condition, facts),
        "text": text or describe(condition),
        "seen": _cut(seen),
        "parts": list(parts),
    }


def _performed(asked: Performed) -> str:
    words = [_did(asked.question, negative=asked.negative), _times(asked)]
    if asked.within is not None:
        words.append(f"within the past {span(asked.within)}")
    if asked.question.where is not None:
        words.append(f"where {describe(asked.question.where)}")
    return " ".join(word for word in words if word)


def _did(question: Question, *, negative: bool) -> str:
    past, present = ("performed", "perform") if question.kind == "event" else ("viewed", "view")
    part = "containing " if question.part else ""
    return f'{f"did not {present}" if negative else past} {question.kind} {part}"{question.name}"'


def _times(asked: Performed) -> str:
    least, most = asked.at_least, asked.at_most
    if most is None:
        return f"at least {least} times" if least > 1 else ""
    return f"{'exactly' if least == most else 'at most'} {most} {'time' if most == 1 else 'times'}"


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
