"""Some conditions become true or false while nobody touches the data: `last_seen before 30 days ago`.

For these the engine must know the next instant worth looking at, so that it is woken then by a row with a due time,
instead of asking about everybody every minute (behaviour 3.09, 3.13, 5.10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, assert_never

from engine.conditions.compiling import compile_condition
from engine.conditions.counting import outlook
from engine.conditions.facts import Facts
from engine.conditions.moving import moving_truth, offset_seconds, turning_second
from engine.conditions.reading import values_of
from engine.conditions.touching import touches
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
from engine.instants import EPOCH, unix

_LAST: Final = unix(datetime.max.replace(tzinfo=UTC))

Outlook = tuple[bool, datetime | None]
"""Whether it holds now, and the earliest instant at which that may be otherwise."""

Look = Callable[[Facts], Outlook]


def compile_outlook(condition: Condition) -> Look:
    """Return a condition that time can change as a function that says both: whether it holds, and until when at least.

    Build it once and keep it.
    """
    return _look(condition)


def compile_next_change(condition: Condition) -> Callable[[Facts], datetime | None]:
    """Return `next_change` of one condition as a function. Build it once and keep it."""
    if not touches(condition).time:
        return lambda _: None
    look = _look(condition)
    return lambda facts: look(facts)[1]


_kept = lru_cache(maxsize=1024)(compile_next_change)


def next_change(condition: Condition, facts: Facts) -> datetime | None:
    """Return the earliest instant after `facts.now` at which time alone may change the truth; None if it never does.

    The answer may be early, never late: look again then, and ask for the next one.
    """
    return _kept(condition)(facts)


def _look(condition: Condition) -> Look:
    if not touches(condition).time:
        return _still(condition)
    match condition:
        case All(parts):
            looks = tuple(_look(part) for part in parts)
            return lambda facts: _all([look(facts) for look in looks])
        case AnyOf(parts):
            looks = tuple(_look(part) for part in parts)
            return lambda facts: _any([look(facts) for look in looks])
        case Performed():
            return outlook(condition)
        case HasDevice(where, negative) if where is not None:
            look = _items(lambda facts: facts.devices, where)
            return (lambda facts: _not(look(facts))) if negative else look
        case SameItem(subject, path, where):
            return _items(values_of(subject, path), where)
        case Leaf(subject, path, operator, Relative() as operand):
            return _moving(operator, offset_seconds(operand), values_of(subject, path))
        case Leaf() | InSegment() | HasDevice():
            return _still(condition)
        case _:
            assert_never(condition)


def _still(condition: Condition) -> Look:
    holds = compile_condition(condition)
    return lambda facts: (holds(facts), None)


def _items(items: Callable[[Facts], Sequence[object]], where: Condition) -> Look:
    look = _look(where)
    return lambda facts: _any([look(facts.at(item)) for item in items(facts)])


def _moving(operator: str, offset: int, values: Callable[[Facts], list[object]]) -> Look:
    def look(facts: Facts) -> Outlook:
        now = unix(facts.now)
        return _any([_turning(operator, offset, value, now) for value in values(facts)])

    return look


def _turning(operator: str, offset: int, value: object, now: int) -> Outlook:
    turning = turning_second(operator, offset, value)
    truth = moving_truth(operator, turning, now)
    if turning is None or not now < turning <= _LAST:
        return truth, None
    return truth, EPOCH + timedelta(seconds=turning)


def _any(parts: Sequence[Outlook]) -> Outlook:
    """A disjunction becomes true with the first of its parts, and false only when all that are true have changed."""
    if any(truth for truth, _ in parts):
        return True, _latest(change for truth, change in parts if truth)
    return False, _soonest(change for _, change in parts)


def _all(parts: Sequence[Outlook]) -> Outlook:
    """A conjunction is the opposite of the disjunction of the opposites."""
    return _not(_any([_not(part) for part in parts]))


def _not(part: Outlook) -> Outlook:
    truth, change = part
    return not truth, change


def _latest(changes: Iterable[datetime | None]) -> datetime | None:
    """Return the last of the changes; None, which is never, if one of them is."""
    known = [*changes]
    return None if None in known else max((change for change in known if change), default=None)


def _soonest(changes: Iterable[datetime | None]) -> datetime | None:
    """Return the first of the changes that ever come; None if none does."""
    return min((change for change in changes if change), default=None)
