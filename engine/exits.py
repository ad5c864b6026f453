"""Nobody may get a message who has already done what it asks for, or who is no longer meant by it.

The exit condition is looked at before the person enters and before each message, and nowhere else (behaviour 10.33).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine import conditions
from engine.conditions import All, AnyOf, Condition, InSegment
from engine.goals import EntersSegment, EventGoal, Goal

if TYPE_CHECKING:
    from engine.campaigns import Campaign
    from engine.decisions import Situation


class Exit(StrEnum):
    """When people leave a campaign early (behaviour 10.30)."""

    NEVER = "never"
    GOAL = "goal"
    STOPPED_MATCHING = "stopped_matching"
    GOAL_OR_STOPPED_MATCHING = "goal_or_stopped_matching"

    @property
    def on_goal(self) -> bool:
        """Whether meeting the goal ends the journey."""
        return self in (Exit.GOAL, Exit.GOAL_OR_STOPPED_MATCHING)

    @property
    def on_stopped_matching(self) -> bool:
        """Whether failing the filters ends the journey."""
        return self in (Exit.STOPPED_MATCHING, Exit.GOAL_OR_STOPPED_MATCHING)


@dataclass(frozen=True, slots=True)
class Met:
    """The exit condition is met: why, in the words of behaviour 9.05, and on what data."""

    reason: str
    seen: dict[str, Any] = field(hash=False)


def check(situation: Situation) -> Met | None:
    """Look at the exit condition before a message; return why the journey ends, None if it goes on.

    An edited exit setting applies at the next check (behaviour 15.35). What depends on a segment that is still building
    is undecided, and nobody exits by it: an exit is for good, the build is over in a moment.
    """
    campaign = situation.campaign
    if campaign.exit.on_goal and campaign.goal is not None and _is_met(campaign.goal, situation):
        return Met("goal", {"goal": _goal_seen(campaign.goal, situation)})
    if campaign.exit.on_stopped_matching and not _may_match(campaign, situation):
        return Met("stopped_matching", _filters_seen(campaign, situation))
    return None


def check_at_entry(situation: Situation) -> Met | None:
    """Look at the exit condition before the person enters (behaviour 10.34-10.36).

    Of an event goal only events after the beginning count, and there are none yet (10.37).
    """
    met = check(replace(situation, goal_met=False))
    return None if met is None else Met(f"{met.reason}_at_entry", met.seen)


def seen(situation: Situation) -> dict[str, Any]:
    """Return what a check looks at, for the journey's log; empty if the setting looks at nothing."""
    campaign = situation.campaign
    goal = campaign.goal if campaign.exit.on_goal else None
    looked = {} if goal is None else {"goal": _goal_seen(goal, situation)}
    looked |= _filters_seen(campaign, situation) if campaign.exit.on_stopped_matching else {}
    undecided = sorted(situation.building & _segments(campaign)) if situation.building else []
    return looked | ({"building": undecided} if undecided else {})


def _is_met(goal: Goal, situation: Situation) -> bool:
    if isinstance(goal, EventGoal):
        return situation.goal_met
    is_inside = goal.segment in situation.facts.segments
    return goal.segment not in situation.building and is_inside == isinstance(goal, EntersSegment)


def _may_match(campaign: Campaign, situation: Situation) -> bool:
    """Whether the person matches the filters, or would if the segments that are building turned out in their favour."""
    if campaign.filters_hold(situation.facts):
        return True
    return bool(situation.building) and campaign.filters is not None and _may_hold(campaign.filters, situation)


def _may_hold(condition: Condition, situation: Situation) -> bool:
    match condition:
        case All(parts):
            return bool(parts) and all(_may_hold(part, situation) for part in parts)
        case AnyOf(parts):
            return any(_may_hold(part, situation) for part in parts)
        case InSegment(segment) if segment in situation.building:
            return True
    return conditions.holds(condition, situation.facts)


def _segments(campaign: Campaign) -> frozenset[str]:
    """Return the segments that the setting looks at."""
    filters = campaign.filters if campaign.exit.on_stopped_matching else None
    asked = frozenset() if filters is None else conditions.touches(filters).segments
    goal = campaign.goal if campaign.exit.on_goal else None
    return asked if goal is None or isinstance(goal, EventGoal) else asked | {goal.segment}


def _goal_seen(goal: Goal, situation: Situation) -> dict[str, Any]:
    if isinstance(goal, EventGoal):
        return {goal.kind: goal.name, "performed": situation.goal_met}
    return {"segment": goal.segment, "in_segment": goal.segment in situation.facts.segments}


def _filters_seen(campaign: Campaign, situation: Situation) -> dict[str, Any]:
    return {} if campaign.filters is None else {"filters": conditions.explain(campaign.filters, situation.facts)}
