"""What data blocks may ask for. They only say it; the act activity carries it out in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Target:
    """Another person, found by an identifier and made if unknown (behaviour 6.45)."""

    by: Literal["id", "email"]
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAttributes:
    """Set and remove attributes of a person, all at once (behaviour 6.45, 6.46)."""

    target: Target | None = None
    """None is the person of the journey."""
    set: Mapping[str, Any] = field(default_factory=dict)
    """Attribute name to JSON value."""
    remove: tuple[str, ...] = ()
