"""One change of a person can move them in and out of several segments, and those move others.

All of it is settled before anybody looks (behaviour 3.15, 3.16).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from datetime import datetime

from engine.conditions import Facts
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
    facts = person_facts(catalog, person, now=now, segments=segments)
    waiting = sorted(places)
    is_changed = False
    for place in waiting:  # grows behind the place at hand
        rule = catalog.rules[place]
        if rule.outlook is None:
            is_in = rule.holds(facts)
        else:
            is_in, person.rechecks[rule.id] = rule.outlook(facts)
        if is_in == (rule.key in segments):
            continue
        is_changed = True
        segments ^= {rule.key}
        person.joined_at[rule.key] = now
        for dependent in catalog.by_segment.get(rule.key, ()):
            if dependent not in waiting:
                insort(waiting, dependent)
    if is_changed:
        person.segments = frozenset(segments)
    return is_changed


def person_facts(catalog: Catalog, person: Person, *, now: datetime, segments: AbstractSet[str] | None = None) -> Facts:
    """Return everything that a segment can ask about a person. `segments` are theirs unless given."""
    return Facts(
        attributes=person.view(),
        segments=person.segments if segments is None else segments,
        now=now,
        tallies=person.tallies,
        known_since=person.known_since() if catalog.questions.places else None,
        devices=tuple(person.devices.values()),
    )


def enroll(catalog: Catalog, person: Person, key: str, *, now: datetime) -> None:
    """Move a person into a manual segment, or out of it if they are in, and settle whatever depends on it."""
    person.segments ^= {key}
    person.joined_at[key] = now
    refresh(catalog, person, catalog.by_segment.get(key, ()), now=now)
