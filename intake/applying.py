"""What each kind of input does to the people of a batch. One function per kind; adding a kind is adding one here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from engine.entry import Event
from engine.errors import InputError
from engine.instants import EPOCH
from intake.attaching import follows, identify
from intake.batch import Batch
from intake.calls import call
from intake.forms import submit
from intake.identity import wishes
from intake.membership import change_members, members_named
from intake.people import Identifier, Person, named
from storage.devices import Device
from storage.inbox import Input
from storage.suppressions import fingerprint

_IDENTIFIERS: Final[tuple[Identifier, ...]] = ("id", "email")
_NAMES: Final[tuple[Identifier, ...]] = ("id", "email", "cio_id")


def apply(batch: Batch, item: Input) -> None:
    """Apply one input.

    Raises InputError for a kind that is not known; anything else that is raised is the input's fault as well.
    """
    kind = _KINDS.get(item.kind)
    if kind is None:
        raise InputError("kind", f"There is no input of kind {item.kind!r}.", "Run one release.")
    kind(batch, item)


def _identify(batch: Batch, item: Input) -> None:
    who = named(item.payload["who"])
    if batch.is_blocked(who):
        return
    identify(batch, who, item.payload["attributes"], at=item.received_at)


def _event(batch: Batch, item: Input) -> None:
    who = named(item.payload["who"])
    if batch.is_blocked(who) or batch.is_repeated(item):
        return
    person = batch.find_or_create(who)
    if person is not None:
        batch.happen(person, event_of(item))


def _anonymous_event(batch: Batch, item: Input) -> None:
    if batch.is_repeated(item):
        return
    anonymous_id = item.payload.get("anonymous_id")
    person = follows(batch, anonymous_id, at=item.received_at)
    if person is not None:
        batch.happen(person, event_of(item))
    elif anonymous_id is not None:
        batch.output.strays.setdefault(anonymous_id, []).append(event_of(item))
    else:  # an invitation, which is nobody's for good
        batch.output.events.append((None, None, event_of(item)))


def _device(batch: Batch, item: Input) -> None:
    who = named(item.payload["who"])
    person = None if batch.is_blocked(who) else batch.find_or_create(who)
    if person is None:
        return
    sent = item.payload["device"]
    before = batch.output.devices.get((person, sent["id"]))
    device = Device(
        person_id=0,
        token=sent["id"],
        platform=sent["platform"],
        last_used=_instant(sent.get("last_used"), item.received_at),
        attributes=(before.attributes if before else {}) | (sent.get("attributes") or {}),
    )
    batch.output.devices[person, device.token] = device
    known = person.devices.get(device.token, {})
    batch.equip(person, {**person.devices, device.token: {**known, **device.seen()}}, at=item.received_at)


def _device_delete(batch: Batch, item: Input) -> None:
    person = batch.people.find(*named(item.payload["who"]))
    if person is not None:
        device = (person, item.payload["device"])
        batch.output.devices.pop(device, None)
        batch.output.deleted_devices.add(device)
        kept = {token: one for token, one in person.devices.items() if token != item.payload["device"]}
        batch.equip(person, kept, at=item.received_at)


def _delete(batch: Batch, item: Input) -> None:
    who = named(item.payload["who"])
    person = batch.people.find(*who)
    batch.output.forgotten.add(who)
    if person is not None:
        _erase(batch, person)


def _suppress(batch: Batch, item: Input) -> None:
    who = named(item.payload["who"])
    person = batch.people.find(*who)
    batch.output.forgotten.add(who)
    identifiers = [who] if person is None else [(kind, person.get(kind)) for kind in _IDENTIFIERS]
    for kind, value in identifiers:
        if value is not None and kind in ("id", "email"):
            batch.blocked.add(fingerprint(kind, value))
            batch.output.blocked[fingerprint(kind, value)] = person.id if person else None
    if person is not None:
        _erase(batch, person)


def _erase(batch: Batch, person: Person) -> None:
    batch.people.forget(person)
    batch.output.erased.append(person)
    named_by = ((kind, person.get(kind)) for kind in _NAMES)
    batch.output.forgotten |= {(kind, value) for kind, value in named_by if value is not None}


def event_of(item: Input) -> Event:
    """Return the event that an input of kind `event` or `anonymous_event` tells of."""
    payload = item.payload
    return Event(
        id=item.id,
        kind=payload["type"],
        name=payload["name"],
        data=payload["data"],
        occurred_at=_instant(payload.get("timestamp"), item.received_at),
        received_at=item.received_at,
        depth=payload.get("depth", 0),
    )


def _instant(seconds: float | None, otherwise: datetime) -> datetime:
    return otherwise if seconds is None else EPOCH + timedelta(seconds=seconds)


def mentions(item: Input) -> list[tuple[Identifier, str]]:
    """Return every identifier that an input names: whoever has one must be locked before it is applied."""
    who = item.payload.get("who")
    found = [named(who)] if who else []
    match item.kind:
        case "identify" | "form":
            found += [(kind, value) for kind, value in wishes(item.payload["attributes"]).items() if value is not None]
        case "anonymous_event":
            anonymous_id = item.payload.get("anonymous_id")
            found += [] if anonymous_id is None else [("anonymous_id", anonymous_id)]
        case "members":
            found += members_named(item)
        case "merge":
            found += [named(item.payload["primary"]), named(item.payload["secondary"])]
    return found


_KINDS: Final[Mapping[str, Callable[[Batch, Input], None]]] = {
    "identify": _identify,
    "delete": _delete,
    "suppress": _suppress,
    "device": _device,
    "device_delete": _device_delete,
    "event": _event,
    "anonymous_event": _anonymous_event,
    "form": submit,
    "members": change_members,
    "webhook": call,
}
