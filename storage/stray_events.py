"""Events of somebody who was not known when they came, until the anonymous id gets a person (behaviour 1.41)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from engine.entry import Event
from storage.database import Connection
from storage.queries import load

_SQL = load("stray_events")


async def of(
    connection: Connection, workspace_id: int, anonymous_ids: Sequence[str], *, since: datetime, limit: int
) -> dict[str, list[Event]]:
    """Return events of these anonymous ids that are nobody's and came since an instant, oldest first.

    Of each id the newest `limit`.
    """
    found: dict[str, list[Event]] = defaultdict(list)
    for row in await connection.fetch(_SQL.of, workspace_id, anonymous_ids, since, limit):
        fields = dict(row)
        found[fields.pop("anonymous_id")].append(Event(**fields))
    return found


async def attach(connection: Connection, owned: Sequence[tuple[int, Event]]) -> None:
    """Write whose stored events are: our internal id of the person, and the event."""
    await connection.execute(
        _SQL.attach,
        [event.id for _, event in owned],
        [event.received_at for _, event in owned],
        [person_id for person_id, _ in owned],
    )
