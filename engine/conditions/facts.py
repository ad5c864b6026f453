"""A condition looks at nothing but one frozen snapshot, so that all its parts see the same person (behaviour 5.31)."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final


class Missing(Enum):
    """The type of `MISSING`: a value that is not there, which JSON's null cannot say."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


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

    def at(self, item: object) -> Facts:
        """Return the same facts seen from inside one item of a list: `path` subjects read that item."""
        return Facts(attributes=self.attributes, segments=self.segments, now=self.now, data=item)
