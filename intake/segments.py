"""One change of a person can move them in and out of several segments, and those move others.

All of it is settled before anybody looks (behaviour 3.15, 3.16).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection
from datetime import datetime

from engine.conditions import Facts, next_change
from intake.catalog import Catalog
from intake.people import Person


def refresh(catalog: Catalog, person: Person, places: Collection[int], *, now: datetime) -> bool:
    """Ask these rules, and whatever depends on the answers, whether the person is in; return whether anything changed.

    Rules are asked in their order, so each finds the answers it depends on settled. Those that time alone can change
    also leave the instant at which to ask again.
    """
    if not places:
        return False
    segments = set(person.segments)
    facts = Facts(attributes=person.view(), segments=segments, now=now)
    waiting = sorted(places)
    is_changed = False
    for place in waiting:  # grows behind the place at hand
        rule = catalog.rules[place]
        if rule.touches.time:
            person.rechecks[rule.id] = next_change(rule.condition, facts)
        if rule.holds(facts) == (rule.key in segments):
            continue
        is_changed = True
        segments ^= {rule.key}
        for dependent in catalog.by_segment.get(rule.key, ()):
            if dependent not in waiting:
                insort(waiting, dependent)
    if is_changed:
        person.segments = frozenset(segments)
    return is_changed


def seen_by_entry(catalog: Catalog, person: Person) -> frozenset[str]:
    """Return the segments that count at an entry: those of the person, without any that is being built (3.05)."""
    return person.segments - catalog.building if catalog.building else person.segments
