"""Conditions are written by people who will not read a grammar: every fault is found, with its place and a remedy.

group     {all: [condition, …]} or {any: [condition, …]}; a plain list is `all`; {} is a group of nothing
value     one of attribute, data, path, and exactly one operator of `operators.py`
same item {attribute: "items[]", same_item: [condition on `path`, …]}
event     {performed: {event: name, at_least: n, within: 30d, where: […]}} or not_performed
device    {device: [condition on `path`, …]} or no_device
segment   {in: key} or {not_in: key}
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from engine.conditions.keys import DEVICE, GROUPS, PERFORMED, SAME_ITEM, below, choose_keys, subjects_said
from engine.conditions.operands import RefusedError
from engine.conditions.operators import OPERATORS
from engine.conditions.paths import EACH, Path, parse_path
from engine.conditions.patterns import instructions_of
from engine.conditions.performing import KINDS, read_performed
from engine.conditions.tree import All, AnyOf, Condition, HasDevice, InSegment, Leaf, SameItem, Subject, is_empty
from engine.documents import Fields
from engine.errors import Fault

MOST_DEPTH: Final = 10
MOST_LEAVES: Final = 200
"""Bounds on one document: far beyond what a person can read, and small enough to evaluate for everybody."""
MOST_INSTRUCTIONS: Final = 6_000
"""Of all patterns of one document together. A usual one has some thirty; 900 repetitions of something, thousands."""


class Scope(Enum):
    """Which subjects a document may name. The member's value is their keys."""

    PERSON = ("attribute", *PERFORMED, *DEVICE, "in", "not_in")
    """A segment."""
    FILTERS = ("in", "not_in")
    """Trigger segments and filters of a campaign."""
    EVENT_DATA = ("path",)
    """`where` of an event, and what stands inside `same_item` or `device`."""
    JOURNEY = ("attribute", "data", "in", "not_in")
    """Branches and action conditions."""
    PEOPLE = ("attribute", "in", "not_in")
    """Whom a batch update is about."""


def parse(document: object, *, place: str, scope: Scope, faults: list[Fault]) -> Condition | None:
    """Read a condition from a YAML or JSON value.

    Args:
        document: a mapping, or a list whose conditions must all hold.
        place: where the document stands, for the places of faults: `workflow[2].branch[0].when`.
        scope: which subjects it may name.
        faults: every fault found is appended.

    Returns:
        The condition, or None if there was any fault.
    """
    reader = _Reader(faults)
    known = len(faults)
    try:
        condition = reader.conditions(document, place, scope, depth=1)
    except _TooManyError:
        return None
    return condition if len(faults) == known else None


def parse_event_data(document: object, *, place: str, faults: list[Fault]) -> Condition | None:
    """Read the `where` of an event: a list of conditions on `path`, all of which must hold (behaviour 1.34)."""
    return parse(document, place=place, scope=Scope.EVENT_DATA, faults=faults)


class _TooManyError(Exception):
    """The document is too large; its fault is recorded, and reading on would only add to it."""


class _Reader:
    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        self.leaves = 0
        self.groups = 0
        self.instructions = 0
        self.in_device = False

    def fault(self, place: str, problem: str, remedy: str) -> None:
        self.faults.append(Fault(place=place, problem=problem, remedy=remedy))

    def conditions(self, document: object, place: str, scope: Scope, *, depth: int) -> Condition | None:
        if isinstance(document, list):
            return self.group(All, document, place, scope, depth=depth)
        return self.condition(document, place, scope, depth=depth)

    def condition(self, document: object, place: str, scope: Scope, *, depth: int) -> Condition | None:
        if not isinstance(document, Mapping):
            problem = f"{reprlib.repr(document)} is not a condition."
            self.fault(
                place, problem, f"Write {subjects_said(scope.value)} with what it must be, or a group: {{all: [...]}}."
            )
            return None
        if not document:
            return self.group(All, [], place, scope, depth=depth)
        groups = [key for key in GROUPS if key in document]
        if not groups:
            return self.leaf(document, place, scope, depth=depth)
        for key in document:
            if key != groups[0]:
                self.fault(
                    below(place, key),
                    f"`{key}` stands beside `{groups[0]}`.",
                    f"Put it into a condition of its own inside `{groups[0]}`.",
                )
        inside = below(place, groups[0])
        parts = document[groups[0]]
        if not isinstance(parts, list):
            self.fault(inside, "A group is a list of conditions.", f"Write `{groups[0]}: [...]`.")
            return None
        return self.group(GROUPS[groups[0]], parts, inside, scope, depth=depth)

    def group(
        self, kind: type[All | AnyOf], parts: list[Any], place: str, scope: Scope, *, depth: int
    ) -> Condition | None:
        self.groups = self.counted(self.groups, "groups", place)
        if depth > MOST_DEPTH:
            self.fault(place, f"Groups are nested more than {MOST_DEPTH} deep.", "Move the inner part to a segment.")
            return None
        read = [self.condition(part, f"{place}[{i}]", scope, depth=depth + 1) for i, part in enumerate(parts)]
        return kind(tuple(part for part in read if part is not None))

    def leaf(self, document: Mapping[Any, Any], place: str, scope: Scope, *, depth: int) -> Condition | None:
        self.leaves = self.counted(self.leaves, "conditions", place)
        chosen = choose_keys(document, place, scope.value, self.faults)
        if chosen is None:
            return None
        subject, operator = chosen
        if operator is None:
            return self.whole(subject, document[subject], place, depth=depth)
        known = len(self.faults)
        path = parse_path(document[subject], below(place, subject), self.faults)
        if path and subject == "attribute" and not isinstance(path.steps[0], str):
            self.fault(
                below(place, subject), "A person's attributes have names.", 'Begin with one, such as "items[0]".'
            )
        if path and self.in_device and (len(path.steps) > 1 or not isinstance(path.steps[0], str)):
            here = below(place, subject)
            self.fault(
                here, "There are no paths into a device.", 'Write one name: platform, last_used, ["app.version"].'
            )
        if path and operator == SAME_ITEM:
            return self.same_item(Subject(subject), path, document[operator], place, depth=depth)
        try:
            operand = OPERATORS[operator].operand.read(document[operator]) if operator != SAME_ITEM else None
        except RefusedError as refused:
            self.fault(below(place, operator) + refused.inside, refused.problem, refused.remedy)
        if path is None or len(self.faults) > known:
            return None
        if operator == "matches":
            self.weigh(str(operand), below(place, operator))
        return Leaf(Subject(subject), path, operator, operand)

    def whole(self, subject: str, document: object, place: str, *, depth: int) -> Condition | None:
        if subject in PERFORMED:
            return self.performed(subject, document, place, depth=depth)
        if subject in DEVICE:
            return self.device(subject, document, place, depth=depth)
        return self.membership(subject, document, place)

    def performed(self, key: str, document: object, place: str, *, depth: int) -> Condition | None:
        inside = below(place, key)
        if not isinstance(document, Mapping):
            said = " or ".join(f"{{{kind}: …}}" for kind in KINDS)
            self.fault(inside, f"{reprlib.repr(document)} does not say what is counted.", f"Write {said}.")
            return None
        known = len(self.faults)
        where = self.asked_of(document.get("where"), below(inside, "where"), depth=depth)
        fields = Fields(document, inside, self.faults)
        asked = read_performed(fields, where, negative=key == "not_performed")
        return asked if len(self.faults) == known else None

    def device(self, key: str, document: object, place: str, *, depth: int) -> Condition | None:
        known = len(self.faults)
        self.in_device = True
        where = self.asked_of(document, below(place, key), depth=depth)
        self.in_device = False
        return HasDevice(where, negative=key == "no_device") if len(self.faults) == known else None

    def asked_of(self, document: object, place: str, *, depth: int) -> Condition | None:
        """Return conditions on `path`; None if there are none, or after a fault."""
        if document is None or document in ({}, []):
            return None
        where = self.conditions(document, place, Scope.EVENT_DATA, depth=depth)
        return None if where is None or is_empty(where) else where

    def membership(self, key: str, segment: object, place: str) -> Condition | None:
        if not isinstance(segment, str) or not segment:
            self.fault(below(place, key), f"{reprlib.repr(segment)} is not the key of a segment.", "Write one key.")
            return None
        return InSegment(segment, negative=key == "not_in")

    def same_item(self, subject: Subject, path: Path, document: object, place: str, *, depth: int) -> Condition | None:
        if path.steps[-1] is not EACH:
            here = below(place, subject.value)
            self.fault(here, f"`{SAME_ITEM}` looks at the items of a list.", f'Write "{path}[]".')
        inside = below(place, SAME_ITEM)
        known = len(self.faults)
        where = self.conditions(document, inside, Scope.EVENT_DATA, depth=depth)
        if where is not None and is_empty(where) and len(self.faults) == known:
            self.fault(inside, "Nothing is asked of the item.", "Write conditions on `path`, read from the item.")
        return None if where is None else SameItem(subject, path, where)

    def weigh(self, pattern: str, place: str) -> None:
        before = self.instructions
        self.instructions += instructions_of(pattern)
        if before <= MOST_INSTRUCTIONS < self.instructions:
            remedy = "Repeat less, {1,50} say, use fewer classes such as \\pL, or move some patterns to a segment."
            self.fault(place, "The patterns are too large, taken together.", remedy)

    def counted(self, count: int, what: str, place: str) -> int:
        if count == MOST_LEAVES:
            self.fault(place, f"There are more than {MOST_LEAVES} {what}.", "Move some of them to a segment.")
            raise _TooManyError
        return count + 1
