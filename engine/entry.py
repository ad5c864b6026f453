"""Something happens to a person and a running campaign may care: does a journey begin, perhaps later, or not at all?

Everything here is about one occurrence, one person and one campaign (behaviour 1.3, 4.10). What needs memory of earlier
entries is decided by the caller's unique rows; see `engine/frequency.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from engine import conditions, ids
from engine.campaigns import Campaign
from engine.conditions import Facts
from engine.dates import Fire
from engine.triggers import EventTrigger

STALE_AFTER: Final = timedelta(hours=72)
"""An older event is imported history: it counts for segments, and nobody expects a message (behaviour 1.38)."""
DEEPEST_CHAIN: Final = 10
"""Events of workflows that start workflows: from this depth on they start nothing (behaviour 6.50)."""
RETRY_FOR: Final = timedelta(minutes=30)
"""How long an event waits for its filters: what opens them often arrives just after it (behaviour 4.10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event as it was stored. Instants are aware UTC."""

    id: int
    kind: str
    """`event`, `page`, `screen` or `form`."""
    name: str
    data: Mapping[str, Any]
    occurred_at: datetime
    """What the sender says; the time of receipt if it says nothing (behaviour 1.37)."""
    received_at: datetime
    depth: int = 0
    """How many campaigns it came through, each sending the next (behaviour 6.50)."""

    @property
    def occurrence(self) -> Occurrence:
        """What starts a journey, if this event does."""
        return Occurrence(
            key=ids.event_occurrence(self.id),
            event_id=self.id,
            name=self.name,
            at=self.occurred_at,
            received_at=self.received_at,
            data=self.data,
            depth=self.depth,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """What starts a journey, or would have: an event, a match, a date, a call. Frozen for the journey (8.02)."""

    key: str
    """Makes the entry unique among those of one person into one campaign (behaviour 1.07)."""
    name: str | None = None
    """Of the event, the form or the date's attribute."""
    at: datetime
    """When it happened."""
    received_at: datetime
    """When we heard of it: the filters' 30 minutes run from here (behaviour 4.11)."""
    data: Any = field(default_factory=dict, hash=False)
    """Data of the event, or the payload of a call: any JSON value."""
    event_id: int | None = None
    depth: int = 0

    @classmethod
    def of_match(cls, at: datetime, *, depth: int = 0) -> Occurrence:
        """Return that a person began to match, or matches again when their interval is over."""
        return cls(key=ids.match_occurrence(at), at=at, received_at=at, depth=depth)

    @classmethod
    def of_date(cls, name: str, fire: Fire) -> Occurrence:
        """Return that a date of a person has come: one calendar date, one entry (behaviour 1.69)."""
        return cls(key=ids.date_occurrence(fire.date), name=name, at=fire.at, received_at=fire.at)


class Refusal(StrEnum):
    """Why an event that triggered a campaign began no journey; kept, so that "why not" has an answer later."""

    STALE = "stale"
    BEFORE_START = "before_start"
    FREQUENCY = "frequency"
    FILTERS_NEVER_MATCHED = "filters_never_matched"
    CAMPAIGN_NOT_RUNNING = "campaign_not_running"
    """It left `running` while the event waited for its filters (behaviour 4.14), or did not run at a call (1.98)."""
    ALREADY_INSIDE = "already_inside"
    """One running journey per person and condition campaign (behaviour 2.07)."""
    MERGED = "merged"
    """It waited for the filters of somebody who was merged into whoever has the same date (behaviour 1.69, 17.14)."""
    LOOP = "loop"
    """The event came through ten campaigns, each sending the next (behaviour 6.50)."""


@dataclass(frozen=True, slots=True)
class NotTriggered:
    """The event is not this campaign's. Nothing is recorded."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The event is the campaign's, and begins no journey, ever."""

    reason: Refusal
    text: str
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retry:
    """The filters do not match yet: look again on every change of the person, and at `until` (behaviour 4.10-4.12)."""

    until: datetime
    seen: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Enter:
    """A journey begins, if the frequency allows."""

    seen: Mapping[str, Any] = field(default_factory=dict)


Verdict = NotTriggered | Refused | Retry | Enter

NOT_TRIGGERED: Final = NotTriggered()


def decide(campaign: Campaign, *, started_at: datetime, event: Event, facts: Facts) -> Verdict:
    """Decide about one event at the moment intake applies it.

    Args:
        campaign: running, in its latest version.
        started_at: when it was started last.
        event: of the person whose facts these are.
        facts: after the event and all inputs before it were applied; `facts.data` is the event's data.
    """
    if not isinstance(campaign.trigger, EventTrigger) or not campaign.trigger.matches(event.kind, event.name, facts):
        return NOT_TRIGGERED
    if event.depth >= DEEPEST_CHAIN:
        text = f"The event came through {event.depth} campaigns, each sending the next: a loop."
        return Refused(Refusal.LOOP, text, {"depth": event.depth})
    if event.received_at - event.occurred_at > STALE_AFTER:
        text = f"The event happened at {_said(event.occurred_at)}, more than 72 hours before it came in."
        return Refused(Refusal.STALE, text, _times(event))
    # Senders give whole seconds, so an event of the very second of the start is not from before it.
    if event.received_at < started_at or event.occurred_at < started_at.replace(microsecond=0):
        text = f"The event is from before the campaign's start at {_said(started_at)}."
        return Refused(Refusal.BEFORE_START, text, {**_times(event), "started_at": started_at.isoformat()})
    return filtered(campaign, facts, received_at=event.received_at)


def filtered(campaign: Campaign, facts: Facts, *, received_at: datetime) -> Enter | Retry:
    """Ask the filters: whoever does not match yet has 30 minutes from the receipt (behaviour 1.72, 4.10, 4.11)."""
    if campaign.filters is None:
        return Enter()
    seen = {"filters": conditions.explain(campaign.filters, facts)}
    if campaign.filters_hold(facts):
        return Enter(seen)
    return Retry(until=received_at + RETRY_FOR, seen=seen)


def refused_inside() -> Refused:
    """Return the refusal of a match while an earlier journey is still running (behaviour 2.07)."""
    return Refused(Refusal.ALREADY_INSIDE, "The person is still inside from an earlier match.")


def refused_by_frequency(campaign: Campaign, last_entered_at: datetime) -> Refused:
    """Return the refusal of an event that frequency holds back (behaviour 2.21-2.23)."""
    return Refused(Refusal.FREQUENCY, campaign.frequency.refusal, {"last_entered_at": last_entered_at.isoformat()})


def refused_by_filters(campaign: Campaign, facts: Facts) -> Refused:
    """Return the refusal of an event whose filters did not match in time (behaviour 4.10, 9.03)."""
    seen = {} if campaign.filters is None else {"filters": conditions.explain(campaign.filters, facts)}
    return Refused(Refusal.FILTERS_NEVER_MATCHED, "The filters did not match within 30 minutes of the event.", seen)


def _times(event: Event) -> dict[str, Any]:
    return {"occurred_at": event.occurred_at.isoformat(), "received_at": event.received_at.isoformat()}


def _said(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
