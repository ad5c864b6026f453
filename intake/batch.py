"""Inputs must be applied one after the other, but written many at a time.

So a batch applies them in memory, and keeps what there is to write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from engine import entry, ids
from engine.conditions import Facts, explain
from engine.entry import Enter, Event, Refused, Retry
from intake import segments
from intake.catalog import Catalog, Enterable
from intake.people import Identifier, People, Person
from storage.devices import Device
from storage.filter_retries import FilterRetry
from storage.suppressions import fingerprint

_NOTHING: Final[Mapping[str, Any]] = {}
_NOWHERE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wish:
    """An entry that everything but frequency allows. `facts` is the person at that moment."""

    enterable: Enterable
    person: Person
    event: Event
    at: datetime
    facts: Facts
    seen: Mapping[str, Any]
    retry_id: int | None = None
    """The stored retry that ends with this: its workflow is there already and only has to look."""

    @property
    def occurrence(self) -> str:
        """What makes the entry unique (behaviour 1.07)."""
        return ids.event_occurrence(self.event.id)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rejection:
    """An entry that is refused for good."""

    enterable: Enterable
    person: Person
    event: Event
    at: datetime
    why: Refused

    @property
    def occurrence(self) -> str:
        """What would have made the entry unique."""
        return ids.event_occurrence(self.event.id)


@dataclass(slots=True, kw_only=True, eq=False)
class Output:
    """What the inputs applied so far come to, in their order."""

    events: list[tuple[Person | None, str | None, Event]] = field(default_factory=list)
    """Person, or anonymous id, and what happened."""
    wishes: list[Wish] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    overtaken: list[FilterRetry] = field(default_factory=list)
    """What waits for filters although its time was over before the person changed."""
    failures: list[tuple[Person | None, datetime, str, dict[str, Any]]] = field(default_factory=list)
    devices: dict[tuple[Person, str], Device] = field(default_factory=dict)
    """Person and token, to what was said of the device since it was last deleted."""
    deleted_devices: set[tuple[Person, str]] = field(default_factory=set)
    """Those that were deleted on the way, before `devices` is kept."""
    erased: list[Person] = field(default_factory=list)
    forgotten: set[tuple[Identifier, str]] = field(default_factory=set)
    """Whoever was asked to be forgotten, by every identifier they were known by, whether there was a person or not."""
    blocked: dict[bytes, int | None] = field(default_factory=dict)
    """Fingerprints of identifiers to block, to the person they belonged to."""


@dataclass(slots=True, kw_only=True, eq=False)
class Batch:
    """The inputs of one workspace in one transaction."""

    workspace_id: int
    catalog: Catalog
    people: People
    now: datetime
    blocked: set[bytes] = field(default_factory=set)
    """Fingerprints of suppressed identifiers, as far as the inputs name them."""
    fresh_keys: set[str] = field(default_factory=set)
    """Client-supplied event ids that are seen for the first time and not used up yet."""
    asked_by: int = 0
    """The retry whose own workflow asks, and so needs no telling."""
    output: Output = field(default_factory=Output)

    def is_blocked(self, who: tuple[Identifier, str]) -> bool:
        """Whether the person was suppressed, so that nothing said about them may be taken in."""
        kind, value = who
        return bool(self.blocked) and kind in ("id", "email") and fingerprint(kind, value) in self.blocked

    def find_or_create(self, who: tuple[Identifier, str], at: datetime) -> Person | None:
        """Return the person; None for a `cio_id` that nobody has, because those are given by us alone."""
        person = self.people.find(*who)
        if person is None and who[0] != "cio_id":
            person = self.people.create(*who)
            self.settle(person, {who[0]}, at=at)
        return person

    def settle(self, person: Person, changed: set[str], *, at: datetime) -> None:
        """Carry changed attributes through the segments, and to the events that wait for filters (behaviour 4.12)."""
        if person.id == 0 and not person.is_asked:
            person.is_asked = True
            places = set(range(len(self.catalog.rules)))
        else:
            places = self.catalog.rules_touched_by(changed)
        person.is_touched = True
        if segments.refresh(self.catalog, person, places, now=self.now) or changed:
            self.reconsider(person, at=at)

    def ask(self, person: Person, places: set[int], *, at: datetime) -> None:
        """Ask segments, by their places, whether the person is in, and carry what changes to the events that wait."""
        person.is_touched = True
        if segments.refresh(self.catalog, person, places, now=self.now):
            self.reconsider(person, at=at)

    def happen(self, person: Person, event: Event) -> None:
        """Keep an event of a person and see what it starts."""
        person.is_touched = True
        self.output.events.append((person, None, event))
        candidates = self.catalog.by_trigger.get((event.kind, event.name))
        if not candidates:
            return
        # Most triggers end at the event's data, so the person is not looked at before.
        alone = Facts(attributes=_NOTHING, segments=_NOWHERE, now=event.received_at, data=event.data)
        triggered = [one for one in candidates if one.campaign.trigger.matches(event.kind, event.name, alone)]
        if triggered:
            facts = self.facts(person, event.data, at=event.received_at)
            for enterable in triggered:
                self._decide(enterable, person, event, facts)

    def reconsider(self, person: Person, *, at: datetime) -> None:
        """Look again at the events of a person that wait for filters (behaviour 4.12)."""
        still = []
        for retry in person.retries:
            enterable = self.catalog.campaigns.get(retry.campaign_id)
            if at > retry.expires_at and not retry.is_over:
                retry = replace(retry, is_over=True)
                self.output.overtaken.append(retry)
            # Without a running campaign, or too late, it is left to its workflow to end it (behaviour 4.14).
            if enterable is None or at > retry.expires_at or not self._enters(enterable, person, retry, at):
                still.append(retry)
        person.retries = still

    def facts(self, person: Person, data: Mapping[str, Any], *, at: datetime) -> Facts:
        """Return what is known of a person whose event with this data may start a journey at an instant."""
        known = segments.seen_by_entry(self.catalog, person)
        return Facts(attributes=person.view(), segments=known, now=at, data=data)

    def _decide(self, enterable: Enterable, person: Person, event: Event, facts: Facts) -> None:
        verdict = entry.decide(enterable.campaign, started_at=enterable.started_at, event=event, facts=facts)
        if isinstance(verdict, Enter) and self._is_building(enterable):
            verdict = Retry(event.received_at + entry.RETRY_FOR, verdict.seen)
        match verdict:
            case Enter(seen):
                wish = Wish(
                    enterable=enterable, person=person, event=event, at=event.received_at, facts=facts, seen=seen
                )
                self.output.wishes.append(wish)
            case Retry(until):
                person.retries.append(_retry(enterable, event, until))
            case Refused():
                self.output.rejections.append(
                    Rejection(enterable=enterable, person=person, event=event, at=event.received_at, why=verdict)
                )

    def _enters(self, enterable: Enterable, person: Person, retry: FilterRetry, at: datetime) -> bool:
        event = Event(
            id=retry.event_id,
            kind=enterable.campaign.trigger.kind,
            name=retry.event_name,
            data=retry.trigger_data,
            occurred_at=retry.event_at,
            received_at=retry.received_at,
        )
        facts = self.facts(person, event.data, at=at)
        if self._is_building(enterable) or not enterable.campaign.filters_hold(facts):
            return False
        filters = enterable.campaign.filters
        wish = Wish(
            enterable=enterable,
            person=person,
            event=event,
            at=at,
            facts=facts,
            seen={} if filters is None else {"filters": explain(filters, facts)},
            retry_id=retry.id or None,
        )
        self.output.wishes.append(wish)
        return True

    def _is_building(self, enterable: Enterable) -> bool:
        """Whether nobody may enter yet, because not all members of one of the filters' segments are known (3.05)."""
        return not self.catalog.building.isdisjoint(enterable.filter_segments)


def _retry(enterable: Enterable, event: Event, until: datetime) -> FilterRetry:
    """Return a retry that is not stored yet: its own id and that of the person are filled in when it is."""
    return FilterRetry(
        id=0,
        campaign_id=enterable.id,
        person_id=0,
        occurrence=ids.event_occurrence(event.id),
        event_id=event.id,
        event_name=event.name,
        event_at=event.occurred_at,
        trigger_data=dict(event.data),
        received_at=event.received_at,
        expires_at=until,
    )
