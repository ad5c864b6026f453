"""A condition is read by its keys, and most faults are a key that is misspelled, misplaced or one too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.conditions.operators import OPERATORS
from engine.conditions.tree import All, AnyOf
from engine.errors import Fault
from engine.spelling import meant, mistyped

GROUPS: Final[Mapping[str, type[All | AnyOf]]] = {"all": All, "any": AnyOf}
PERFORMED: Final = ("performed", "not_performed")
DEVICE: Final = ("device", "no_device")
MEMBERSHIP: Final = ("in", "not_in")
SAME_ITEM: Final = "same_item"

_WHOLE: Final = (*PERFORMED, *DEVICE, *MEMBERSHIP)
"""Subjects that say everything themselves, so that no operator stands beside them."""
_SUBJECTS: Final = ("attribute", "data", "path", *_WHOLE)
_OPERATORS: Final = (*OPERATORS, SAME_ITEM)
_KEYS: Final = (*GROUPS, *_SUBJECTS, *_OPERATORS)

_OTHER_NAMES: Final = {
    "and": "all",
    "did": "performed",
    "did_not": "not_performed",
    "eq": "equals",
    "event": "performed",
    "gt": "greater_than",
    "gte": "at_least",
    "has": "contains",
    "is": "equals",
    "is_not": "not_equals",
    "lt": "less_than",
    "lte": "at_most",
    "ne": "not_equals",
    "or": "any",
    "page": "performed",
    "regex": "matches",
    "screen": "performed",
    "segment": "in",
}
"""What other systems call these keys, too far from ours for a likeness of letters."""


def below(place: str, key: object) -> str:
    """Return the place of a key inside a place."""
    return f"{place}.{key}" if place else str(key)


def subjects_said(allowed: Sequence[str]) -> str:
    """Return the subjects as a choice in words."""
    *others, last = (f"`{subject}`" for subject in allowed)
    return f"{', '.join(others)} or {last}" if others else last


def choose_keys(
    document: Mapping[Any, Any], place: str, allowed: Sequence[str], faults: list[Fault]
) -> tuple[str, str | None] | None:
    """Find the subject and the operator of a condition that is not a group.

    Returns:
        Subject and operator, the operator None where the subject says everything; or None after appending the faults.
    """

    def fault(at: str, problem: str, remedy: str) -> None:
        faults.append(Fault(place=at, problem=problem, remedy=remedy))

    subjects = [key for key in document if key in _SUBJECTS]
    unknown = [key for key in document if key not in _KEYS]
    faults.extend(_unknown(key, subjects, document, place, allowed) for key in unknown)
    operators = [key for key in document if key in _OPERATORS]
    misplaced = [key for key in subjects if key not in allowed]
    for key in misplaced:
        fault(below(place, key), f"`{key}` cannot be used here.", f"Use {subjects_said(allowed)}.")
    if unknown or misplaced:
        return None
    if not subjects:
        fault(place, "The condition does not say what it looks at.", f"Add {subjects_said(allowed)}.")
    elif len(subjects) > 1:
        fault(below(place, subjects[1]), f"`{subjects[1]}` stands beside `{subjects[0]}`.", "Write two conditions.")
    elif subjects[0] in _WHOLE and operators:
        fault(below(place, operators[0]), f"`{subjects[0]}` takes no operator.", _inside(subjects[0], operators[0]))
    elif subjects[0] in _WHOLE:
        return subjects[0], None
    elif not operators:
        fault(place, f"The condition does not say what `{subjects[0]}` must be.", "Add an operator, such as `equals`.")
    elif len(operators) > 1:
        fault(below(place, operators[1]), f"`{operators[1]}` stands beside `{operators[0]}`.", "Write two conditions.")
    else:
        return subjects[0], operators[0]
    return None


def _unknown(
    key: object, subjects: Sequence[str], document: Mapping[Any, Any], place: str, allowed: Sequence[str]
) -> Fault:
    problem = f"`{key}` is not a key of a condition."
    if subjects and subjects[0] in _WHOLE:
        return Fault(place=below(place, key), problem=problem, remedy=_inside(subjects[0], key))
    if likely := _likely(key, allowed):
        return mistyped(document, key, likely, place=place, problem=problem)
    remedy = f"A condition is {subjects_said(allowed)} with one operator, such as `equals`."
    return Fault(place=below(place, key), problem=problem, remedy=remedy)


def _inside(subject: str, key: object) -> str:
    """Return what to do with a key beside a subject that says everything itself."""
    return (
        "Remove it."
        if subject in MEMBERSHIP
        else f"Remove it, or move it into `{subject}`: {{{subject}: {{{key}: …}}}}."
    )


def _likely(key: object, allowed: Sequence[str]) -> str | None:
    """Return the key that was probably meant."""
    candidates = (*GROUPS, *allowed, *_OPERATORS)
    name = str(key).lower()
    likely = _OTHER_NAMES.get(name) or meant(name, candidates)
    return likely if likely in candidates else None
