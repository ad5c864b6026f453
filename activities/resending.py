"""An operator said that a message of unknown outcome goes out again. Its journey went on long ago and is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from temporalio import activity

from activities import messages
from activities.errors import try_later
from activities.handing_over import hand_over, to_the_end
from activities.instants import at_this_attempt
from activities.sending import CUT_OFF, GIVE_UP_AFTER, backoff
from channels.channel import Channel
from engine import names
from engine.moves import ResendStart
from storage import deliveries
from storage.database import Connection, Pool

GONE: Final = "gone"
"""Answer for a delivery that does not exist any more."""


class Resending:
    """The `resend_delivery` activity."""

    def __init__(self, pool: Pool, channels: Mapping[str, Channel]) -> None:
        self._pool = pool
        self._channels = channels

    @activity.defn(name=names.RESEND_DELIVERY)
    async def resend_delivery(self, start: ResendStart) -> str:
        """Hand a message over once more, exactly as it was; return the state of the delivery."""
        return await to_the_end(self._resend(start, at_this_attempt(start.at)))

    async def _resend(self, start: ResendStart, now: datetime) -> str:
        async with self._pool.acquire() as connection, connection.transaction():
            claim = await deliveries.claim_again(connection, start.delivery, now=now)
            if claim is None:
                return await _left(connection, start.delivery, now)
        outcome = await hand_over(self._channels[claim.channel], messages.to_send(claim.key, claim.content, now=now))
        state = {"sent": "sent", "refused": "failed", "unknown": "unknown", "later": "attempted"}[outcome.kind]
        if state == "attempted" and now - start.at >= GIVE_UP_AFTER:
            state = "failed"
        async with self._pool.acquire() as connection:
            await deliveries.record(
                connection,
                claim.id,
                claim.attempts,
                state,
                failure=outcome.reason,
                provider_id=outcome.provider_id,
                now=now,
            )
        if state == "attempted":
            raise try_later(claim.id, outcome.after or backoff(claim.attempts))
        return state


async def _left(connection: Connection, delivery_id: int, now: datetime) -> str:
    """Return the state of a delivery that cannot be taken in hand; one that an attempt left behind is unknown again."""
    standing = await deliveries.standing(connection, delivery_id)
    if standing is None:
        return GONE
    state, _ = standing
    if state != "handing_over":
        return state
    await deliveries.give_up(connection, delivery_id, "unknown", CUT_OFF, now=now)
    return "unknown"
