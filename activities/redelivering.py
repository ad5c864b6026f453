"""A webhook that its receiver did not take is tried again while its journey goes on (behaviour 6.41, 6.42).

It goes exactly as it was made. Whoever ends the journey by hand, or with its campaign, ends this too: nothing is sent
any more. A journey that has finished, or exits by its own rules, does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from temporalio import activity

from activities import messages
from activities.answers import keep_answer
from activities.errors import worker_stops
from activities.handing_over import Outcome, hand_over, to_the_end
from activities.instants import at_this_attempt
from activities.outcomes import CUT_OFF, GIVE_UP_AFTER, next_attempt, note_of
from activities.patience import patiently
from activities.recording import ENDED, lines
from activities.situations import ORDERED, Situations, begun_arm, is_forced_out
from channels.channel import Channel
from engine import ids, names
from engine.decisions import Note
from engine.moves import Redelivered, RedeliveryAsk
from engine.steps import MessageStep
from intake.processor import Processor
from runtime import metrics
from storage import deliveries, journeys
from storage.database import Connection, Pool
from storage.deliveries import ClaimAgain
from storage.journeys import JourneyRow

GONE: Final = "gone"
"""Answer for a delivery that does not exist any more."""


class Redelivering:
    """The `redeliver` activity."""

    def __init__(
        self, pool: Pool, situations: Situations, processor: Processor, channels: Mapping[str, Channel[Any]]
    ) -> None:
        self._pool = pool
        self._situations = situations
        self._processor = processor
        self._channels = channels

    @activity.defn(name=names.REDELIVER)
    async def redeliver(self, ask: RedeliveryAsk) -> Redelivered:
        """Hand a message over once more, unless something speaks against it; say when it is tried again."""
        return await to_the_end(self._redeliver(ask, at_this_attempt(ask.now)))

    async def _redeliver(self, ask: RedeliveryAsk, now: datetime) -> Redelivered:
        if activity.is_worker_shutdown():
            raise worker_stops()
        key = ids.delivery_key(ask.journey, ask.block)
        async with self._pool.acquire() as connection, connection.transaction():
            claim = await self._take(connection, ask, key, now)
        if isinstance(claim, str):
            return Redelivered(state=claim)
        message = messages.to_send(claim.channel, key, claim.content, now=now)
        outcome = await hand_over(self._channels[claim.channel], message)
        state = _state(outcome, ask, now)
        await patiently(claim.id, lambda: self._settle(ask, claim, outcome, state, now))
        metrics.tried(claim.channel, state)
        if state != "attempted":
            return Redelivered(state=state)
        return Redelivered(state=state, due=next_attempt(claim.attempts, outcome.after, since=ask.since, now=now))

    async def _take(self, connection: Connection, ask: RedeliveryAsk, key: str, now: datetime) -> ClaimAgain | str:
        """Take the message in hand; or return the state it is left in."""
        row = await journeys.hold(connection, ask.journey, key)
        if row is None or row.delivery_id is None:
            return GONE
        if row.delivery_state not in ("attempted", "handing_over"):
            return row.delivery_state or GONE
        why = _over(row)
        if row.delivery_state == "handing_over":  # an earlier attempt of this activity was cut off
            if why is not None or not await self._may_repeat(connection, row, ask.block):
                await deliveries.give_up(connection, row.delivery_id, "unknown", CUT_OFF, now=now)
                await _log(connection, row, [note_of(ask.block, "unknown", CUT_OFF)], now)
                return "unknown"
            await deliveries.give_up(connection, row.delivery_id, "attempted", CUT_OFF, now=now)
        elif why is not None:
            await deliveries.give_up(connection, row.delivery_id, "undeliverable", why, now=now)
            return "undeliverable"
        claim = await deliveries.claim_again(connection, row.delivery_id, now=now)
        if claim is None:
            await deliveries.give_up(connection, row.delivery_id, "undeliverable", "The person was deleted.", now=now)
            return "undeliverable"
        return claim

    async def _settle(self, ask: RedeliveryAsk, claim: ClaimAgain, outcome: Outcome, state: str, now: datetime) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            row = await journeys.look(connection, ask.journey)
            notes: list[Note] = []
            if row is not None:
                notes = await keep_answer(connection, self._processor, row, ask.block, claim.content, outcome, now=now)
                if state != "attempted":
                    await _log(connection, row, [note_of(ask.block, state, outcome.reason), *notes], now)
            await deliveries.record(
                connection,
                claim.id,
                claim.attempts,
                state,
                failure=outcome.reason,
                provider_id=outcome.provider_id,
                status=outcome.status,
                now=now,
            )

    async def _may_repeat(self, connection: Connection, row: JourneyRow, block: str) -> bool:
        """Say whether a message of unknown outcome is handed over again."""
        campaign = await self._situations.campaign(connection, row.campaign_id, row.latest_version)
        step = campaign.plan.step(block, row.id, begun_arm(row))
        own = step.unknown_outcome if isinstance(step, MessageStep) else None
        return (own or campaign.unknown_outcome) == "resend"


def _state(outcome: Outcome, ask: RedeliveryAsk, now: datetime) -> str:
    if outcome.kind == "later":
        return "failed" if now - ask.since >= GIVE_UP_AFTER else "attempted"
    return {"sent": "sent", "refused": "failed", "unknown": "unknown"}[outcome.kind]


def _over(row: JourneyRow) -> str | None:
    """Return why a message must not be tried any more; None if nothing speaks against it."""
    if not row.person_exists:
        return "The person was deleted."
    is_ended = row.ending is not None or row.exit_reason in ORDERED or (row.state not in ENDED and is_forced_out(row))
    return "The journey was ended." if is_ended else None


async def _log(connection: Connection, row: JourneyRow, notes: list[Note], now: datetime) -> None:
    """Write lines that no decision made; of somebody who was deleted nothing may come back."""
    kept = notes if row.person_exists else [Note(kind=note.kind, block=note.block, text=note.text) for note in notes]
    await journeys.append(connection, row.id, lines(kept), now=now)
