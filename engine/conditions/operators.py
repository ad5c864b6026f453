"""The operators of behaviour 5.1, as one table: name, wording, operand and test.

A test is told one value and answers for the positive operator; it is false for an absent value and for every value of
the wrong type, and never raises. A negative operator is the exact opposite of its positive one, for an absent value and
over all items of a list too (behaviour 5.25, 5.43), so it has no test of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from engine.conditions.equality import Scalar, Test, as_number, as_unix, equals_any, is_boolean
from engine.conditions.facts import MISSING
from engine.conditions.operands import (
    FLAG,
    MOMENT,
    NUMBER,
    ONLY_TRUE,
    PATTERN,
    RANGE,
    SCALAR,
    SCALARS,
    TERMS,
    TEXT,
    Kind,
)
from engine.conditions.patterns import compile_pattern
from engine.instants import unix


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One operator of a document."""

    words: str
    operand: Kind
    test: Callable[[Any], Test]
    """From the operand to the positive test of one value."""
    negative: bool = False
    help: str
    """One sentence for editors."""


def _exists(_: bool) -> Test:
    return lambda value: value is not MISSING and value is not None and value != ""


def _equals(operand: Scalar) -> Test:
    return equals_any((operand,))


def _contains(terms: tuple[str, ...]) -> Test:
    equals_term = equals_any(terms)

    def contains(value: object) -> bool:
        if isinstance(value, str):
            return any(term in value for term in terms)
        return isinstance(value, list) and any(map(equals_term, value))

    return contains


def _starts_with(text: str) -> Test:
    return lambda value: isinstance(value, str) and value.startswith(text)


def _ends_with(text: str) -> Test:
    return lambda value: isinstance(value, str) and value.endswith(text)


def _greater_than(bound: float) -> Test:
    return lambda value: (number := as_number(value)) is not None and number > bound


def _less_than(bound: float) -> Test:
    return lambda value: (number := as_number(value)) is not None and number < bound


def _at_least(bound: float) -> Test:
    return lambda value: (number := as_number(value)) is not None and number >= bound


def _at_most(bound: float) -> Test:
    return lambda value: (number := as_number(value)) is not None and number <= bound


def _is_true(_: bool) -> Test:
    return lambda value: is_boolean(value, wanted=True)


def _is_false(_: bool) -> Test:
    return lambda value: is_boolean(value, wanted=False)


def _is_timestamp(_: bool) -> Test:
    return lambda value: as_unix(value) is not None


def _before(instant: datetime) -> Test:
    bound = unix(instant)
    return lambda value: (second := as_unix(value)) is not None and second < bound


def _after(instant: datetime) -> Test:
    bound = unix(instant)
    return lambda value: (second := as_unix(value)) is not None and second > bound


def _between(ends: tuple[Any, Any]) -> Test:
    low, high = ends
    if isinstance(low, datetime):
        first, last = unix(low), unix(high)
        return lambda value: (second := as_unix(value)) is not None and first <= second <= last
    return lambda value: (number := as_number(value)) is not None and low <= number <= high


OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType(
    {
        "exists": Operator(
            words="exists",
            operand=FLAG,
            test=_exists,
            help="true: there is a value; false: there is none. null and the empty text are none.",
        ),
        "equals": Operator(
            words="is equal to",
            operand=SCALAR,
            test=_equals,
            help="The value is this one. Case-sensitive; 5 is also the text 5; dates are compared by the second.",
        ),
        "not_equals": Operator(
            words="is not equal to",
            operand=SCALAR,
            test=_equals,
            negative=True,
            help="The value is not this one, or there is none.",
        ),
        "one_of": Operator(
            words="is one of", operand=SCALARS, test=equals_any, help="The value is equal to one of the list."
        ),
        "not_one_of": Operator(
            words="is none of",
            operand=SCALARS,
            test=equals_any,
            negative=True,
            help="The value is equal to none of the list, or there is none.",
        ),
        "contains": Operator(
            words="contains",
            operand=TERMS,
            test=_contains,
            help=r"The text contains this, or the list has this item. a|b is a or b; a bar itself is \|.",
        ),
        "not_contains": Operator(
            words="does not contain",
            operand=TERMS,
            test=_contains,
            negative=True,
            help=r"Contains none of a|b, or there is no value. A bar itself is \|.",
        ),
        "starts_with": Operator(
            words="starts with", operand=TEXT, test=_starts_with, help="The text begins with this. Case-sensitive."
        ),
        "ends_with": Operator(
            words="ends with", operand=TEXT, test=_ends_with, help="The text ends with this. Case-sensitive."
        ),
        "greater_than": Operator(
            words="is greater than", operand=NUMBER, test=_greater_than, help="The value is a number above this."
        ),
        "less_than": Operator(
            words="is less than", operand=NUMBER, test=_less_than, help="The value is a number below this."
        ),
        "at_least": Operator(
            words="is at least", operand=NUMBER, test=_at_least, help="The value is a number not below this."
        ),
        "at_most": Operator(
            words="is at most", operand=NUMBER, test=_at_most, help="The value is a number not above this."
        ),
        "is_true": Operator(words="is true", operand=ONLY_TRUE, test=_is_true, help='true, "true", 1 or "1".'),
        "is_false": Operator(words="is false", operand=ONLY_TRUE, test=_is_false, help='false, "false", 0 or "0".'),
        "is_timestamp": Operator(
            words="is a timestamp",
            operand=ONLY_TRUE,
            test=_is_timestamp,
            help="The value is a Unix second count or an ISO 8601 date or date-time.",
        ),
        "before": Operator(
            words="is before",
            operand=MOMENT,
            test=_before,
            help="A timestamp before this date; {ago: 7d} and {from_now: 3d} move with time.",
        ),
        "after": Operator(
            words="is after",
            operand=MOMENT,
            test=_after,
            help="A timestamp after this date; {ago: 7d} and {from_now: 3d} move with time.",
        ),
        "between": Operator(
            words="is between",
            operand=RANGE,
            test=_between,
            help="The value lies between two numbers or two dates, both included.",
        ),
        "matches": Operator(
            words="matches the pattern",
            operand=PATTERN,
            test=compile_pattern,
            help="The whole text matches this regular expression (RE2 syntax). (?i) in front ignores case.",
        ),
    }
)
