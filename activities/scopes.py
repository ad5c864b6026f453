"""What the templates of a block can read: the person as they are, the trigger event as it was (behaviour 8.01-8.04)."""

from __future__ import annotations

from datetime import datetime

from activities.situations import person_view
from engine.campaigns import Campaign
from engine.instants import unix
from engine.steps import MessageStep, Step
from engine.templates import Scope
from storage.journeys import JourneyRow


def scope_of(campaign: Campaign, row: JourneyRow, step: Step, *, delivery_id: str, now: datetime) -> Scope:
    """Return the scope of one block for one person; `delivery_id` is empty for a block that makes no delivery."""
    message = (
        {"id": step.id, "name": getattr(step, "name", step.id), "type": step.kind}
        if isinstance(step, MessageStep)
        else {}
    )
    return Scope(
        customer=person_view(row),
        campaign={"id": row.campaign_id, "name": campaign.name, "type": campaign.trigger.kind},
        message=message,
        delivery_id=delivery_id,
        now=now,
        event=row.trigger_data,
        event_name=row.event_name,
        event_timestamp=unix(row.event_at) if row.event_at else None,
    )
