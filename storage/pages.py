"""A list can be endless and a request cannot: lists are read in pages, by key and never by offset.

A filtered list looks at a bounded stretch of rows per page, so a page can hold fewer items than asked for, even none,
and still have a next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from storage.database import Record

STRETCH: Final = 5000
"""Rows that one page of a filtered list looks at: some 10 ms of index and table pages."""

FIRST: Final = (1 << 63) - 1
"""The position before the newest row of a list that runs from new to old."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items of a list. `next` is the position to go on from; None at the end."""

    items: list[Item]
    next: tuple[str | int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The ids that one page found, newest first, and where the next page begins."""

    ids: list[int]
    next: tuple[int] | None

    @classmethod
    def of(cls, row: Record | None, *, limit: int, looked_at_most: int) -> Stretch:
        """Read a row of `ids`, `looked` (how many rows were looked at) and `last` (the oldest of them)."""
        assert row is not None
        ids: Sequence[int] = row["ids"]
        if len(ids) == limit:
            return cls(ids=list(ids), next=(ids[-1],))
        return cls(ids=list(ids), next=(row["last"],) if row["looked"] == looked_at_most else None)
