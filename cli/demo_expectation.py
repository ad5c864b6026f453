"""Which messages must arrive, worked out from what was told and not from what Sojourn did with it.

A second, much simpler reading of the campaigns in `examples/`, so that a demo that passes has shown something. All is
told before the first delay of a minute ends, so whatever a delayed message depends on is as it was last told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from cli.demo_story import LAPSES_AFTER, Told

_PAYING: Final = ("pro", "team")
_SOON: Final = timedelta(minutes=1)  # what time alone brings about while the demo waits


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One email: to whom it belongs, to which address it goes, and which block of which campaign sends it."""

    person: str
    address: str
    campaign: str
    block: str


@dataclass(slots=True)
class _Person:
    attributes: dict[str, Any] = field(default_factory=dict)
    happened: list[Told] = field(default_factory=list)

    def purchases(self, place: int = 0) -> list[Told]:
        """Return the purchases from a place on."""
        return [one for one in self.happened[place:] if one.name == "purchase"]


def expected(told: Iterable[Told], today: date) -> set[Message]:
    """Return every message that has to arrive, and no other may. `today` is the date whose birthdays are greeted."""
    people: dict[str, _Person] = {}
    for one in told:
        person = people.setdefault(one.person, _Person())
        if one.what in ("person", "form"):
            person.attributes |= one.data
        elif one.what == "webhook":
            person.attributes["email"] = one.data["parcel"]["customer_email"]
        if one.what != "person":
            person.happened.append(one)
    return {
        Message(key, address or person.attributes["email"], campaign, block)
        for key, person in people.items()
        for address, campaign, block in (*_by_what_happened(person), *_by_itself(person, today))
    }


def _by_what_happened(person: _Person) -> Iterator[tuple[str | None, str, str]]:
    for place, one in enumerate(person.happened):
        for campaign, block in _messages(person, place, one.name, one.data):
            yield one.data.get("recipient"), campaign, block


def _by_itself(person: _Person, today: date) -> Iterator[tuple[None, str, str]]:
    """Yield what comes of dates and of time that passes."""
    attributes, purchases = person.attributes, person.purchases()
    if attributes.get("unsubscribed") or "plan" not in attributes:
        return
    if attributes.get("birthday", "").endswith(f"{today:-%m-%d}") and "timezone" not in attributes:
        yield None, "birthday", "greeting"
    if purchases and min(one.ago for one in purchases) > LAPSES_AFTER - _SOON and attributes["plan"] not in _PAYING:
        yield None, "win-back", "we-miss-you"


def _messages(person: _Person, place: int, name: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if name == "order_completed":
        yield "receipt", "receipt"
    elif name == "parcel-shipped":
        yield "parcel-on-its-way", "on-its-way"
    if person.attributes.get("unsubscribed"):
        return
    plan = person.attributes.get("plan")
    if name == "signed_up":
        yield "welcome", "welcome"
        if plan == "trial":
            yield "welcome", "trial-tour"
    elif name == "cart_updated" and plan not in _PAYING and not person.purchases(place):
        if data["total"] >= 20 and any(item["category"] in {"socks", "shoes"} for item in data["items"]):
            yield "cart-reminder", "nudge"
    elif name == "newsletter":
        yield "newsletter", "confirmation"
    elif name == "survey_answered":
        if data["score"] > 6:
            yield "survey", "thanks"
        elif "comment" in data:
            yield "survey", "sorry"
