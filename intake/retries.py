"""An occurrence that waits for the campaign's filters is stored whole: it may begin a journey as if it came later."""

from __future__ import annotations

from datetime import datetime

from engine.entry import Occurrence
from storage.filter_retries import FilterRetry


def of(campaign_id: int, occurrence: Occurrence, until: datetime) -> FilterRetry:
    """Return a retry that is not stored yet: its own id and that of the person are filled in when it is."""
    return FilterRetry(
        id=0,
        campaign_id=campaign_id,
        person_id=0,
        occurrence=occurrence.key,
        event_id=occurrence.event_id,
        event_name=occurrence.name,
        event_at=occurrence.at,
        trigger_data=occurrence.data,
        depth=occurrence.depth,
        received_at=occurrence.received_at,
        expires_at=until,
    )


def occurrence(retry: FilterRetry) -> Occurrence:
    """Return what waits."""
    return Occurrence(
        key=retry.occurrence,
        name=retry.event_name,
        at=retry.event_at,
        received_at=retry.received_at,
        data=retry.trigger_data,
        event_id=retry.event_id,
        depth=retry.depth,
    )
