"""A condition looks at nothing but one frozen snapshot, so that all its parts see the same person (behaviour 5.31)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from engine.conditions.tree import Question
    from engine.tallies import Tally


class Missing(Enum):
    """The type of `MISSING`: a value that is not there, which JSON's null cannot say."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING

_NO_TALLIES: Final[Mapping[Question, Tally]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about one person at one instant. Values are what JSON holds."""

    attributes: Mapping[str, Any]
    """The person's attributes; the caller puts `id` and `email` among them."""
    segments: AbstractSet[str]
    """Keys of the segments that the person is in."""
    now: datetime
    """Aware UTC."""
    data: Any = MISSING
    """Data of the trigger event, any JSON shape. `MISSING` where there is no such event."""
    tallies: Mapping[Question, Tally] = field(default_factory=lambda: _NO_TALLIES)
    """How often the person did what segments ask about; a question that is not in it was never met."""
    known_since: datetime | None = None
    """The earlier of the person's creation and their earliest event (behaviour 3.10); None: for ever."""
    devices: Sequence[Mapping[str, Any]] = ()
    """The person's devices: `platform`, `last_used` in Unix seconds, and their attributes."""

    def at(self, item: object) -> Facts:
        """Return the same facts seen from inside one item of a list: `path` subjects read that item."""
        return Facts(
            attributes=self.attributes,
            segments=self.segments,
            now=self.now,
            data=item,
            tallies=self.tallies,
            known_since=self.known_since,
            devices=self.devices,
        )
