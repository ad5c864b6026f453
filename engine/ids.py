"""The grammar of the ids that tie Temporal, Postgres and the outside world together.

Ids are computed from what caused a thing, so that doing it twice finds the first one. They are never encrypted and
stand in every log line: no address, no name, no id of the caller's goes into one.
"""

from __future__ import annotations


def journey_workflow(workspace: int, campaign: int, person: int, occurrence: str) -> str:
    """Return the workflow id of one entry of one person into one campaign.

    `occurrence` is what makes the entry unique: `e<event id>` for event triggers.
    """
    return f"journey:{workspace}:{campaign}:{person}:{occurrence}"


def campaign_workflow(workspace: int, campaign: int) -> str:
    """Return the workflow id of a started campaign."""
    return f"campaign:{workspace}:{campaign}"


def resend_workflow(delivery: int, attempt: int) -> str:
    """Return the workflow id of one operator's decision to send a delivery again."""
    return f"resend:{delivery}:{attempt}"


def event_occurrence(event: int) -> str:
    """Return the occurrence of an event trigger: the event itself (behaviour 1.07)."""
    return f"e{event}"


def delivery_key(journey: int, block: str, visit: int = 1) -> str:
    """Return the key under which a message is sent once: never an attempt, a run or an activity id."""
    return f"{journey}:{block}:{visit}"
