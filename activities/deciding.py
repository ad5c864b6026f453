"""What comes next, and may this message go? Asked by a journey before everything it does, answered from the record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from temporalio import activity

from activities.instants import at_this_attempt
from activities.outcomes import NOT_DUE
from activities.recording import record, recorded, repeats, standing
from activities.situations import Situations, exit_reason
from engine import journeys, names
from engine.moves import Ask, Go, Leave, Move, Verdict, Wait
from intake.last_look import last_look
from intake.processor import Processor
from storage import deliveries, filter_retries, inbox, interventions
from storage import journeys as records
from storage.database import Connection, Pool

NOT_ENTERED: Final = "not_entered"
"""What a workflow returns that waited for filters and became no journey (behaviour 9.03); the refusal says why."""

_PATIENCE: Final = timedelta(minutes=1)
"""Between two looks whether intake has caught up. Who matches enters when it does; only a refusal waits for this."""


class Deciding:
    """The `next_move` and `check_exit` activities."""

    def __init__(self, pool: Pool, situations: Situations, processor: Processor) -> None:
        self._pool = pool
        self._situations = situations
        self._processor = processor

    @activity.defn(name=names.NEXT_MOVE)
    async def next_move(self, ask: Ask) -> Move:
        """Decide the next move after a wait or a wake-up. Asked twice, it answers twice the same."""
        now = at_this_attempt(ask.now)
        async with self._pool.acquire() as connection, connection.transaction():
            row = await records.hold(connection, ask.journey)
            if row is not None:
                if (answer := recorded(row, ask)) is not None:
                    return answer
                decision = journeys.next_move(await self._situations.of(connection, row, ask, now))
                if row.delivery_state == "attempted" and decision.state != "exited" and decision.block != row.block:
                    # It was put off, and what it was put off for left no need of it. Whatever exits is told so anyway.
                    await deliveries.give_up(connection, row.delivery_id or 0, "undeliverable", NOT_DUE, now=now)
                return repeats(row, decision) or await record(connection, row, decision, now=now)
        return await self._wait_for_filters(ask, now)

    @activity.defn(name=names.CHECK_EXIT)
    async def check_exit(self, ask: Ask) -> Verdict:
        """Look whether the exit condition is met. A message that may go costs one read and writes nothing."""
        now = at_this_attempt(ask.now)
        async with self._pool.acquire() as connection:
            row = await records.look(connection, ask.journey)
            assert row is not None  # a message is only due in a journey that was entered
            if (answer := recorded(row, ask)) is not None:
                return answer
            if journeys.check_exit(await self._situations.of(connection, row, ask, now)) is None:
                return Go()
            async with connection.transaction():
                held = await records.hold(connection, ask.journey)
                assert held is not None
                if (answer := recorded(held, ask)) is not None:
                    return answer
                decision = journeys.check_exit(await self._situations.of(connection, held, ask, now))
                return Go() if decision is None else await record(connection, held, decision, now=now)

    async def _wait_for_filters(self, ask: Ask, now: datetime) -> Move:
        """Answer for an event that waits for its filters: wait on, or let it be decided for good (behaviour 4.12)."""
        async with self._pool.acquire() as connection, connection.transaction():
            expires_at = await records.retry_expiry(connection, ask.journey)
            if expires_at is not None and ask.ending is not None:
                await self._drop(connection, ask.journey, exit_reason(ask.ending), now)
            elif expires_at is not None and now < expires_at:
                text = f"Waits for the filters to match, until {expires_at:%Y-%m-%d %H:%M:%S} UTC"
                return Wait(turn=0, until=expires_at, text=text)
            elif expires_at is not None and await _is_behind(connection, ask.journey, expires_at):
                text = "Waits until everything is applied that came in while the filters had time to match"
                return Wait(turn=0, until=now + _PATIENCE, text=text)
            elif expires_at is not None:
                await last_look(connection, self._processor, ask.journey, now=now)
            row = await records.look(connection, ask.journey)
            if row is not None:
                return standing(row)
            if expires_at is not None and await records.retry_expiry(connection, ask.journey) is not None:
                # The person was merged into another one while we came to look, and it waits as that one's now.
                return Wait(turn=0, until=now + _PATIENCE, text="Waits until the person it is of now is looked at")
            return Leave(turn=0, reason=NOT_ENTERED, text="The person did not enter; the campaign's refusals say why.")

    async def _drop(self, connection: Connection, retry_id: int, reason: str, now: datetime) -> None:
        owner = await filter_retries.owner(connection, retry_id)
        if owner is not None:
            await interventions.drop_retry(connection, owner[0], retry_id, reason=reason, seen={}, now=now)


async def _is_behind(connection: Connection, retry_id: int, expires_at: datetime) -> bool:
    """Say whether something came in before the filters' time was over and is not applied yet: it may let them match."""
    owner = await filter_retries.owner(connection, retry_id)
    oldest = await inbox.oldest(connection, owner[0]) if owner else None
    return oldest is not None and oldest <= expires_at
