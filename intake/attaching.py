"""People act before they say who they are; once they do, what they did is theirs, and may start something (1.41, 1.42).

An anonymous id finds its events of the last 30 days at the moment somebody gets it. Events that were sent before and
arrive after are theirs for five minutes more; later ones stay nobody's, since the id may be on a shared machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine.entry import Event
from intake.batch import Batch
from intake.identity import Identify, wishes
from intake.people import Identifier, People, Person
from storage import stray_events
from storage.database import Connection
from storage.inbox import Input

KEPT_FOR: Final = timedelta(days=30)
"""How long an event waits for its person."""
FOLLOWS_FOR: Final = timedelta(minutes=5)
"""How long after the identify events still find the person."""
MOST_ATTACHED: Final = 10_000
"""Stored events that one identify attaches, the newest: an id that many share by mistake must not stop everything."""


def identify(
    batch: Batch, who: tuple[Identifier, str], attributes: dict[str, object], *, at: datetime
) -> Person | None:
    """Say something about a person, and give them what they did before they had this anonymous id.

    Returns the person; None if there is nobody to change.
    """
    identify = Identify(batch.people, batch.blocked, at)
    identify.apply(who, attributes)
    person = identify.person
    batch.output.failures += [(person, at, reason, detail) for reason, detail in identify.failures]
    if person is None:
        return None
    batch.settle(person, identify.changed, at=at)
    if "anonymous_id" in identify.changed and person.anonymous_id is not None:
        _attach(batch, person, person.anonymous_id, at=at)
    return person


def follows(batch: Batch, anonymous_id: str | None, *, at: datetime) -> Person | None:
    """Return whose an anonymous event is that arrives now; None if it is nobody's."""
    person = None if anonymous_id is None else batch.people.find("anonymous_id", anonymous_id)
    if person is None or person.identified_at is None or at - person.identified_at > FOLLOWS_FOR:
        return None
    return person


async def strays(
    connection: Connection, workspace_id: int, people: People, inputs: Iterable[Input], *, now: datetime
) -> dict[str, list[Event]]:
    """Return the stored events that are nobody's, by the anonymous ids that inputs are about to give to somebody."""
    asked = {
        wished
        for item in inputs
        if item.kind in ("identify", "form")
        and (wished := wishes(item.payload["attributes"]).get("anonymous_id")) is not None
        and people.find("anonymous_id", wished) is None
    }
    if not asked:
        return {}
    return await stray_events.of(connection, workspace_id, sorted(asked), since=now - KEPT_FOR, limit=MOST_ATTACHED)


def _attach(batch: Batch, person: Person, anonymous_id: str, *, at: datetime) -> None:
    stored, fresh = batch.strays.pop(anonymous_id, ()), batch.output.strays.pop(anonymous_id, ())
    batch.output.attached += [(person, event) for event in stored]
    batch.output.events += [(person, None, event) for event in fresh]
    for event in (*stored, *fresh):
        # It triggers now (behaviour 1.42); the record keeps when we heard of it.
        batch.happen(person, replace(event, received_at=at), is_stored=True)
