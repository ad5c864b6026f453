"""One message of one journey: claimed before it is handed over, and recorded after, so that it leaves at most once.

Two short transactions with the hand-over between them. A crash between the two leaves the delivery `handing_over`;
whoever comes next cannot know whether the message left, and follows the campaign's setting: `hold` it, or `resend`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio import activity

from activities import messages
from activities.answers import keep_answer
from activities.composing import new_delivery
from activities.copying import hand_over_copies
from activities.errors import try_later, worker_stops
from activities.handing_over import Outcome, hand_over, to_the_end
from activities.instants import at_this_attempt
from activities.outcomes import CUT_OFF, GIVE_UP_AFTER, NOT_DUE, backoff, next_attempt, note_of
from activities.patience import patiently
from activities.recording import record, recorded
from activities.situations import Situations
from activities.suppressing import without_suppressed
from activities.tracking import Tracker, as_handed_over
from channels.channel import Channel, Email, Message
from engine import ids, journeys, names
from engine.decisions import Note, Situation
from engine.moves import Ask, Move
from engine.steps import MessageStep
from intake.processor import Processor
from intake.redelivering import redelivery
from runtime import metrics
from storage import deliveries, outbox
from storage import journeys as records
from storage.database import Connection, Pool
from storage.deliveries import Claim, Untaken
from storage.journeys import JourneyRow

AT_ONCE: Final = 8
"""Messages that a worker has claimed and not handed over yet: as many as the worker gives its mail channel connections.

Whoever claimed more would let them wait for a connection, and a crash would leave all of them unknown.
"""

MOST_COPIES: Final = 3
"""With `resend`, hand-overs of unknown outcome before the delivery is left unknown after all."""

COPIES_CUT_OFF: Final = "The worker stopped while it handed over separate copies; nobody knows which of them left."


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message in hand."""

    claim: Claim
    channel: Channel[Any]
    message: Message
    content: Mapping[str, Any]
    """The message in the form in which the delivery keeps it."""
    copies: Sequence[Email]
    """Separate copies, for after the message was taken."""
    left_out: Sequence[Note]
    """Whom the message and its copies must not go to."""
    due_since: datetime
    """Since when it is tried to send the message: it is given up a day later."""
    resends: bool
    """Whether an unknown outcome is followed by another hand-over."""
    waits: bool
    """Whether the journey stays while nobody takes the message."""


class Sending:
    """The `send` activity."""

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
        """Send nothing yet.

        Args:
            pool: of the record.
            situations: what decisions see.
            processor: writes down what a receiver answers.
            channels: by name.
            sender: the installation's default: what an email comes from if its campaign names nobody.
            turns: `AT_ONCE` of them, shared by whoever hands messages over in this process.
            tracker: of opens and clicks; None tracks nothing.
        """
        self._pool = pool
        self._situations = situations
        self._processor = processor
        self._channels = channels
        self._sender = sender
        self._turns = turns
        self._tracker = tracker

    @activity.defn(name=names.SEND)
    async def send(self, ask: Ask) -> Move:
        """Send the message of a block, unless something speaks against it; answer with the next move."""
        return await to_the_end(self._send(ask, at_this_attempt(ask.now)))

    async def _send(self, ask: Ask, now: datetime) -> Move:
        waiting_since = time.monotonic()
        async with self._turns:
            if activity.is_worker_shutdown():
                raise worker_stops()
            now += timedelta(seconds=time.monotonic() - waiting_since)
            claimed = await self._claim(ask, now)
            if not isinstance(claimed, Claimed):
                return claimed
            began = time.monotonic()
            outcome = await hand_over(claimed.channel, claimed.message)
        now += timedelta(seconds=time.monotonic() - began)  # what comes next begins when the provider has answered
        notes = claimed.left_out
        if outcome.kind == "sent" and claimed.copies:
            # It must stand in the record before a copy leaves: no crash may bring about a second one of itself.
            await patiently(claimed.claim.id, lambda: self._record_sent(claimed, outcome, now))
            copied = await hand_over_copies(claimed.channel, claimed.copies, block=ask.block or "")
            notes = [*notes, *copied]
        return await patiently(claimed.claim.id, lambda: self._settle(ask, claimed, outcome, notes, now))

    async def _claim(self, ask: Ask, now: datetime) -> Move | Claimed:
        block = ask.block or ""
        key = ids.delivery_key(ask.journey, block)
        async with self._pool.acquire() as connection, connection.transaction():
            row = await records.hold(connection, ask.journey, key)
            assert row is not None  # a message is only due in a journey that was entered
            if (answer := recorded(row, ask)) is not None:
                return answer
            situation = await self._situations.of(connection, row, ask, now)
            if row.delivery_state not in (None, "queued", "attempted", "handing_over"):
                was_taken = row.delivery_state in ("sent", "opened", "clicked")
                notes = [note_of(block, "sent", COPIES_CUT_OFF)] if was_taken else []
                return await record(connection, row, journeys.move_on(situation, block, notes), now=now)
            was_cut_off = row.delivery_state == "handing_over"
            if was_cut_off and not self._may_repeat(situation, block, row.attempts or 1):
                return await self._hold(connection, row, situation, block, now)
            if (decision := journeys.message_due(situation, block)) is not None:
                is_put_off = decision.state == "grace" and decision.block == block  # what was begun is gone on with
                if row.delivery_id is not None and not is_put_off:
                    state, why = ("unknown", CUT_OFF) if was_cut_off else ("undeliverable", NOT_DUE)
                    await deliveries.give_up(connection, row.delivery_id, state, why, now=now)
                return await record(connection, row, decision, now=now)
            return await self._take(connection, row, situation, block, key, now)

    async def _take(
        self, connection: Connection, row: JourneyRow, situation: Situation, block: str, key: str, now: datetime
    ) -> Move | Claimed:
        step = situation.step(block)
        assert isinstance(step, MessageStep)
        new = new_delivery(situation.campaign, row, step, key=key, sender=self._sender, now=now)
        left_out: Sequence[Note] = ()
        if new.content is not None:
            content, left_out = await without_suppressed(connection, row.workspace_id, new.content, block=block)
            new = replace(new, content=content)
        claim = await deliveries.claim(connection, new, now=now)
        if claim is None:  # another attempt took it between our look and this; the next one will see how far it came
            raise try_later(row.delivery_id or 0, backoff(1))
        if claim.state == "handing_over" and new.content is not None:
            handed_over = as_handed_over(self._tracker, new.public_id, new.content)
            return Claimed(
                claim=claim,
                channel=self._channels[step.channel],
                message=messages.to_send(step.channel, key, handed_over, now=now),
                content=new.content,
                copies=messages.copies_to_send(key, new.content, now=now),
                left_out=left_out,
                due_since=max(claim.created_at, row.arrived_at or claim.created_at),  # a grace period may lie between
                resends=self._may_repeat(situation, block, claim.attempts),
                waits=step.waits,
            )
        metrics.tried(step.channel, claim.state)
        note = note_of(block, claim.state, claim.failure)
        return await record(connection, row, journeys.move_on(situation, block, (note,)), now=now)

    async def _hold(
        self, connection: Connection, row: JourneyRow, situation: Situation, block: str, now: datetime
    ) -> Move:
        assert row.delivery_id is not None
        await deliveries.give_up(connection, row.delivery_id, "unknown", CUT_OFF, now=now)
        step = situation.step(block)
        if isinstance(step, MessageStep):  # else it was deleted meanwhile
            metrics.tried(step.channel, "unknown")
        note = note_of(block, "unknown", CUT_OFF)
        return await record(connection, row, journeys.move_on(situation, block, (note,)), now=now)

    async def _record_sent(self, claimed: Claimed, outcome: Outcome, now: datetime) -> None:
        async with self._pool.acquire() as connection:
            await _record(connection, claimed, "sent", outcome, now)

    async def _settle(self, ask: Ask, claimed: Claimed, outcome: Outcome, notes: Sequence[Note], now: datetime) -> Move:
        """Write down what became of a hand-over, and decide what comes next. Safe to repeat."""
        claim, block = claimed.claim, ask.block or ""
        async with self._pool.acquire() as connection, connection.transaction():
            notes = [*notes, *await self._keep_answer(connection, ask, claimed, outcome, now)]
            row = await records.hold(connection, ask.journey, claimed.message.key)
            assert row is not None
            answer = recorded(row, ask)
            # Whoever is too late, because another attempt took over, still knows better what became of this one.
            state = _state(claimed, outcome, now, is_last=answer is not None)
            await _record(connection, claimed, state, outcome, now)
            metrics.tried(claimed.channel.name, state)
            if answer is not None:
                return answer
            if state == "attempted" and not claimed.waits:
                await self._try_again(connection, row, claimed, block, outcome, now)
            if state != "attempted" or not claimed.waits:
                situation = await self._situations.of(connection, row, ask, now)
                note = note_of(block, state, outcome.reason)
                return await record(connection, row, journeys.move_on(situation, block, (note, *notes)), now=now)
        raise try_later(claim.id, outcome.after or backoff(claim.attempts))

    async def _try_again(
        self, connection: Connection, row: JourneyRow, claimed: Claimed, block: str, outcome: Outcome, now: datetime
    ) -> None:
        untaken = Untaken(
            id=claimed.claim.id,
            workspace_id=row.workspace_id,
            campaign_id=row.campaign_id,
            person_id=row.person_id,
            journey_id=row.id,
            block=block,
            created_at=claimed.due_since,
        )
        due = next_attempt(claimed.claim.attempts, outcome.after, since=claimed.due_since, now=now)
        await outbox.add(connection, [redelivery(untaken, due=due)], now=now)

    async def _keep_answer(
        self, connection: Connection, ask: Ask, claimed: Claimed, outcome: Outcome, now: datetime
    ) -> list[Note]:
        row = await records.look(connection, ask.journey) if claimed.content.get("save") else None
        if row is None or recorded(row, ask) is not None:
            return []
        return await keep_answer(connection, self._processor, row, ask.block or "", claimed.content, outcome, now=now)

    def _may_repeat(self, situation: Situation, block: str, attempts: int) -> bool:
        """Say whether a message of unknown outcome is handed over again."""
        step = situation.step(block)
        if not isinstance(step, MessageStep):
            return False
        policy = step.unknown_outcome or situation.campaign.unknown_outcome
        return (policy == "resend" or self._channels[step.channel].idempotent) and attempts < MOST_COPIES


async def _record(connection: Connection, claimed: Claimed, state: str, outcome: Outcome, now: datetime) -> None:
    claim = claimed.claim
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


def _state(claimed: Claimed, outcome: Outcome, now: datetime, *, is_last: bool) -> str:
    """Return the state that an outcome leaves the delivery in; `attempted` is tried again, unless this was the last."""
    match outcome.kind:
        case "sent":
            return "sent"
        case "refused":
            return "failed"
        case "later":
            return "failed" if is_last or now - claimed.due_since >= GIVE_UP_AFTER else "attempted"
        case "unknown":
            return "attempted" if claimed.resends and not is_last else "unknown"
