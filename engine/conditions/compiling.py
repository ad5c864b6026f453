"""Conditions are asked far more often than they are written, so what does not depend on the person is settled once.

A tree becomes a closure that reads values and compares them, and does nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, assert_never

from engine.conditions.counting import performed
from engine.conditions.facts import Facts
from engine.conditions.moving import moving_truth, offset_seconds, turning_second
from engine.conditions.operators import OPERATORS
from engine.conditions.reading import value_of, values_of
from engine.conditions.tree import (
    All,
    AnyOf,
    Condition,
    HasDevice,
    InSegment,
    Leaf,
    Performed,
    Relative,
    SameItem,
)
from engine.instants import unix

Check = Callable[[Facts], bool]


def compile_condition(condition: Condition) -> Check:
    """Return the condition as a function. Build it once per campaign version and keep it."""
    match condition:
        case All(parts):
            return _all(tuple(compile_condition(part) for part in parts))
        case AnyOf(parts):
            return _any(tuple(compile_condition(part) for part in parts))
        case InSegment(segment, negative):
            return _membership(segment, negative=negative)
        case Performed():
            return performed(condition)
        case HasDevice(where, negative):
            return _device(compile_condition(where) if where else None, negative=negative)
        case SameItem(subject, path, where):
            return _same_item(values_of(subject, path), compile_condition(where))
        case Leaf():
            positive = _leaf(condition)
            return (lambda facts: not positive(facts)) if is_negative(condition) else positive
        case _:
            assert_never(condition)


_kept = lru_cache(maxsize=1024)(compile_condition)


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the condition is true of the facts. For many evaluations of one condition use `compile_condition`."""
    return _kept(condition)(facts)


def is_negative(leaf: Leaf) -> bool:
    """Whether the leaf is the opposite of its operator's test."""
    return OPERATORS[leaf.operator].negative or (leaf.operator == "exists" and leaf.operand is False)


def _all(parts: tuple[Check, ...]) -> Check:
    if len(parts) == 1:
        return parts[0]

    def check(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110  # a generator for all() costs as much as three leaves
            if not part(facts):
                return False
        return True

    return check if parts else _never


def _any(parts: tuple[Check, ...]) -> Check:
    if len(parts) == 1:
        return parts[0]

    def check(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110  # as above
            if part(facts):
                return True
        return False

    return check


def _never(_: Facts) -> bool:
    return False


def _membership(segment: str, *, negative: bool) -> Check:
    if negative:
        return lambda facts: segment not in facts.segments
    return lambda facts: segment in facts.segments


def _device(where: Check | None, *, negative: bool) -> Check:
    if where is None:
        return lambda facts: bool(facts.devices) != negative
    return lambda facts: any(where(facts.at(device)) for device in facts.devices) != negative


def _same_item(items: Callable[[Facts], list[Any]], where: Check) -> Check:
    return lambda facts: any(where(facts.at(item)) for item in items(facts))


def _leaf(leaf: Leaf) -> Check:
    if isinstance(leaf.operand, Relative):
        return _moving_leaf(leaf, leaf.operand)
    test = OPERATORS[leaf.operator].test(leaf.operand)
    if leaf.path.is_many:
        values = values_of(leaf.subject, leaf.path)
        return lambda facts: any(map(test, values(facts)))
    value = value_of(leaf.subject, leaf.path)
    return lambda facts: test(value(facts))


def _moving_leaf(leaf: Leaf, operand: Relative) -> Check:
    operator, offset = leaf.operator, offset_seconds(operand)
    values = values_of(leaf.subject, leaf.path)

    def check(facts: Facts) -> bool:
        now = unix(facts.now)
        return any(moving_truth(operator, turning_second(operator, offset, one), now) for one in values(facts))

    return check
