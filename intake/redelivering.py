"""A message that its journey does not wait for is tried again by a workflow of its own (behaviour 6.42)."""

from __future__ import annotations

from datetime import datetime

from engine import ids, names
from engine.moves import RedeliveryStart
from storage import outbox
from storage.deliveries import Untaken
from storage.outbox import Message


def redelivery(untaken: Untaken, *, due: datetime) -> Message:
    """Return the start of the further attempts, the next of which is `due`. One that is under way refuses it."""
    start = RedeliveryStart(
        journey=untaken.journey_id, block=untaken.block, delivery=untaken.id, since=untaken.created_at, due=due
    )
    return outbox.start(
        ids.redelivery_workflow(untaken.id),
        names.REDELIVERY,
        start.model_dump(mode="json"),
        search={
            names.CAMPAIGN_ID: str(untaken.campaign_id),
            names.PERSON_KEY: str(untaken.person_id),
            names.WORKSPACE_ID: str(untaken.workspace_id),
        },
        summary=f"Send {untaken.block} again until it is taken",
    )
