"""What every test of the condition language needs: a document read without faults, and facts with a fixed clock."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any, Final

from engine.conditions import MISSING, Condition, Facts, Scope, holds, parse
from engine.errors import Fault

NOW: Final = datetime(2024, 6, 15, 12, 0, 0, tzinfo=UTC)


def facts(
    attributes: dict[str, Any] | None = None,
    *,
    segments: AbstractSet[str] = frozenset(),
    data: Any = MISSING,
    now: datetime = NOW,
) -> Facts:
    return Facts(attributes=attributes or {}, segments=segments, data=data, now=now)


def read(document: Any, scope: Scope = Scope.JOURNEY) -> Condition:
    faults: list[Fault] = []
    condition = parse(document, place="when", scope=scope, faults=faults)
    assert faults == []
    assert condition is not None
    return condition


def faults_of(document: Any, scope: Scope = Scope.JOURNEY) -> list[Fault]:
    faults: list[Fault] = []
    condition = parse(document, place="when", scope=scope, faults=faults)
    assert (condition is None) == bool(faults)
    return faults


def true_of(value: Any, **operator: Any) -> bool:
    """Whether `{attribute: x, <operator>}` holds of a person whose x is the value, or who has no x."""
    attributes = {} if value is MISSING else {"x": value}
    return holds(read({"attribute": "x", **operator}), facts(attributes))
