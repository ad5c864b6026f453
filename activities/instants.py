"""Activities never look at the machine's clock: journeys live on Temporal's, which tests and replays move by months."""

from __future__ import annotations

from datetime import datetime

from temporalio import activity


def at_this_attempt(asked_at: datetime) -> datetime:
    """Return the journey's instant now: when it asked, plus how long Temporal held the question before this attempt."""
    info = activity.info()
    if info.is_local:  # asked and run in the same moment, and its times are the machine's
        return asked_at
    return asked_at + (info.started_time - info.scheduled_time)
