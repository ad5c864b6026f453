"""Campaigns, people and situations in one line, for the tests of the rules."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from engine import campaigns
from engine.campaigns import Campaign
from engine.conditions import MISSING, Facts
from engine.decisions import Decision, Situation
from engine.errors import DocumentError, Fault
from engine.moves import Act, Leave, Send, Wait

NOW: Final = datetime(2026, 7, 3, 8, 0, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)

PRO: Final = {"attribute": "plan", "equals": "pro"}


def email(block: str = "nudge", /, **fields: Any) -> dict[str, Any]:
    return {"email": {"id": block, "subject": "Hello", "body": "<p>Hello</p>", **fields}}


def document(*workflow: Any, **fields: Any) -> dict[str, Any]:
    """A campaign document; without blocks it has one email."""
    return {
        "name": "Cart reminder",
        "from": "Shop <hello@shop.example>",
        "trigger": {"event": "cart_updated"},
        "workflow": list(workflow) or [email()],
        **fields,
    }


def campaign(*workflow: Any, **fields: Any) -> Campaign:
    return campaigns.parse(document(*workflow, **fields))


def faults_of(written: object) -> tuple[Fault, ...]:
    """The faults of a campaign document; none if it has none."""
    try:
        campaigns.parse(written)
    except DocumentError as error:
        return error.faults
    return ()


def facts(
    attributes: dict[str, Any] | None = None,
    *,
    segments: AbstractSet[str] = frozenset(),
    data: Any = MISSING,
    now: datetime = NOW,
) -> Facts:
    return Facts(attributes=attributes or {}, segments=segments, data=data, now=now)


def situation(
    of: Campaign,
    *,
    at: str | None = None,
    waited: timedelta = timedelta(),
    person: dict[str, Any] | None = None,
    segments: AbstractSet[str] = frozenset(),
    data: Any = MISSING,
    **changes: Any,
) -> Situation:
    """A journey at a block, at which it arrived `waited` ago; its person is known by attributes and segments."""
    now = changes.setdefault("now", NOW)
    changes.setdefault("journey", 1)
    changes.setdefault("campaign_state", "running")
    changes.setdefault("started_at", now - waited)
    return Situation(
        campaign=of,
        facts=facts(person, segments=segments, data=data, now=now),
        block=at,
        arrived_at=None if at is None else now - waited,
        **changes,
    )


def kinds(decision: Decision) -> list[tuple[str, str | None]]:
    """The notes of a decision: kind and block."""
    return [(note.kind, note.block) for note in decision.notes]


def outcome(decision: Decision) -> tuple[str, str | None]:
    """What the decision comes to: the move, and the block it is for or the reason it has."""
    match decision.move:
        case Send(block=block) | Act(block=block):
            return decision.move.kind, block
        case Leave(reason=reason):
            return "leave", reason
        case Wait():
            return "wait", decision.block
