"""Whoever may enter by a campaign's rules still has to be let in by its frequency.

That is decided where two intakes cannot both say yes: in the rows of the entry history (behaviour 2.25).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine import entry
from engine.frequency import EveryTime, OncePer
from intake.batch import Rejection, Wish
from storage import entries
from storage.database import Connection
from storage.entries import Claim


async def admit(connection: Connection, wishes: Sequence[Wish]) -> tuple[list[Wish], list[Rejection]]:
    """Return who enters, in the order of their wishes, and who is held back.

    Of several wishes of one person for one campaign, each is decided after the one before it, by one row.
    """
    entered: set[Wish] = set()
    held_back: list[Rejection] = []
    queues: dict[tuple[int, int], list[Wish]] = {}
    for wish in wishes:
        queues.setdefault((wish.enterable.id, wish.person.id), []).append(wish)
    while queues:
        verdicts = await entries.claim(connection, [_claim(queue) for queue in queues.values()])
        for queue, verdict in zip(queues.values(), verdicts, strict=True):
            frequency = queue[0].enterable.campaign.frequency
            decided = queue if isinstance(frequency, EveryTime) else queue[:1]
            last = queue[0].at if verdict.is_entered else verdict.last_entered_at
            if verdict.is_entered:
                entered.update(decided)
            else:
                held_back.append(_held_back(queue[0], last))
            rest = queue[len(decided) :]
            held_back += [_held_back(wish, last) for wish in rest if not frequency.allows(last, wish.at)]
            queue[:] = [wish for wish in rest if frequency.allows(last, wish.at)]
        queues = {key: queue for key, queue in queues.items() if queue}
    return [wish for wish in wishes if wish in entered], held_back


def _claim(queue: Sequence[Wish]) -> Claim:
    wish, frequency = queue[0], queue[0].enterable.campaign.frequency
    is_limited = not isinstance(frequency, EveryTime)
    return Claim(
        campaign_id=wish.enterable.id,
        person_id=wish.person.id,
        at=wish.at if is_limited else max(one.at for one in queue),
        is_limited=is_limited,
        allowed_until=wish.at - frequency.period if isinstance(frequency, OncePer) else None,
        entries=1 if is_limited else len(queue),
    )


def _held_back(wish: Wish, last_entered_at: datetime | None) -> Rejection:
    assert last_entered_at is not None  # who never entered is never held back
    why = entry.refused_by_frequency(wish.enterable.campaign, last_entered_at)
    return Rejection(enterable=wish.enterable, person=wish.person, event=wish.event, at=wish.at, why=why)
