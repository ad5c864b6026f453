"""A call of a webhook is nobody's: its payload starts a journey of its own (behaviour 1.90-1.98)."""

from __future__ import annotations

from engine import ids
from engine.entry import DEEPEST_CHAIN, Occurrence, Refusal, Refused
from engine.triggers import WebhookTrigger
from intake.batch import Batch
from intake.outcomes import Rejection
from storage.inbox import Input


def call(batch: Batch, item: Input) -> None:
    """Apply an input of kind `webhook`.

    One whose campaign has been stopped since is remembered as ignored (1.98), also if it runs again: what was called
    before a restart is not replayed (1.05). One that came through ten campaigns starts nothing (6.50).
    """
    occurrence = Occurrence(
        key=ids.call_occurrence(item.id),
        at=item.received_at,
        received_at=item.received_at,
        data=item.payload["data"],
        depth=batch.depth,
    )
    enterable = batch.catalog.campaigns.get(item.payload["campaign"])
    if (
        enterable is None
        or not isinstance(enterable.campaign.trigger, WebhookTrigger)
        or item.received_at < enterable.started_at
    ):
        batch.output.ignored.append((item.payload["campaign"], occurrence))
    elif batch.depth >= DEEPEST_CHAIN:
        text = f"The call came through {batch.depth} campaigns, each calling the next: a loop."
        why = Refused(Refusal.LOOP, text, {"depth": batch.depth})
        batch.output.rejections.append(
            Rejection(enterable=enterable, person=None, occurrence=occurrence, at=item.received_at, why=why)
        )
    else:
        batch.call(enterable, occurrence)
