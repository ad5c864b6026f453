"""Who is meant, and which of the things said about them may be believed?

Identifiers join people together, so they are guarded: one that is set changes only by way of the `cio_id`, and one that
belongs to somebody else is never taken. What cannot be done is not an error of the caller's: it is recorded as a failed
change, and the rest is applied (api 3.1, 11.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from engine.addresses import valid_address
from intake.people import Identifier, People, Person
from storage.people import email_key
from storage.suppressions import fingerprint

_RESERVED: Final = frozenset({"id", "email", "cio_id", "anonymous_id", "_update", "_timestamp", "cio_relationships"})
_TOPICS: Final = "cio_subscription_preferences"
_TOPIC: Final = "cio_subscription_preferences."
_TRUE: Final = frozenset({"true", "1"})
_LONGEST: Final = 150  # bytes of an identifier (api 2.5)

_WISHES: Final[tuple[Identifier, ...]] = ("id", "email", "anonymous_id")


class Identify:
    """One identify: finds the person, gives them the identifiers they may have, and sets their attributes.

    After `apply`, `changed` holds the names of the attributes that have a new value and `failures` what could not be
    done, as reason and detail. `person` is None if there is nobody to change.
    """

    def __init__(self, people: People, blocked: set[bytes], at: datetime) -> None:
        self._people = people
        self._blocked = blocked
        self._at = at
        self.person: Person | None = None
        self.changed: set[str] = set()
        self.failures: list[tuple[str, dict[str, Any]]] = []

    def apply(self, who: tuple[Identifier, str], attributes: Mapping[str, Any]) -> None:
        """Apply the attributes exactly as sent, reserved keys inside."""
        wished = wishes(attributes)
        refused = [kind for kind in _WISHES if kind in attributes and kind not in wished]
        self.failures += [(f"invalid_{kind}", {kind: attributes[kind]}) for kind in refused]
        if attributes.get("cio_relationships") is not None:
            self.failures.append(("unsupported", {"attribute": "cio_relationships"}))
        self.person = self._find(who, wished, may_create=attributes.get("_update") not in (True, "true"))
        if self.person is not None:
            for kind, value in wished.items():
                self._identify(self.person, kind, value, is_free=who[0] == "cio_id")
            self._set_attributes(self.person, attributes)

    def _find(
        self, who: tuple[Identifier, str], wished: Mapping[Identifier, str | None], *, may_create: bool
    ) -> Person | None:
        kind, value = who
        person = self._people.find(kind, value)
        if person is not None or kind == "cio_id":
            return person
        other: Identifier = "email" if kind == "id" else "id"
        wish = wished.get(other)
        known = self._people.find(other, wish) if wish is not None else None
        if known is not None and known.get(kind) is None:
            self._people.assign(known, kind, value)
            self.changed.add(kind)
            return known
        if not may_create:
            self.failures.append(("unknown_person", {kind: value}))
            return None
        self.changed.add(kind)
        return self._people.create(kind, value, at=self._at)

    def _identify(self, person: Person, kind: Identifier, value: str | None, *, is_free: bool) -> None:
        """Give the person an identifier. `is_free` says that the caller named them by `cio_id` and may change any."""
        current = person.get(kind)
        if current == value:
            return
        if current is not None and not is_free and kind != "anonymous_id" and not _are_same(kind, current, value):
            self.failures.append(("identifier_is_set", {kind: value}))
        elif value is None:
            self._take_away(person, kind)
        elif not _is_possible(kind, value):
            self.failures.append((f"invalid_{kind}", {kind: value}))
        elif self._blocked and kind in ("id", "email") and fingerprint(kind, value) in self._blocked:
            self.failures.append(("suppressed", {"attribute": kind}))  # the value is what we were asked to forget
        elif self._people.find(kind, value) not in (None, person):
            self.failures.append(("identifier_is_taken", {kind: value}))
        else:
            self._people.assign(person, kind, value)
            self.changed.add(kind)

    def _take_away(self, person: Person, kind: Identifier) -> None:
        other: Identifier = "email" if kind == "id" else "id"
        if kind == "anonymous_id":
            return  # an anonymous id belongs to one person for good (api 11.1)
        if person.get(other) is None:
            self.failures.append(("last_identifier", {"attribute": kind}))
            return
        self._people.assign(person, kind, None)
        self.changed.add(kind)

    def _set_attributes(self, person: Person, attributes: Mapping[str, Any]) -> None:
        stamp = attributes.get("_timestamp")  # Unix seconds, by which updates are ordered
        before, times_before = person.attributes, person.attribute_times
        after, times = before, times_before
        for name, sent in attributes.items():
            if name in _RESERVED:
                continue
            if stamp is not None and times.get(name, stamp) > stamp:
                continue
            if stamp is not None or name in times:
                times = {**times, name: self._at.timestamp() if stamp is None else float(stamp)}
            key, value = _settled(name, sent, after)
            if value is None:
                if key in after:
                    after = {other: after[other] for other in after if other != key}
                    self.changed.add(key)
            elif not _equal(after.get(key), value):
                if after is before:
                    after = dict(before)
                after[key] = value
                self.changed.add(key)
        if after is not before or times is not times_before:
            person.set_attributes(after, times)


def wishes(attributes: Mapping[str, Any]) -> dict[Identifier, str | None]:
    """Return the identifiers that an identify asks for, as far as they are text; None is the wish to have none."""
    wished: dict[Identifier, str | None] = {}
    for kind in _WISHES:
        if kind not in attributes:
            continue
        value = str(attributes[kind]) if type(attributes[kind]) is int else attributes[kind]
        if value is None or value == "":
            wished[kind] = None
        elif isinstance(value, str):
            wished[kind] = value
    return wished


def _settled(name: str, value: Any, attributes: Mapping[str, Any]) -> tuple[str, Any]:
    """Return the attribute that is really meant and its value; None takes it away, as an empty text does (api 11.3)."""
    if value is None or value == "":
        value = None
    elif name == "unsubscribed":
        value = value in (True, 1) if not isinstance(value, str) else value.lower() in _TRUE
    if name.startswith(_TOPIC):
        return _TOPICS, _nested(attributes.get(_TOPICS), name.split(".")[1:], value)
    return name, value


def _nested(branch: Any, path: list[str], value: Any) -> Any:
    """Return a copy of a nested object with one value inside set, or taken away if it is None."""
    inner = dict(branch) if isinstance(branch, dict) else {}
    first, *rest = path
    changed = _nested(inner.get(first), rest, value) if rest else value
    if changed is None:
        inner.pop(first, None)
    else:
        inner[first] = changed
    return inner


def _equal(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same value; Python alone holds 1, 1.0 and true for equal."""
    if type(one) is not type(other):
        return False
    return orjson.dumps(one) == orjson.dumps(other) if isinstance(one, dict | list) else bool(one == other)


def _is_possible(kind: Identifier, value: str) -> bool:
    if kind == "email" and ("<" in value or not valid_address(value)):
        return False
    return len(value.encode()) <= _LONGEST


def _are_same(kind: Identifier, one: str, other: str | None) -> bool:
    return kind == "email" and other is not None and email_key(one) == email_key(other)
