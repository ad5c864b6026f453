"""Which messages must arrive, worked out from what was told and not from what Sojourn did with it.

A second, much simpler reading of the campaigns in `examples/`, so that a demo that passes has shown something. All is
told before the first delay of a minute ends, so whatever a delayed message depends on is as it was last told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.demo_story import Told


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
    events: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def bought_after(self, place: int) -> bool:
        return any(name == "purchase" for name, _ in self.events[place:])


def expected(told: Iterable[Told]) -> set[Message]:
    """Return every message that has to arrive, and no other may."""
    people: dict[str, _Person] = {}
    for one in told:
        person = people.setdefault(one.person, _Person())
        if one.event:
            person.events.append((one.event, one.data))
        else:
            person.attributes |= one.data
    return {
        Message(key, data.get("recipient", person.attributes["email"]), campaign, block)
        for key, person in people.items()
        for place, (name, data) in enumerate(person.events)
        for campaign, block in _messages(person, place, name, data)
    }


def _messages(person: _Person, place: int, name: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if name == "order_completed":
        yield "receipt", "receipt"
    if person.attributes.get("unsubscribed"):
        return
    plan = person.attributes.get("plan")
    if name == "signed_up":
        yield "welcome", "welcome"
        if plan == "trial":
            yield "welcome", "trial-tour"
    elif name == "cart_updated" and plan not in {"pro", "team"} and not person.bought_after(place):
        if data["total"] >= 20 and any(item["category"] in {"socks", "shoes"} for item in data["items"]):
            yield "cart-reminder", "nudge"
    elif name == "survey_answered":
        if data["score"] > 6:
            yield "survey", "thanks"
        elif "comment" in data:
            yield "survey", "sorry"
