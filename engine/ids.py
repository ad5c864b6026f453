"""The grammar of the ids that tie Temporal, Postgres and the outside world together.

Ids are computed from what caused a thing, so that doing it twice finds the first one. They are never encrypted and
stand in every log line: no address, no name, no id of the caller's goes into one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from engine.instants import EPOCH

_MICROSECOND: Final = timedelta(microseconds=1)


def journey_workflow(workspace: int, campaign: int, person: int, occurrence: str) -> str:
    """Return the workflow id of one entry of one person into one campaign.

    `occurrence` is what makes the entry unique, such as `e<event id>`; `person` is 0 for a payload.
    """
    return f"journey:{workspace}:{campaign}:{person}:{occurrence}"


def campaign_workflow(workspace: int, campaign: int) -> str:
    """Return the workflow id of a started campaign."""
    return f"campaign:{workspace}:{campaign}"


def resend_workflow(delivery: int, attempt: int) -> str:
    """Return the workflow id of one operator's decision to send a delivery again."""
    return f"resend:{delivery}:{attempt}"


def redelivery_workflow(delivery: int) -> str:
    """Return the workflow id of the further attempts of a message that its journey does not wait for."""
    return f"redelivery:{delivery}"


def edit_workflow(workspace: int, campaign: int, version: int) -> str:
    """Return the workflow id of an edit of a live campaign: the version that it made."""
    return f"edit:{workspace}:{campaign}:{version}"


def loading_workflow(workspace: int, campaign: int, at: datetime) -> str:
    """Return the workflow id of the loading that belongs to one start of a campaign."""
    return f"loading:{workspace}:{campaign}:{(at - EPOCH) // _MICROSECOND}"


def event_occurrence(event: int) -> str:
    """Return the occurrence of an event trigger: the event itself (behaviour 1.07)."""
    return f"e{event}"


def match_occurrence(at: datetime) -> str:
    """Return the occurrence of a condition trigger: the instant of the match. One journey runs at a time (2.07)."""
    return f"c{(at - EPOCH) // _MICROSECOND}"


def date_occurrence(day: date) -> str:
    """Return the occurrence of a date trigger: the calendar date (behaviour 1.69)."""
    return f"d{day.isoformat()}"


def call_occurrence(call: int) -> str:
    """Return the occurrence of a webhook trigger: the call, by the id of its input."""
    return f"w{call}"


def delivery_key(journey: int, block: str, visit: int = 1) -> str:
    """Return the key under which a message is sent once: never an attempt, a run or an activity id."""
    return f"{journey}:{block}:{visit}"
