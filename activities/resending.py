"""An operator said that a message goes out again. Its journey went on long ago and is left alone.

One of unknown outcome goes exactly as it was, because it may be a second copy. One that failed was never handed over:
it is made anew, of the latest version and for the person as they are now (behaviour 8.09). Neither goes to an address
that is suppressed by now (11.10).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio import activity

from activities import messages
from activities.answers import keep_answer
from activities.composing import new_delivery
from activities.copying import hand_over_copies
from activities.errors import try_later, worker_stops
from activities.handing_over import hand_over, to_the_end
from activities.instants import at_this_attempt
from activities.outcomes import CUT_OFF, GIVE_UP_AFTER, backoff
from activities.recording import lines
from activities.situations import Situations, begun_arm, person_view
from activities.suppressing import SUPPRESSED, is_suppressed, without_suppressed
from activities.tracking import Tracker, as_handed_over
from channels.channel import Channel
from engine import names, subscription
from engine.campaigns import Campaign
from engine.decisions import Note
from engine.moves import ResendStart
from engine.steps import MessageStep, Step
from intake.processor import Processor
from runtime import metrics
from storage import deliveries, journeys
from storage.database import Connection, Pool
from storage.deliveries import ClaimAgain
from storage.journeys import JourneyRow

GONE: Final = "gone"
"""Answer for a delivery that does not exist any more."""


class Resending:
    """The `resend_delivery` activity."""

    def __init__(
        self,
        pool: Pool,
        situations: Situations,
        processor: Processor,
        channels: Mapping[str, Channel[Any]],
        *,
        sender: str | None,
        turns: asyncio.Semaphore,
        tracker: Tracker | None = None,
    ) -> None:
        """Send nothing yet; the arguments are those of `Sending`, which it shares its turns with."""
        self._pool = pool
        self._situations = situations
        self._processor = processor
        self._channels = channels
        self._sender = sender
        self._turns = turns
        self._tracker = tracker

    @activity.defn(name=names.RESEND_DELIVERY)
    async def resend_delivery(self, start: ResendStart) -> str:
        """Hand a message over once more; return the state of the delivery."""
        return await to_the_end(self._resend(start, at_this_attempt(start.at)))

    async def _resend(self, start: ResendStart, now: datetime) -> str:
        waiting_since = time.monotonic()
        async with self._turns:  # a message is claimed only when there is a connection for it
            if activity.is_worker_shutdown():
                raise worker_stops()
            now += timedelta(seconds=time.monotonic() - waiting_since)
            taken = await self._take(start.delivery, now)
            if isinstance(taken, str):
                return taken
            claim, content, notes = taken
            channel = self._channels[claim.channel]
            handed_over = as_handed_over(self._tracker, claim.public_id, content)
            outcome = await hand_over(channel, messages.to_send(claim.channel, claim.key, handed_over, now=now))
        state = {"sent": "sent", "refused": "failed", "unknown": "unknown", "later": "attempted"}[outcome.kind]
        if state == "attempted" and now - start.at >= GIVE_UP_AFTER:
            state = "failed"
        async with self._pool.acquire() as connection, connection.transaction():
            row = await journeys.look(connection, claim.journey_id)
            if row is not None:
                notes += await keep_answer(connection, self._processor, row, claim.block, content, outcome, now=now)
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
        metrics.tried(claim.channel, state)
        if state == "attempted":
            raise try_later(claim.id, outcome.after or backoff(claim.attempts))
        if state == "sent" and (copies := messages.copies_to_send(claim.key, content, now=now)):
            notes += await hand_over_copies(channel, copies, block=claim.block)
        if notes:
            async with self._pool.acquire() as connection, connection.transaction():
                await journeys.append(connection, claim.journey_id, lines(notes), now=now)
        return state

    async def _take(self, delivery_id: int, now: datetime) -> str | tuple[ClaimAgain, dict[str, Any], list[Note]]:
        """Take a message in hand, with its content and whom that leaves out; or return the state it is left in."""
        async with self._pool.acquire() as connection, connection.transaction():
            claim = await deliveries.claim_again(connection, delivery_id, now=now)
            if claim is None:
                claim = await self._make_anew(connection, delivery_id, now)
            if claim is None:
                return await _left(connection, delivery_id, now)
            to = claim.content.get("to")
            if to is not None and await is_suppressed(connection, claim.workspace_id, to):
                await deliveries.give_up(connection, claim.id, "suppressed", SUPPRESSED, now=now)
                return "suppressed"
            return claim, *await without_suppressed(connection, claim.workspace_id, claim.content, block=claim.block)

    async def _make_anew(self, connection: Connection, delivery_id: int, now: datetime) -> ClaimAgain | None:
        """Take a failed message in hand, made anew; None if it did not fail, or fails again and says why."""
        failed = await deliveries.failed(connection, delivery_id)
        row = await journeys.hold(connection, failed.journey_id, failed.key) if failed else None
        if failed is None or row is None or row.delivery_state != "failed":
            return None
        campaign = await self._situations.campaign(connection, row.campaign_id, row.latest_version)
        step = campaign.plan.step(failed.block, row.id, begun_arm(row))
        if (obstacle := _obstacle(campaign, row, step)) is not None:
            await deliveries.fail_again(connection, delivery_id, obstacle, now=now)
            return None
        assert isinstance(step, MessageStep)  # anything else is an obstacle
        new = new_delivery(campaign, row, step, key=failed.key, sender=self._sender, now=now)
        claim = await deliveries.claim(connection, new, now=now)
        if claim is None or claim.state != "handing_over" or new.content is None:
            return None
        return ClaimAgain(
            id=claim.id,
            public_id=new.public_id,
            key=new.key,
            workspace_id=new.workspace_id,
            channel=new.channel,
            content=new.content,
            attempts=claim.attempts,
            journey_id=new.journey_id,
            block=new.block,
        )


def _obstacle(campaign: Campaign, row: JourneyRow, step: Step | None) -> str | None:
    """Return why a message must not be made anew; None if nothing speaks against it."""
    if not row.person_exists:
        return "The person was deleted."
    if not isinstance(step, MessageStep):
        return "The latest version of the campaign has no such message."
    if step.sending == "off":
        return "The sending of the message is off."
    unsubscribed = step.withheld_from_unsubscribed and subscription.is_unsubscribed(person_view(row))
    if subscription.withholds(
        unsubscribed=unsubscribed,
        campaign_sends=campaign.send_to_unsubscribed,
        message_sends=step.send_to_unsubscribed,
    ):
        return "The person has unsubscribed."
    return None


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
