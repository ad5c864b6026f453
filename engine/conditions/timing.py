"""Some conditions become true or false while nobody touches the data: `last_seen before 30 days ago`.

For these the engine must know the next instant worth looking at, so that it is woken then by a row with a due time,
instead of asking about everybody every minute (behaviour 3.13, 5.10).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from engine.conditions.compiling import holds
from engine.conditions.facts import Facts
from engine.conditions.moving import moving_truth, offset_seconds, turning_second
from engine.conditions.reading import values_of
from engine.conditions.touching import touches
from engine.conditions.tree import All, AnyOf, Condition, InSegment, Leaf, Relative, SameItem
from engine.instants import EPOCH, unix

_LAST: Final = unix(datetime.max.replace(tzinfo=UTC))


def next_change(condition: Condition, facts: Facts) -> datetime | None:
    """Return the earliest instant after `facts.now` at which time alone may change the truth; None if it never does.

    The answer may be early, never late: look again then, and ask for the next one.
    """
    return _outlook(condition, facts)[1] if touches(condition).time else None


Outlook = tuple[bool, datetime | None]
"""Whether it holds now, and the earliest instant at which that may be otherwise."""


def _outlook(condition: Condition, facts: Facts) -> Outlook:
    match condition:
        case All(parts):
            return _all([_outlook(part, facts) for part in parts]) if parts else (False, None)
        case AnyOf(parts):
            return _any([_outlook(part, facts) for part in parts])
        case SameItem(subject, path, where):
            return _any([_outlook(where, facts.at(item)) for item in values_of(subject, path)(facts)])
        case Leaf(subject, path, operator, Relative() as operand):
            now, offset = unix(facts.now), offset_seconds(operand)
            return _any([_moving(operator, offset, value, now) for value in values_of(subject, path)(facts)])
        case Leaf() | InSegment():
            return holds(condition, facts), None
        case _:
            assert_never(condition)


def _any(parts: Sequence[Outlook]) -> Outlook:
    """A disjunction becomes true with the first of its parts, and false only when all that are true have changed."""
    if any(truth for truth, _ in parts):
        return True, _latest(change for truth, change in parts if truth)
    return False, _soonest(change for _, change in parts)


def _all(parts: Sequence[Outlook]) -> Outlook:
    """A conjunction is the opposite of the disjunction of the opposites."""
    truth, change = _any([(not truth, change) for truth, change in parts])
    return not truth, change


def _moving(operator: str, offset: int, value: object, now: int) -> Outlook:
    turning = turning_second(operator, offset, value)
    truth = moving_truth(operator, turning, now)
    if turning is None or not now < turning <= _LAST:
        return truth, None
    return truth, EPOCH + timedelta(seconds=turning)


def _latest(changes: Iterable[datetime | None]) -> datetime | None:
    """Return the last of the changes; None, which is never, if one of them is."""
    known = [*changes]
    return None if None in known else max((change for change in known if change), default=None)


def _soonest(changes: Iterable[datetime | None]) -> datetime | None:
    """Return the first of the changes that ever come; None if none does."""
    return min((change for change in changes if change), default=None)
