"""A campaign is one document: read when it is saved, with all its faults at once, and from then on a frozen value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, cast

from engine import conditions, frequency, goals, triggers
from engine.conditions import Condition, Facts
from engine.documents import Fields, read_tags
from engine.errors import DocumentError, Fault
from engine.exits import Exit
from engine.frequency import EVERY_TIME, Frequency
from engine.goals import EventGoal, Goal
from engine.plan_document import placed, read_plan, write_plan
from engine.plans import Plan
from engine.segments import Segment
from engine.spelling import every_fault
from engine.steps import KINDS
from engine.steps.message_fields import UNKNOWN_OUTCOMES, read_sender
from engine.steps.step import UnknownOutcome
from engine.triggers import ConditionTrigger, Trigger, WebhookTrigger

Grace = Literal["at_end", "early_return", "off"]

EXITS: Final = tuple(one.value for one in Exit)
GRACES: Final = ("at_end", "early_return", "off")
OF_PEOPLE: Final = ("filters", "frequency", "goal", "exit", "grace", "send_to_unsubscribed")
"""Keys that speak of a person: a data campaign has none of them (behaviour 1.93)."""

_NOT_IN_TRIGGER: Final = dict.fromkeys(
    (*OF_PEOPLE, "unknown_outcome", "workflow"), "It belongs to the campaign, beside `trigger`."
)
_INSIDE: Final = {
    **dict.fromkeys(KINDS, "It is a block: write it into the list `workflow`."),
    **{key: f"It belongs into `trigger`, {where}." for key, where in triggers.BESIDE.items()},
}
"""Keys that stand deeper in the document, to where that is."""

_FOR_ANOTHER: Final = 'Say whose it is, such as `person: {id: "{{trigger.customer}}"}`.'
_BY_AN_EVENT: Final = (
    "Send an event of a person instead (`send_event` with `person`), and let a second campaign with that trigger do it."
)
"""What a block without a person needs: its own `person` if it can have one, another campaign if it cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One version of a campaign."""

    key: str
    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    sender: str | None = None
    """Template of the default sender of its messages (`from`)."""
    trigger: Trigger
    filters: Condition | None = None
    """Segments that a person must be in or not in; None lets everybody pass."""
    frequency: Frequency = EVERY_TIME
    goal: Goal | None = None
    exit: Exit = Exit.STOPPED_MATCHING
    grace: Grace = "at_end"
    """What happens in a condition campaign to whoever does not match when a message is due (behaviour 10.50-10.60)."""
    send_to_unsubscribed: bool = False
    unknown_outcome: UnknownOutcome = "hold"
    plan: Plan
    _passes: Callable[[Facts], bool] | None = field(init=False, repr=False, compare=False)
    _triggers_on: Callable[[Facts], bool] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        match = self.trigger.condition if isinstance(self.trigger, ConditionTrigger) else None
        object.__setattr__(self, "_passes", conditions.compile_condition(self.filters) if self.filters else None)
        object.__setattr__(self, "_triggers_on", conditions.compile_condition(match) if match else None)

    @property
    def is_data(self) -> bool:
        """Whether its subject is a payload, and there is no person (behaviour 1.03)."""
        return isinstance(self.trigger, WebhookTrigger)

    @property
    def is_condition(self) -> bool:
        """Whether people enter because they match, and so can stop matching (behaviour 10.32)."""
        return isinstance(self.trigger, ConditionTrigger)

    @property
    def new_segments(self) -> tuple[Segment, ...]:
        """Segments that it brings along, to be made where they do not exist (behaviour 1.18)."""
        return self.trigger.segments if isinstance(self.trigger, ConditionTrigger) else ()

    def filters_hold(self, facts: Facts) -> bool:
        """Whether the person matches the segment filters now."""
        return self._passes is None or self._passes(facts)

    def matches(self, facts: Facts) -> bool:
        """Whether the person matches now: the filters, and the trigger's segments if it has any (behaviour 10.32)."""
        return (self._triggers_on is None or self._triggers_on(facts)) and self.filters_hold(facts)


def parse(document: object) -> Campaign:
    """Read a campaign document.

    Raises:
        DocumentError: with every fault of the document.
    """
    faults: list[Fault] = []
    campaign = _read(document, faults)
    if faults:
        raise DocumentError(every_fault(document, _read))
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
        "grace": campaign.grace if campaign.is_condition else None,
        "send_to_unsubscribed": campaign.send_to_unsubscribed,
        "unknown_outcome": campaign.unknown_outcome,
        "workflow": write_plan(campaign.plan),
    }
    left_out = OF_PEOPLE if campaign.is_data else ()
    return {key: value for key, value in written.items() if value is not None and key not in left_out}


def segments_used(campaign: Campaign) -> frozenset[str]:
    """Return the keys of all segments that the campaign asks about, or moves people in and out of."""
    asked = [question for step in campaign.plan.blocks.values() for question in step.questions()]
    if campaign.filters is not None:
        asked.append(campaign.filters)
    if isinstance(campaign.trigger, ConditionTrigger):
        asked.append(campaign.trigger.condition)
    segments = {segment for question in asked for segment in conditions.touches(question).segments}
    segments.update(*(step.segments() for step in campaign.plan.blocks.values()))
    if campaign.goal is not None and not isinstance(campaign.goal, EventGoal):
        segments.add(campaign.goal.segment)
    return frozenset(segments)


def _read(document: object, faults: list[Fault]) -> Campaign:
    """Read a campaign; with a fault it is not to be used."""
    fields = Fields(document, "", faults)
    fields.take("$schema")
    fields.require("name", "Write what the campaign is called.")
    name = fields.name("name") or ""
    trigger = triggers.parse(fields.take("trigger"), fields.at("trigger"), faults, elsewhere=_NOT_IN_TRIGGER)
    campaign = Campaign(
        key=fields.key("key", of=name),
        name=name,
        description=fields.text("description") or "",
        tags=read_tags(fields),
        sender=read_sender(fields, "from"),
        trigger=trigger or WebhookTrigger(),  # with a fault nothing of this is used
        exit=Exit.NEVER,
        unknown_outcome=cast("UnknownOutcome", fields.choice("unknown_outcome", UNKNOWN_OUTCOMES) or "hold"),
        plan=read_plan(fields.take("workflow"), fields.at("workflow"), faults),
    )
    if isinstance(trigger, WebhookTrigger):
        _refuse_people(fields, campaign.plan)
    else:
        campaign = _with_people(fields, campaign, trigger)
    fields.finish(elsewhere=_INSIDE)
    return campaign


def _with_people(fields: Fields, campaign: Campaign, trigger: Trigger | None) -> Campaign:
    """Return the campaign with what only campaigns with people have; of a trigger with faults nobody knows the type."""
    known = None if trigger is None else trigger.type
    goal = goals.parse(fields.take("goal"), fields.at("goal"), fields.faults)
    often = frequency.parse(fields.take("frequency"), fields.at("frequency"), fields.faults, trigger=known)
    filters = _filters(fields)
    if known is not None and filters is not None and often != frequency.default_of(known):
        remedy = "Leave out one of the two; conditions on the event's data (`trigger.where`) may stay."
        fields.fault("frequency", "A frequency cannot be combined with segment filters.", remedy)
    leave = _exit(fields)
    if leave.on_goal and not fields.has("goal"):
        remedy = "Add a goal, such as {event: purchase}, or choose `stopped_matching` or `never`."
        fields.fault("exit", f"`{leave}` needs a goal, and there is none.", remedy)
    grace = cast("Grace", fields.choice("grace", GRACES) or "at_end")
    if known not in ("condition", None) and fields.has("grace"):
        remedy = "Leave it out: whoever does not match when a message is due exits at once."
        fields.fault("grace", "Only a campaign with a condition trigger has a grace period.", remedy)
    return replace(
        campaign,
        filters=filters,
        frequency=often,
        goal=goal,
        exit=leave,
        grace=grace,
        send_to_unsubscribed=fields.flag("send_to_unsubscribed") or False,
    )


def _refuse_people(fields: Fields, plan: Plan) -> None:
    for key in OF_PEOPLE:
        if fields.has(key):
            fields.fault(key, f"A data campaign has no person, and so no `{key}`.", "Leave it out.")
    for place, step, _ in placed(plan.steps, "workflow"):
        if step.needs_person:
            remedy = _FOR_ANOTHER if "person" in type(step).json_schema() else _BY_AN_EVENT
            fields.faults.append(
                Fault(place=place, problem="A data campaign has no person whom this could be for.", remedy=remedy)
            )


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
