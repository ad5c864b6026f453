"""A segment may ask about other segments, so a change of one reaches others; and a circle of them would have no answer.

`uses` maps the key of each segment to the keys that its condition names, whether those exist or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from engine.errors import DocumentError, Fault

Uses = Mapping[str, AbstractSet[str]]


def dependents(key: str, uses: Uses) -> frozenset[str]:
    """Return every segment that asks about this one, itself or by way of others; never this one."""
    found: set[str] = set()
    latest = {key}
    while latest:
        latest = {other for other, used in uses.items() if used & latest} - found
        found |= latest
    return frozenset(found - {key})


def ground_of(keys: Iterable[str], uses: Uses) -> frozenset[str]:
    """Return these segments and every one that they ask about, themselves or by way of others."""
    found: set[str] = set()
    latest = {*keys}
    while latest:
        found |= latest
        latest = {used for key in latest for used in uses.get(key, ())} - found
    return frozenset(found)


def circles(places: Mapping[str, str], uses: Uses) -> dict[str, Fault]:
    """Return a fault for each circle on which any of these segments lies, by the first of them, showing the way.

    Args:
        places: keys of segments, each with the place of its condition.
        uses: what all segments ask about, these included.
    """
    found: dict[str, Fault] = {}
    shown: set[str] = set()
    for key, place in places.items():
        way = [] if key in shown else _way_back(key, uses)
        if way:
            shown.update(way)
            found[key] = Fault(
                place=place,
                problem=f"The segment asks about itself: {' → '.join((key, *way))}.",
                remedy="Leave out one of these, or write its condition out instead.",
            )
    return found


def refuse_circle(key: str, uses: Uses) -> None:
    """Raise DocumentError, showing the way, if a segment asks about itself, however far around (behaviour 3.15)."""
    if found := circles({key: "condition"}, uses):
        raise DocumentError([*found.values()])


def _way_back(key: str, uses: Uses) -> list[str]:
    ways: dict[str, list[str]] = {}
    latest = {used: [used] for used in sorted(uses.get(key, ()))}
    while latest:
        ways |= latest
        if key in ways:
            return ways[key]
        latest = {
            used: [*way, used] for at, way in latest.items() for used in sorted(uses.get(at, ())) if used not in ways
        }
    return []
