"""What data blocks may ask for. They only say it; the act activity carries it out in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.conditions import Condition


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEvent:
    """Let a person perform an event, like any other event of theirs (behaviour 6.49)."""

    target: Target | None = None
    """None is the person of the journey; in another workspace, whoever goes by the same id or address there."""
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    workspace: str | None = None
    """Name of another workspace; None is that of the journey."""


@dataclass(frozen=True, slots=True)
class ChangeSegment:
    """Add the person of the journey to a manual segment, or remove them (behaviour 6.51)."""

    segment: str
    add: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMany:
    """Do the same for each of many people (behaviour 6.52)."""

    people: Condition
    """Who they are."""
    change: SetAttributes | SendEvent
    """What is done for each of them; without a target."""


Change = SetAttributes | SendEvent | ChangeSegment | ChangeMany
