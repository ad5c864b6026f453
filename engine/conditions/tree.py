"""A condition as data: a frozen tree that is compared, stored, explained and compiled, and that nothing can change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any

from engine.conditions.paths import Path


class Subject(Enum):
    """Where the value comes from; the member's value is its key in a document."""

    ATTRIBUTE = "attribute"
    DATA = "data"
    PATH = "path"
    """The event data inside `where`, the item inside `same_item`: `Facts.data` either way."""


@dataclass(frozen=True, slots=True)
class Relative:
    """An instant that moves with the clock: `now + offset`. In a document `{ago: 7d}` or `{from_now: 3d}`."""

    offset: timedelta


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value and one operator. `operand` is what the operator's reader in `operators.py` made of the document."""

    subject: Subject
    path: Path
    operator: str
    operand: Any = field(compare=False)
    written: str = field(init=False, repr=False)
    """Stands for the operand in comparisons and hashes, because Python holds 1, 1.0 and True to be equal."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "written", repr(self.operand))


@dataclass(frozen=True, slots=True)
class SameItem:
    """True if one item of a list meets the whole of `where`, whose subjects are `PATH` (behaviour 5.45).

    `path` ends with `[]`.
    """

    subject: Subject
    path: Path
    where: Condition


@dataclass(frozen=True, slots=True)
class InSegment:
    """Membership of a segment, or with `negative` the lack of it."""

    segment: str
    negative: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """True if there is at least one part and every part is true (behaviour 5.30)."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True if at least one part is true."""

    parts: tuple[Condition, ...]


Condition = All | AnyOf | Leaf | SameItem | InSegment


def is_empty(condition: Condition) -> bool:
    """Whether no condition is set: groups all the way down.

    An empty condition never holds. Where "nothing set" means "always", as in an action condition, the caller asks here
    first (behaviour 5.30).
    """
    return isinstance(condition, All | AnyOf) and all(is_empty(part) for part in condition.parts)
