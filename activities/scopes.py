"""What the templates of a block can read: the person as they are, the trigger event as it was (behaviour 8.01-8.04)."""

from __future__ import annotations

from datetime import datetime

from activities.situations import person_view
from engine.campaigns import Campaign
from engine.instants import unix
from engine.steps import MessageStep, Step
from engine.templates import Scope
from engine.triggers import EventTrigger
from storage.journeys import JourneyRow


def scope_of(campaign: Campaign, row: JourneyRow, step: Step, *, delivery_id: str, now: datetime) -> Scope:
    """Return the scope of one block for one person; `delivery_id` is empty for a block that makes no delivery.

    Only events and forms give `event`, only a data campaign gives `trigger`, and in that `customer` is nobody (1.95).
    """
    message = (
        {"id": step.id, "name": getattr(step, "name", step.id), "type": step.kind}
        if isinstance(step, MessageStep)
        else {}
    )
    has_event = isinstance(campaign.trigger, EventTrigger)
    return Scope(
        customer=None if campaign.is_data else person_view(row),
        campaign={"id": row.campaign_id, "name": campaign.name, "type": campaign.trigger.type},
        message=message,
        delivery_id=delivery_id,
        now=now,
        event=row.trigger_data if has_event else None,
        event_name=row.event_name if has_event else None,
        event_timestamp=unix(row.event_at) if has_event and row.event_at else None,
        trigger=row.trigger_data if campaign.is_data else None,
    )
