"""Nobody remembers how the data of an event looks, so a filter is picked from one that happened (behaviour 1.36)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from engine import conditions
from engine.conditions import EACH, Facts, Path, Scope
from engine.errors import Fault
from engine.instants import EPOCH

MOST_LEAVES: Final = 200
"""Values of one event that are shown; more than anybody picks from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One value inside the data of an event."""

    path: str
    """As conditions name it; `items[].sku` is that of any item."""
    value: Any
    as_filter: dict[str, Any] | None
    """The condition for `where` that this event meets by this value; None if no condition can say it."""


def leaves(data: Any) -> list[Leaf]:
    """Return the values of an event's data, in order, each path and value once."""
    found: dict[tuple[str, str], Leaf] = {}
    for path, value in _walk((), data):
        key = (str(path), repr(value))
        if key not in found:
            found[key] = Leaf(path=str(path), value=value, as_filter=_filter(path, value, data))
        if len(found) == MOST_LEAVES:
            break
    return list(found.values())


def _walk(steps: tuple[Any, ...], value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk((*steps, name), inner)
    elif isinstance(value, list):
        for item in value:
            yield from _walk((*steps, EACH), item)
    elif steps:
        yield Path(steps), value


def _filter(path: Path, value: Any, data: Any) -> dict[str, Any] | None:
    """Return a condition by this value if it can be written and really holds for the event."""
    is_none = value is None or value == ""
    document = {"path": str(path), "exists": False} if is_none else {"path": str(path), "equals": value}
    faults: list[Fault] = []
    condition = conditions.parse(document, place="where", scope=Scope.EVENT_DATA, faults=faults)
    if condition is None:
        return None
    facts = Facts(attributes={}, segments=frozenset(), now=EPOCH, data=data)
    return conditions.document(condition) if conditions.holds(condition, facts) else None
