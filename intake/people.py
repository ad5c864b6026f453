"""Several inputs of one batch may be about one person under different names, and must meet one and the same person.

So a batch works on copies, found by whatever identifier an input names, each as the earlier inputs have left it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from engine import dates
from engine.conditions import Question
from engine.dates import Fire
from engine.instants import parse_instant
from engine.tallies import Tally
from engine.triggers import DateTrigger
from storage.filter_retries import FilterRetry
from storage.people import PersonRow, email_key

Identifier = Literal["id", "email", "cio_id", "anonymous_id"]

_FIELDS: Final[dict[Identifier, str]] = {
    "id": "external_id",
    "email": "email",
    "cio_id": "cio_id",
    "anonymous_id": "anonymous_id",
}
_NOWHERE: Final[frozenset[str]] = frozenset()


@dataclass(slots=True, kw_only=True, eq=False)
class Person:
    """A person as they are after the inputs applied so far.

    `attributes`, `segments`, `tallies` and `devices` are replaced, never changed in place: whoever has read them keeps
    what they saw.
    """

    id: int
    """0 until the person is written for the first time."""
    cio_id: str
    external_id: str | None = None
    email: str | None = None
    anonymous_id: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    attribute_times: dict[str, float] = field(default_factory=dict)
    created_at: datetime
    first_event_at: datetime | None = None
    identified_at: datetime | None = None
    """When they got their anonymous id: anonymous events still find them for a while (behaviour 1.41)."""
    tallies: Mapping[Question, Tally] = field(default_factory=dict)
    """How often they did what segments ask about."""
    tallied: int = 0
    """The last event question that their stored events were counted for."""
    devices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Token to the device as conditions see it; only filled if a segment asks about devices."""
    segments: frozenset[str] = _NOWHERE
    """Keys of the segments that the person is in, those being built included."""
    segments_stored: frozenset[str] = _NOWHERE
    """The same as the record has it; the very same object as long as nothing has changed."""
    joined_at: dict[str, datetime] = field(default_factory=dict)
    """When they joined segments in which the record does not have them."""
    retries: list[FilterRetry] = field(default_factory=list)
    """Events that wait for their filters."""
    rechecks: dict[int, datetime | None] = field(default_factory=dict)
    """Segment to the instant at which it may change by time alone, of those that were looked at."""
    recounted: set[Question] = field(default_factory=set)
    """Questions whose tally is not written yet."""
    fires: dict[int, Fire | None] = field(default_factory=dict)
    """Date campaign to the next date, of those that were computed and are not written yet."""
    is_noted: bool = False
    """Whether `first_event_at`, `identified_at` or `tallied` changed."""
    is_touched: bool = False
    """Whether an input of this batch was about the person and is not written yet."""
    is_overdue: bool = False
    """Whether something that time alone brings about was due when the person was loaded."""
    is_asked: bool = False
    """Whether a new person has met every segment once."""
    is_changed: bool = False
    has_lost_identifier: bool = False
    _view: dict[str, Any] | None = None

    def get(self, kind: Identifier) -> str | None:
        """Return an identifier."""
        value: str | None = getattr(self, _FIELDS[kind])
        return value

    def view(self) -> dict[str, Any]:
        """Return the attributes as conditions see them, with `id` and `email`. Later changes do not reach it."""
        if self._view is None:
            identifiers = {"id": self.external_id, "email": self.email}
            self._view = self.attributes | {name: value for name, value in identifiers.items() if value is not None}
        return self._view

    def known_since(self) -> datetime:
        """Return the earlier of the person's creation, here or in the caller's system, and their earliest event."""
        instants = (self.created_at, self.first_event_at, parse_instant(self.attributes.get("created_at")))
        return min(instant for instant in instants if instant is not None)

    def next_fire(self, trigger: DateTrigger, *, after: datetime) -> Fire | None:
        """Return their next date after an instant; None if there is none."""
        found = dates.next_fire(trigger, self.view(), after=after)
        return found if isinstance(found, Fire) else None

    def count(self, question: Question, tally: Tally) -> None:
        """Replace one tally."""
        self.tallies = {**self.tallies, question: tally}
        self.recounted.add(question)

    def set_attributes(self, attributes: dict[str, Any], times: dict[str, float]) -> None:
        """Replace the attributes."""
        self.attributes, self.attribute_times = attributes, times
        self.is_changed = True
        self._view = None


class People:
    """The people of one batch, by every identifier they have."""

    def __init__(self, rows: Iterable[PersonRow], *, tallied: int = 0) -> None:
        """`tallied` is the last event question: somebody new has done nothing yet, so they are counted for all."""
        self._tallied = tallied
        self.all: list[Person] = []
        self._owners: dict[Identifier, dict[str, Person]] = {"id": {}, "email": {}, "cio_id": {}, "anonymous_id": {}}
        for row in rows:
            self._register(
                Person(
                    id=row.id,
                    cio_id=row.cio_id,
                    external_id=row.external_id,
                    email=row.email,
                    anonymous_id=row.anonymous_id,
                    attributes=row.attributes,
                    attribute_times=row.attribute_times,
                    created_at=row.created_at,
                    first_event_at=row.first_event_at,
                    identified_at=row.identified_at,
                    tallied=row.tallied,
                )
            )

    def find(self, kind: Identifier, value: str) -> Person | None:
        """Return who has this identifier."""
        return self._owners[kind].get(folded(kind, value))

    def create(self, kind: Identifier, value: str, *, at: datetime) -> Person:
        """Return a person of whom we know since an instant, with this identifier, which nobody else has."""
        person = Person(id=0, cio_id=secrets.token_hex(10), created_at=at, tallied=self._tallied)
        setattr(person, _FIELDS[kind], value)
        self._register(person)
        return person

    def assign(self, person: Person, kind: Identifier, value: str | None) -> None:
        """Give a person an identifier that nobody else has, in place of the one they had; None takes it away."""
        before = person.get(kind)
        if before is not None:
            del self._owners[kind][folded(kind, before)]
            person.has_lost_identifier = True
        setattr(person, _FIELDS[kind], value)
        if value is not None:
            self._owners[kind][folded(kind, value)] = person
        person.is_changed = True
        person._view = None  # noqa: SLF001 - the registry changes its people

    def forget(self, person: Person) -> None:
        """Let go of a person who is to be deleted: their identifiers are free again."""
        self.all.remove(person)
        for kind, owners in self._owners.items():
            value = person.get(kind)
            if value is not None:
                del owners[folded(kind, value)]

    def _register(self, person: Person) -> None:
        self.all.append(person)
        owners = self._owners
        owners["cio_id"][person.cio_id] = person
        if person.external_id is not None:
            owners["id"][person.external_id] = person
        if person.email is not None:
            owners["email"][email_key(person.email)] = person
        if person.anonymous_id is not None:
            owners["anonymous_id"][person.anonymous_id] = person


def folded(kind: Identifier, value: str) -> str:
    """Return the form in which an identifier is compared."""
    return email_key(value) if kind == "email" else value


def named(who: Mapping[str, str]) -> tuple[Identifier, str]:
    """Return kind and value of the one identifier in an input's `who`."""
    ((kind, value),) = who.items()
    if kind not in ("id", "email", "cio_id"):
        raise ValueError(f"A person is not named by {kind!r}.")
    return kind, value  # type: ignore[return-value]  # the line above knows it
