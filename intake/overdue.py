"""What time alone brings about for the people of a batch, in the order in which it was due.

Intake may have been away for hours. A membership that began and ended meanwhile is only seen by whoever asks as of the
instants at which it was due to change, each before the inputs that came after it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from intake.people import Person
from storage.overdue import Kind

_ORDER: Final[dict[Kind, int]] = {"membership": 0, "date": 1, "interval": 2, "start": 3, "match": 4}
"""At one instant memberships come first: whoever enters is asked about them."""


class Due(NamedTuple):
    """Something whose time had come at an instant. `place` is the segment or the campaign."""

    at: datetime
    kind: Kind
    person: Person
    place: int
    date: date | None = None
    depth: int = 0
    """How many campaigns it came through (behaviour 6.50)."""


class Overdue:
    """What is due, the longest due first."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, int, Due]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, due: Due) -> None:
        """Take note of something that is due."""
        self._count += 1  # keeps the order of what is due at once, and people from being compared
        heappush(self._heap, (due.at, _ORDER[due.kind], self._count, due))

    @property
    def first(self) -> datetime | None:
        """Return what has been due the longest; None if nothing is."""
        return self._heap[0][0] if self._heap else None

    def forget(self, people: Collection[Person]) -> None:
        """Let go of whatever is due for people."""
        self._heap = [entry for entry in self._heap if entry[-1].person not in people]
        heapify(self._heap)

    def waiting(self, kind: Kind) -> list[Due]:
        """Return what is due of a kind, in any order."""
        return [one for *_, one in self._heap if one.kind == kind]

    def take(self, until: datetime) -> list[Due]:
        """Take out and return what is due first, all that is of one kind and instant; nothing after an instant."""
        if not self._heap or self._heap[0][0] > until:
            return []
        first = self._heap[0][:2]
        taken = []
        while self._heap and self._heap[0][:2] == first:
            taken.append(heappop(self._heap)[-1])
        return taken
