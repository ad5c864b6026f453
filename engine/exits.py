"""Nobody may get a message who has already done what it asks for, or who is no longer meant by it.

The exit condition is looked at before the person enters and before each message, and nowhere else (behaviour 10.33).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from engine import conditions
from engine.conditions import All, AnyOf, Condition, Facts, InSegment
from engine.goals import EntersSegment, EventGoal, Goal
from engine.triggers import ConditionTrigger

if TYPE_CHECKING:
    from engine.decisions import Situation

STOPPED_MATCHING: Final = "stopped_matching"


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
    text: str | None = None
    """In plain words, where the usual ones say too little."""


def check(situation: Situation) -> Met | None:
    """Look at the exit condition before a message; return why the journey ends, None if it goes on.

    An edited exit setting applies at the next check (behaviour 15.35). What depends on a segment that is still building
    is undecided, and nobody exits by it: an exit is for good, the build is over in a moment.
    """
    if met := _goal_reached(situation):
        return met
    return None if matches(situation) else _mismatch(situation, _asked(situation))


def check_at_entry(situation: Situation) -> Met | None:
    """Look at the exit condition before the person enters (behaviour 10.34-10.36).

    The filters of a condition campaign are left to the first message (1.17, 10.58).
    """
    if not situation.campaign.is_condition:
        met = check(situation)
        return None if met is None else Met(f"{met.reason}_at_entry", met.seen)
    trigger = {name: one for name, one in _asked(situation).items() if name == "trigger"}
    met = _goal_reached(situation) or _mismatch(situation, trigger)
    text = "The person does not match the trigger any more" if met and met.reason == STOPPED_MATCHING else None
    return None if met is None else Met(f"{met.reason}_at_entry", met.seen, text)


def matches(situation: Situation) -> bool:
    """Whether the person matches what the setting asks for; a segment that is building counts as it is."""
    campaign = situation.campaign
    if campaign.exit.on_stopped_matching:
        return campaign.matches(situation.facts)
    return not _asks_filters_once(situation) or campaign.filters_hold(situation.facts)


def seen(situation: Situation) -> dict[str, Any]:
    """Return what a check looks at, for the journey's log; empty if the setting looks at nothing."""
    campaign = situation.campaign
    goal = campaign.goal if campaign.exit.on_goal else None
    looked = {} if goal is None else {"goal": _goal_seen(goal, situation)}
    asked = _asked(situation)
    return looked | _match_seen(asked, situation.facts) | situation.undecided(asked.values(), _segment(goal))


def _asked(situation: Situation) -> dict[str, Condition]:
    """Return by name what the person has to match at a message (behaviour 10.32)."""
    campaign, asked = situation.campaign, {}
    if isinstance(campaign.trigger, ConditionTrigger) and campaign.exit.on_stopped_matching:
        asked["trigger"] = campaign.trigger.condition
    if campaign.filters is not None and (campaign.exit.on_stopped_matching or _asks_filters_once(situation)):
        asked["filters"] = campaign.filters
    return asked


def _asks_filters_once(situation: Situation) -> bool:
    """Whether the filters are looked at although nobody leaves for them: a condition campaign asks once (4.08)."""
    return situation.campaign.is_condition and not situation.filters_met


def _goal_reached(situation: Situation) -> Met | None:
    goal = situation.campaign.goal
    if goal is None or not situation.campaign.exit.on_goal or not _is_met(goal, situation):
        return None
    return Met("goal", {"goal": _goal_seen(goal, situation)})


def _mismatch(situation: Situation, asked: Mapping[str, Condition]) -> Met | None:
    """Return that the person does not match, whatever becomes of the segments that are building."""
    if all(_may_hold(one, situation) for one in asked.values()):
        return None
    text = "The person does not match trigger and filters" if situation.campaign.is_condition else None
    return Met(STOPPED_MATCHING, _match_seen(asked, situation.facts), text)


def _is_met(goal: Goal, situation: Situation) -> bool:
    if isinstance(goal, EventGoal):
        return situation.goal_met
    is_inside = goal.segment in situation.facts.segments
    return goal.segment not in situation.building and is_inside == isinstance(goal, EntersSegment)


def _may_hold(condition: Condition, situation: Situation) -> bool:
    match condition:
        case All(parts):
            return bool(parts) and all(_may_hold(part, situation) for part in parts)
        case AnyOf(parts):
            return any(_may_hold(part, situation) for part in parts)
        case InSegment(segment) if segment in situation.building:
            return True
    return conditions.holds(condition, situation.facts)


def _segment(goal: Goal | None) -> frozenset[str]:
    """Return the segment that a goal looks at, if it looks at one."""
    return frozenset() if goal is None or isinstance(goal, EventGoal) else frozenset({goal.segment})


def _goal_seen(goal: Goal, situation: Situation) -> dict[str, Any]:
    if isinstance(goal, EventGoal):
        return {goal.kind: goal.name, "performed": situation.goal_met}
    return {"segment": goal.segment, "in_segment": goal.segment in situation.facts.segments}


def _match_seen(asked: Mapping[str, Condition], facts: Facts) -> dict[str, Any]:
    return {name: conditions.explain(one, facts) for name, one in asked.items()}
