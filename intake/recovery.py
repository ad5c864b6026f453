"""Temporal may lose what it holds, a disk or a namespace; the record then starts every open journey where it stands.

Starting a workflow that is there is refused by its id, and one that has come to its end too, so too much of this does
no harm. What somebody terminated starts again: it is the record that says who is inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from engine import ids, names
from engine.instants import EPOCH
from engine.moves import JourneyStart
from intake.redelivering import redelivery
from storage import deliveries, journeys, outbox
from storage.database import Connection
from storage.journeys import OpenJourney
from storage.outbox import Message

PAGE: Final = 500

OVERDUE_AFTER: Final = timedelta(minutes=10)
"""A wait that should have ended so long ago has no workflow, or one that is late, which another start leaves alone."""

STUCK_AFTER: Final = timedelta(minutes=15)
"""Longer than our own pauses between two tries of a message: what has not moved for so long has no workflow either."""

UNTAKEN_AFTER: Final = timedelta(hours=2)
"""Likewise of a webhook, which is tried at least every hour unless its receiver asks for more."""


def workflow_id(journey: OpenJourney) -> str:
    """Return the name of a journey's workflow."""
    return ids.journey_workflow(journey.workspace_id, journey.campaign_id, journey.entrant, journey.occurrence)


def start_of(journey: OpenJourney, *, now: datetime) -> Message:
    """Return the start of a journey at the move that was decided last."""
    stands = {"journey": journey.id, "turn": journey.turn, "first": journey.move, "ending": journey.ending}
    start = JourneyStart.model_validate({**stands, "at": now})
    return outbox.start(
        workflow_id(journey),
        names.JOURNEY,
        start.model_dump(mode="json"),
        search={
            names.CAMPAIGN_KEY: journey.campaign_key,
            names.CAMPAIGN_ID: str(journey.campaign_id),
            names.PERSON_KEY: str(journey.person_id),
            names.WORKSPACE_ID: str(journey.workspace_id),
        },
        summary=f'Person {journey.person_id} in campaign "{journey.campaign_name}"',
    )


async def requeue(connection: Connection, *, after: int = 0, now: datetime) -> tuple[int, int]:
    """Ask for the start of the next page of open journeys; return how many, and the id to go on after.

    For `sojourn journeys recover`, after Temporal's data is gone: call until it returns none.
    """
    page = await journeys.open_journeys(connection, after=after, limit=PAGE)
    await _ask(connection, page, now=now)
    return len(page), page[-1].id if page else after


async def requeue_untaken(connection: Connection, *, after: int = 0, now: datetime) -> tuple[int, int]:
    """Ask for the further attempts of the next page of webhooks that nobody took yet, in the same way."""
    page = await deliveries.untaken(connection, before=now, after=after, limit=PAGE)
    await outbox.add(connection, [redelivery(one, due=now) for one in page], now=now)
    return len(page), page[-1].id if page else after


class Sweep:
    """Looks for journeys that should have gone on long ago, a page at a time, by index."""

    def __init__(self) -> None:
        self._after = (EPOCH, 0)
        self._stuck_after = 0
        self._untaken_after = 0

    async def look(self, connection: Connection, *, now: datetime) -> int:
        """Ask for the start of some that are late; return how many. Begins anew when it has come round."""
        found = await self._look_at_overdue(connection, now) + await self._look_at_stuck(connection, now)
        return found + await self._look_at_untaken(connection, now)

    async def _look_at_overdue(self, connection: Connection, now: datetime) -> int:
        page = await journeys.overdue(connection, before=now - OVERDUE_AFTER, after=self._after, limit=PAGE)
        await _ask(connection, page, now=now)
        last = page[-1] if len(page) == PAGE else None
        self._after = (last.due_at or EPOCH, last.id) if last else (EPOCH, 0)
        return len(page)

    async def _look_at_stuck(self, connection: Connection, now: datetime) -> int:
        page = await journeys.stuck(connection, before=now - STUCK_AFTER, after=self._stuck_after, limit=PAGE)
        await _ask(connection, page, now=now)
        self._stuck_after = page[-1].id if len(page) == PAGE else 0
        return len(page)

    async def _look_at_untaken(self, connection: Connection, now: datetime) -> int:
        page = await deliveries.untaken(connection, before=now - UNTAKEN_AFTER, after=self._untaken_after, limit=PAGE)
        await outbox.add(connection, [redelivery(one, due=now) for one in page], now=now)
        self._untaken_after = page[-1].id if len(page) == PAGE else 0
        return len(page)


async def _ask(connection: Connection, page: Sequence[OpenJourney], *, now: datetime) -> None:
    await outbox.add(connection, [start_of(journey, now=now) for journey in page], now=now)
