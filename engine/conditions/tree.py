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
class Question:
    """Which events of a person are counted. Segments that ask the same share one count."""

    kind: str
    """`event`, `page` or `screen` (behaviour 1.33)."""
    name: str
    part: bool = False
    """Of pages: whether `name` is a part of the URL, not the whole (behaviour 3.07)."""
    where: Condition | None = None
    """Conditions on the event's data, by `path`."""
    newest: int = 0
    """How many of the newest instants answer the question; 0 if only how often it ever happened counts."""
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A key of every tally that is looked up, and `where` may be a large tree.
        object.__setattr__(self, "_hash", hash((self.kind, self.name, self.part, self.where, self.newest)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Performed:
    """How often a person did something, ever or within a moving window (behaviour 3.06-3.12)."""

    question: Question
    at_least: int = 1
    at_most: int | None = None
    within: timedelta | None = None
    """The window (now - within, now]; None is ever."""
    negative: bool = False
    """Not performed at all. With a window it needs a person known for as long as that (behaviour 3.10)."""


@dataclass(frozen=True, slots=True)
class HasDevice:
    """Whether one device of the person meets the whole of `where`, whose subjects are `PATH`; None is any device."""

    where: Condition | None = None
    negative: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """True if there is at least one part and every part is true (behaviour 5.30)."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True if at least one part is true."""

    parts: tuple[Condition, ...]


Condition = All | AnyOf | Leaf | SameItem | InSegment | Performed | HasDevice


def is_empty(condition: Condition) -> bool:
    """Whether no condition is set: groups all the way down.

    An empty condition never holds. Where "nothing set" means "always", as in an action condition, the caller asks here
    first (behaviour 5.30).
    """
    return isinstance(condition, All | AnyOf) and all(is_empty(part) for part in condition.parts)
