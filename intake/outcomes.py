"""What the inputs of a batch come to, before anything of it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from engine.conditions import Facts
from engine.entry import Event, Occurrence, Refused
from intake.catalog import Enterable
from intake.people import Identifier, Person
from storage.devices import Device
from storage.filter_retries import FilterRetry

Cause = Literal["change", "interval", "start", "loading"]
"""What makes somebody enter: a change of theirs; that their interval is over (behaviour 2.04); or that they match when
the campaign is started for those who do (12.05), seen to begin before it or found matching afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wish:
    """An entry that everything but frequency allows. `facts` is the person at that moment."""

    enterable: Enterable
    person: Person | None
    """None in a data campaign, whose journeys are nobody's."""
    occurrence: Occurrence
    at: datetime
    facts: Facts
    seen: Mapping[str, Any]
    retry_id: int | None = None
    """The stored retry that ends with this: its workflow is there already and only has to look."""
    entered_as: int | None = None
    """Whose it was when it began to wait, if they were merged into this person since (behaviour 17.14)."""
    by: Cause = "change"

    @property
    def entrant(self) -> int:
        """Whom the workflow is called after."""
        return self.entered_as or self.person_id

    @property
    def person_id(self) -> int:
        """The person; 0 is nobody."""
        return self.person.id if self.person else 0

    @property
    def is_current(self) -> bool:
        """Whether the campaign was started for those who matched already: nobody who entered since then (12.08)."""
        return self.by in ("start", "loading")

    @property
    def is_one_at_a_time(self) -> bool:
        """Whether an earlier entry of the person may be in the way: one that runs, or one for the same date."""
        return self.person is not None and self.retry_id is None and self.occurrence.event_id is None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rejection:
    """An entry that is refused for good."""

    enterable: Enterable
    person: Person | None
    occurrence: Occurrence
    at: datetime
    why: Refused
    last_entered_at: datetime | None = None
    """Of an entry that frequency holds back: the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Match:
    """A person began or stopped to match the trigger and filters of a condition campaign (behaviour 10.50)."""

    enterable: Enterable
    person: Person
    at: datetime
    is_matching: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Postponed:
    """A person began to match a condition campaign while one of its segments is built (behaviour 3.05)."""

    enterable: Enterable
    person: Person
    at: datetime
    depth: int = 0
    """How many campaigns the match came through (behaviour 6.50)."""
    is_again: bool = False
    """Their interval is over (behaviour 2.04): whoever is still inside enters when their journey ends."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stop:
    """A person stopped matching a condition campaign under `every_match`, running or not (behaviour 13.09)."""

    enterable: Enterable
    person: Person
    after: int
    """How many of the wishes came before it."""


@dataclass(slots=True, kw_only=True, eq=False)
class Output:
    """What the inputs applied so far come to, in their order."""

    events: list[tuple[Person | None, str | None, Event]] = field(default_factory=list)
    """Person, or anonymous id, and what happened."""
    strays: dict[str, list[Event]] = field(default_factory=dict)
    """Anonymous id, to what happened and is nobody's so far (behaviour 1.41)."""
    attached: list[tuple[Person, Event]] = field(default_factory=list)
    """Events that are stored and belong to somebody now."""
    wishes: list[Wish] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    ignored: list[tuple[int, Occurrence]] = field(default_factory=list)
    """Calls of a webhook whose campaign is not running any more: campaign and call (behaviour 1.98)."""
    postponed: list[Postponed] = field(default_factory=list)
    reentered: list[tuple[int, Person]] = field(default_factory=list)
    """Whose re-entry was due, and is decided: campaign and person."""
    undated: list[tuple[int, Person]] = field(default_factory=list)
    """Dates that came for campaigns that are not running: campaign and person."""
    matches: list[Match] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    beginnings: list[tuple[Enterable, Person, datetime]] = field(default_factory=list)
    """Condition campaigns that begin at an instant which a person has changed (behaviour 1.19)."""
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
