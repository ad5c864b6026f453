"""A campaign that people are in because they match, and its journeys in front of a message; for tests of grace."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any

from engine import journeys
from engine.campaigns import Campaign
from engine.decisions import Decision
from engine.moves import Wait
from tests.engine.builders import NOW, campaign, situation

DAY = timedelta(days=1)
SIGNED_UP = {"condition": {"in": "signed-up"}}
INSIDE = frozenset({"signed-up", "viewed"})


def nurture(*workflow: Any, **fields: Any) -> Campaign:
    return campaign(*workflow, **({"trigger": SIGNED_UP, "filters": {"in": "viewed"}} | fields))


def delay(length: str, block: str = "pause") -> dict[str, Any]:
    return {"delay": {"id": block, "for": length}}


def after_delay(
    it: Campaign, waited: timedelta, *, segments: AbstractSet[str] = frozenset(), **changes: Any
) -> Decision:
    """The decision when the delay `pause` is over."""
    changes = {"due_at": NOW, "started_at": NOW - waited - DAY, **changes}
    return journeys.next_move(situation(it, at="pause", waited=waited, segments=segments, **changes))


def in_grace(it: Campaign, *, left: timedelta = timedelta(), at: str = "nudge", **changes: Any) -> Decision:
    """The decision of a look in a grace period of 36 hours that lasts so much longer."""
    waited = timedelta(hours=36) - left
    return journeys.next_move(situation(it, at=at, waited=waited, state="grace", due_at=NOW + left, **changes))


def pause(decision: Decision) -> tuple[str, str | None, timedelta]:
    """State, block and length of a wait that begins now."""
    assert isinstance(decision.move, Wait)
    assert decision.due_at == decision.move.until
    return decision.state, decision.block, decision.move.until - NOW
