"""A campaign is one document: read when it is saved, with all its faults at once, and from then on a frozen value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

from engine import conditions, frequency, goals, triggers
from engine.conditions import Condition, Facts
from engine.documents import Fields, read_tags
from engine.errors import DocumentError, Fault
from engine.exits import Exit
from engine.frequency import EVERY_TIME, Frequency
from engine.goals import EventGoal, Goal
from engine.plan_document import read_plan, write_plan
from engine.plans import Plan
from engine.steps.message_fields import UNKNOWN_OUTCOMES, read_sender
from engine.steps.step import UnknownOutcome
from engine.triggers import EventTrigger

EXITS: Final = tuple(one.value for one in Exit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One version of a campaign."""

    key: str
    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    sender: str | None = None
    """Template of the default sender of its messages (`from`)."""
    trigger: EventTrigger
    filters: Condition | None = None
    """Segments that a person must be in or not in; None lets everybody pass."""
    frequency: Frequency = EVERY_TIME
    goal: Goal | None = None
    exit: Exit = Exit.STOPPED_MATCHING
    send_to_unsubscribed: bool = False
    unknown_outcome: UnknownOutcome = "hold"
    plan: Plan
    _passes: Callable[[Facts], bool] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_passes", conditions.compile_condition(self.filters) if self.filters else None)

    def filters_hold(self, facts: Facts) -> bool:
        """Whether the person matches the segment filters now."""
        return self._passes is None or self._passes(facts)


def parse(document: object) -> Campaign:
    """Read a campaign document.

    Raises:
        DocumentError: with every fault of the document.
    """
    faults: list[Fault] = []
    fields = Fields(document, "", faults)
    fields.take("$schema")
    fields.require("name", "Write what the campaign is called.")
    name = fields.name("name") or ""
    goal = goals.parse(fields.take("goal"), fields.at("goal"), faults)
    campaign = Campaign(
        key=fields.key("key", of=name),
        name=name,
        description=fields.text("description") or "",
        tags=read_tags(fields),
        sender=read_sender(fields, "from"),
        trigger=triggers.parse(fields.take("trigger"), fields.at("trigger"), faults),
        filters=_filters(fields),
        frequency=frequency.parse(fields.take("frequency"), fields.at("frequency"), faults),
        goal=goal,
        exit=_exit(fields),
        send_to_unsubscribed=fields.flag("send_to_unsubscribed") or False,
        unknown_outcome=cast("UnknownOutcome", fields.choice("unknown_outcome", UNKNOWN_OUTCOMES) or "hold"),
        plan=read_plan(fields.take("workflow"), fields.at("workflow"), faults),
    )
    if campaign.exit.on_goal and not fields.has("goal"):
        remedy = "Add a goal, such as {event: purchase}, or choose `stopped_matching` or `never`."
        fields.fault("exit", f"`{campaign.exit}` needs a goal, and there is none.", remedy)
    if campaign.frequency.limited and campaign.filters is not None:
        remedy = "Leave out one of the two; conditions on the event's data (`trigger.where`) may stay."
        fields.fault("frequency", "A frequency cannot be combined with segment filters.", remedy)
    fields.finish()
    if faults:
        raise DocumentError(faults)
    return campaign


def to_document(campaign: Campaign) -> dict[str, Any]:
    """Return the normalised document, block ids written out: `parse(to_document(c)) == c`."""
    written = {
        "name": campaign.name,
        "key": campaign.key,
        "description": campaign.description or None,
        "tags": list(campaign.tags) or None,
        "from": campaign.sender,
        "trigger": triggers.document(campaign.trigger),
        "filters": None if campaign.filters is None else conditions.document(campaign.filters),
        "frequency": frequency.document(campaign.frequency),
        "goal": None if campaign.goal is None else goals.document(campaign.goal),
        "exit": campaign.exit.value,
        "send_to_unsubscribed": campaign.send_to_unsubscribed,
        "unknown_outcome": campaign.unknown_outcome,
        "workflow": write_plan(campaign.plan),
    }
    return {key: value for key, value in written.items() if value is not None}


def segments_used(campaign: Campaign) -> frozenset[str]:
    """Return the keys of all segments that the campaign asks about, wherever it does."""
    asked = [question for step in campaign.plan.blocks.values() for question in step.questions()]
    if campaign.filters is not None:
        asked.append(campaign.filters)
    segments = {segment for question in asked for segment in conditions.touches(question).segments}
    if campaign.goal is not None and not isinstance(campaign.goal, EventGoal):
        segments.add(campaign.goal.segment)
    return frozenset(segments)


def _filters(fields: Fields) -> Condition | None:
    if not fields.has("filters"):
        return None
    place = fields.at("filters")
    scope = conditions.Scope.FILTERS
    filters = conditions.parse(fields.take("filters"), place=place, scope=scope, faults=fields.faults)
    return None if filters is None or conditions.is_empty(filters) else filters


def _exit(fields: Fields) -> Exit:
    chosen = fields.choice("exit", EXITS)
    return Exit.STOPPED_MATCHING if chosen is None else Exit(chosen)
