"""Under a fixed interval a person who still matches enters again, and somebody must remember when (behaviour 2.04)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.entry import Refusal
from engine.frequency import Interval
from intake.outcomes import Rejection, Wish
from storage import schedules
from storage.database import Connection
from storage.schedules import Reentry


async def schedule(
    connection: Connection, wishes: Sequence[Wish], admitted: Sequence[Wish], held_back: Sequence[Rejection]
) -> None:
    """Write when those who entered, and those who came too early, enter again.

    The interval counts from the previous entry; while that journey is still running, it is its end that counts (2.05).
    """
    again = {(wish.enterable.id, wish.person_id) for wish in wishes if wish.is_again}
    planned: dict[tuple[int, int], Reentry] = {}
    for rejection in held_back:
        frequency = rejection.enterable.campaign.frequency
        if not isinstance(frequency, Interval) or rejection.person is None:
            continue
        place = (rejection.enterable.id, rejection.person.id)
        if rejection.why.reason is Refusal.ALREADY_INSIDE and place in again:
            planned[place] = Reentry(campaign_id=place[0], person_id=place[1], due_at=None)
        elif rejection.last_entered_at is not None:
            due_at = rejection.last_entered_at + frequency.every
            planned[place] = Reentry(campaign_id=place[0], person_id=place[1], due_at=due_at)
    for wish in admitted:
        frequency = wish.enterable.campaign.frequency
        if isinstance(frequency, Interval):
            place = (wish.enterable.id, wish.person_id)
            planned[place] = Reentry(campaign_id=place[0], person_id=place[1], due_at=wish.at + frequency.every)
    if planned:
        await schedules.keep_reentries(connection, list(planned.values()))
