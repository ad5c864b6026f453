"""What a template may read. Everything else does not exist for it, and a wrong name is found when it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The data of one message, under the names that templates use (behaviour 8.01 to 8.04)."""

    customer: Mapping[str, Any] | None
    """The person's attributes as they are now; None in a data campaign, where `customer.*` is empty (1.95)."""
    campaign: Mapping[str, Any]
    """`id`, `name`, `type`."""
    message: Mapping[str, Any]
    """`id`, `name`, `type`, and `subject` once it is rendered."""
    delivery_id: str
    now: datetime
    """The instant of rendering, aware. A template has no other clock."""
    event: Mapping[str, Any] | None = None
    """Data of the trigger event; None if the campaign has no event."""
    event_name: str | None = None
    event_timestamp: int | None = None
    """Unix seconds."""
    trigger: Any = None
    """Payload of a data campaign, any JSON value: `trigger.name`, or `trigger[0]` of a list (1.94)."""
    layout: Mapping[str, Any] | None = None
    """`id`, `name`."""
    content: str | None = None
    """The rendered body, for the layout around it. It is taken as it is, never escaped again."""

    def variables(self) -> dict[str, Any]:
        """Name → value, for a template engine; what is not there is left out."""
        values = {name: value for name in _FIELDS if (value := getattr(self, name)) is not None}
        return values | {"today": self.now.date()}


_FIELDS = tuple(field.name for field in fields(Scope))
NAMES = frozenset((*_FIELDS, "today"))
"""Every name a template may begin with."""
