"""What every test of the condition language needs: a document read without faults, and facts with a fixed clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from engine.conditions import MISSING, Condition, Facts, Question, Scope, holds, parse, touches
from engine.errors import Fault
from engine.tallies import Tally

NOW: Final = datetime(2024, 6, 15, 12, 0, 0, tzinfo=UTC)


def facts(
    attributes: dict[str, Any] | None = None,
    *,
    segments: AbstractSet[str] = frozenset(),
    data: Any = MISSING,
    now: datetime = NOW,
) -> Facts:
    return Facts(attributes=attributes or {}, segments=segments, data=data, now=now)


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One event of a person."""

    kind: str = "event"
    name: str = "bought"
    data: Any = MISSING
    at: datetime


def bought(*instants: datetime) -> list[Happened]:
    return [Happened(at=at) for at in instants]


def person(
    condition: Condition,
    events: Iterable[Happened] = (),
    *,
    now: datetime = NOW,
    known_since: datetime | None = None,
    devices: Sequence[Mapping[str, Any]] = (),
    attributes: dict[str, Any] | None = None,
    segments: AbstractSet[str] = frozenset(),
) -> Facts:
    """Somebody who did these things, as the condition wants to see them."""
    return Facts(
        attributes=attributes or {},
        segments=segments,
        now=now,
        tallies=tallied(condition, events, now=now),
        known_since=known_since,
        devices=devices,
    )


def tallied(condition: Condition, events: Iterable[Happened], *, now: datetime) -> dict[Question, Tally]:
    """Count events in the order in which they came in."""
    counts: dict[Question, Tally] = {}
    for event in events:
        for question in touches(condition).questions:
            if _counts_for(question, event):
                counts[question] = counts.get(question, Tally()).plus(event.at, now=now, newest=question.newest)
    return counts


def _counts_for(question: Question, event: Happened) -> bool:
    is_named = question.name in event.name if question.part else question.name == event.name
    if question.kind != event.kind or not is_named:
        return False
    return question.where is None or holds(question.where, facts(data=event.data))


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
