"""Whoever names what there is not has mistyped it, or does not know where names are read: the answer says where."""

from __future__ import annotations

from engine.errors import NotFound


def campaign(key: str) -> NotFound:
    """Return that no campaign has the key."""
    return NotFound(f'There is no campaign "{key}".', "Take the key from the list of campaigns.", place="key")


def segment(key: str) -> NotFound:
    """Return that no segment has the key."""
    return NotFound(f'There is no segment "{key}".', "Take the key from the list of segments.", place="key")


def person(identifier: str) -> NotFound:
    """Return that nobody has the identifier."""
    remedy = "Give an id, an email or cio_… that somebody was identified by."
    return NotFound(f'There is no person "{identifier}".', remedy, place="identifier")


def person_any_more() -> NotFound:
    """Return that the person was deleted while they were being asked about."""
    return NotFound("There is no such person any more.", "They were deleted a moment ago: leave them.", place="person")


def journey(number: int) -> NotFound:
    """Return that no journey has the number, and nothing that waits for its filters."""
    return NotFound(f"There is no journey {number}.", "Take the number from a list of journeys.", place="journey")


def delivery(public_id: str) -> NotFound:
    """Return that no delivery has the id."""
    return NotFound(f'There is no delivery "{public_id}".', "Take the id from a list of deliveries.", place="delivery")


def event(number: int) -> NotFound:
    """Return that no event has the number, or none any more."""
    remedy = "Take the number from the list of recent events; old ones may be gone by the retention."
    return NotFound(f"There is no event {number}.", remedy, place="event")


def form(form_id: str) -> NotFound:
    """Return that nobody has submitted the form."""
    return NotFound(f'There is no form "{form_id}".', "The first submission makes it known.", place="form_id")
