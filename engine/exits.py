"""Nobody may get a message who has already done what it asks for, or who is no longer meant by it.

The exit condition is looked at before the person enters and before each message, and nowhere else (behaviour 10.33).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine import conditions
from engine.conditions import Facts
from engine.goals import EntersSegment, EventGoal, Goal

if TYPE_CHECKING:
    from engine.campaigns import Campaign


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


def check(campaign: Campaign, facts: Facts, *, goal_met: bool) -> Met | None:
    """Look at the exit condition before a message.

    Args:
        campaign: in its latest version; an edited exit setting applies at the next check (behaviour 15.35).
        facts: the person as they are now.
        goal_met: whether the event of an event goal was seen since the journey began. Once seen, it stays (10.41).

    Returns:
        Why the journey ends; None if it goes on.
    """
    if campaign.exit.on_goal and campaign.goal is not None and _is_met(campaign.goal, facts, goal_met=goal_met):
        return Met("goal", {"goal": _goal_seen(campaign.goal, facts, goal_met=goal_met)})
    if campaign.exit.on_stopped_matching and not campaign.filters_hold(facts):
        return Met("stopped_matching", _filters_seen(campaign, facts))
    return None


def check_at_entry(campaign: Campaign, facts: Facts) -> Met | None:
    """Look at the exit condition before the person enters (behaviour 10.34-10.36).

    Of an event goal only events after the beginning count, and there are none yet (10.37).
    """
    met = check(campaign, facts, goal_met=False)
    return None if met is None else Met(f"{met.reason}_at_entry", met.seen)


def seen(campaign: Campaign, facts: Facts, *, goal_met: bool) -> dict[str, Any]:
    """Return what a check looks at, for the journey's log; empty if the setting looks at nothing."""
    goal = campaign.goal if campaign.exit.on_goal else None
    looked = {} if goal is None else {"goal": _goal_seen(goal, facts, goal_met=goal_met)}
    return looked | (_filters_seen(campaign, facts) if campaign.exit.on_stopped_matching else {})


def _is_met(goal: Goal, facts: Facts, *, goal_met: bool) -> bool:
    if isinstance(goal, EventGoal):
        return goal_met
    return (goal.segment in facts.segments) == isinstance(goal, EntersSegment)


def _goal_seen(goal: Goal, facts: Facts, *, goal_met: bool) -> dict[str, Any]:
    if isinstance(goal, EventGoal):
        return {goal.kind: goal.name, "performed": goal_met}
    return {"segment": goal.segment, "in_segment": goal.segment in facts.segments}


def _filters_seen(campaign: Campaign, facts: Facts) -> dict[str, Any]:
    return {} if campaign.filters is None else {"filters": conditions.explain(campaign.filters, facts)}
