"""Somebody asks why a person did or did not get into a campaign. The answer looks at each gate on the way in.

Every gate says whether it is open now, in words and with the data it saw, so that the first closed one is the reason.
What happened before is in the record: journeys, refusals, and what still waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, assert_never

from engine import conditions, dates, exits, subscription
from engine.campaigns import Campaign
from engine.conditions import Condition, Facts
from engine.dates import Fire
from engine.decisions import Situation
from engine.triggers import ConditionTrigger, DateTrigger, EventTrigger, WebhookTrigger

GateName = Literal["campaign", "trigger", "filters", "frequency", "exit", "subscription"]

Ignored = Literal["before_start", "stopped"]

Turn = Literal["loading", "paused"]
"""Whether the current matches of a campaign are being let in."""

ENTERABLE: Final = ("starting", "running")

_SHUT: Final[Mapping[str, str]] = {
    "draft": "The campaign is a draft, and nobody enters until it is started.",
    "stopping": "The campaign is stopping: whoever is inside finishes, and nobody enters until it is started again.",
    "stopped": "The campaign is stopped, and nobody enters until it is started again.",
    "archived": "The campaign is archived, and nobody enters until it is brought back and started again.",
}
"""What a campaign in any other state says, and what would change that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One thing that has to be so before a person enters, or before they get messages."""

    name: GateName
    is_open: bool | None
    """Whether it lets the person pass now; None is that an event yet to come decides."""
    text: str
    """One sentence for people to read."""
    seen: Mapping[str, Any] = field(default_factory=dict)
    """The data that was looked at: condition trees with the truth of every part, instants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """How often the person has entered the campaign."""

    count: int = 0
    last_at: datetime | None = None
    is_inside: bool = False
    has_stopped: bool = False
    """Under `every_match`: whether they have stopped matching since the last entry (behaviour 13.09)."""
    waits_until: datetime | None = None
    """How long something that triggered the campaign goes on waiting for the filters; None if nothing does."""


def gates(
    campaign: Campaign,
    facts: Facts,
    *,
    state: str,
    started_at: datetime | None,
    entries: Entries,
    rules: Mapping[str, Condition],
    building: AbstractSet[str] = frozenset(),
    similar: Sequence[str] = (),
    decided: Fire | None = None,
) -> list[Gate]:
    """Return every gate of a campaign for a person, in the order in which they are met.

    Args:
        campaign: with people: a data campaign has no gates.
        facts: of the person now, with whatever the conditions of segments ask about.
        state: of the campaign.
        started_at: of its latest start.
        entries: of the person, so far.
        rules: the condition of each data-driven segment, for the truth of its parts.
        building: segments whose members are not all known yet.
        similar: names of events that the person did, where the trigger waits for one that they did not.
        decided: the latest date of the person that is still to come, but was decided at another time of its day (1.69).
    """
    known = replace(facts, segments=frozenset(facts.segments) - building)
    return [
        _campaign(state, started_at),
        _trigger(campaign, known, rules, building, similar, decided),
        _filters(campaign, known, rules, building),
        _frequency(campaign, entries, facts.now),
        _exit(campaign, facts, state, building),
        _subscription(campaign, facts),
    ]


def ignored(
    *,
    received_at: datetime,
    occurred_at: datetime,
    first_started_at: datetime | None,
    started_at: datetime | None,
    stopped_at: datetime | None,
) -> Ignored | None:
    """Return why a campaign took no notice of an event, whatever its data; None if it did, or may have (1.05, 1.43).

    Args:
        received_at: of the event.
        occurred_at: of the event.
        first_started_at: of the campaign.
        started_at: of its latest start.
        stopped_at: of the latest stop that came to its end.
    """
    if first_started_at is None or started_at is None or received_at < first_started_at:
        return "before_start"
    if stopped_at is not None and stopped_at <= received_at and not stopped_at < started_at <= received_at:
        return "stopped"
    # What came before the latest start and not while it was stopped, an earlier run may have taken.
    is_late = received_at >= started_at and occurred_at < started_at.replace(microsecond=0)
    return "before_start" if is_late else None


def summary(campaign: Campaign, found: Sequence[Gate], entries: Entries, turn: Turn | None = None) -> str:
    """Return the answer in one sentence: what happened, or the first gate that is closed.

    `turn` is that of the current matches of a start, if the person is one of them and has not been reached yet (12.05).
    """
    times = "once" if entries.count == 1 else f"{entries.count} times"
    past = f"Entered {times}, last at {_said(entries.last_at)}" if entries.last_at else "Never entered"
    if entries.is_inside:
        return f"{past}; is inside now."
    if entries.waits_until is not None:
        what = "a date" if isinstance(campaign.trigger, DateTrigger) else "an event"
        past += f"; {what} waits for the filters until {_said(entries.waits_until)}"
    closed = next((gate for gate in found if gate.is_open is False and gate.name != "subscription"), None)
    if closed is not None:
        return f"{past}; would not enter now: {_lowered(closed.text)}"
    if turn == "loading":
        return f"{past}; matches now, and enters with the current matches, which are being let in."
    if turn == "paused":
        return f"{past}; matches now, and enters with the current matches, which are paused."
    if campaign.is_condition:
        return f"{past}; matches now, and enters when the person stops matching and matches again."
    return f"{past}; nothing stands in the way now: {_lowered(found[1].text)}"


def _campaign(state: str, started_at: datetime | None) -> Gate:
    if state in ENTERABLE:
        since = f" since {_said(started_at)}" if started_at else ""
        return Gate(name="campaign", is_open=True, text=f"The campaign is {state}{since}.")
    return Gate(name="campaign", is_open=False, text=_SHUT[state])


def _trigger(
    campaign: Campaign,
    facts: Facts,
    rules: Mapping[str, Condition],
    building: AbstractSet[str],
    similar: Sequence[str],
    decided: Fire | None,
) -> Gate:
    trigger = campaign.trigger
    match trigger:
        case ConditionTrigger(condition=condition):
            return _asked("trigger", condition, facts, rules, building, "the trigger's segments")
        case DateTrigger():
            found = dates.next_fire(trigger, facts.attributes, after=decided.at if decided else facts.now)
            if isinstance(found, Fire):
                seen = {"fires_at": found.at.isoformat(), "date": found.date.isoformat()}
                return Gate(name="trigger", is_open=None, text=f"The date comes at {_said(found.at)}.", seen=seen)
            text = f"The date {decided.date} has come already, at another time." if decided else found.text
            return Gate(name="trigger", is_open=False, text=text, seen={"reason": found.reason})
        case EventTrigger(kind=kind, name=name):
            text = f'Waits for the {kind} "{name}".'
            asked: dict[str, Any] = {} if trigger.where is None else {"where": conditions.describe(trigger.where)}
            if similar:
                others = ", ".join(f'"{one}"' for one in similar)
                text += f" The person never did that, but {others}: names are compared exactly."
                asked["similar"] = list(similar)
            return Gate(name="trigger", is_open=None, text=text, seen=asked)
        case WebhookTrigger():
            raise ValueError("a data campaign is about nobody")
        case _:
            assert_never(trigger)


def _filters(campaign: Campaign, facts: Facts, rules: Mapping[str, Condition], building: AbstractSet[str]) -> Gate:
    if campaign.filters is None:
        return Gate(name="filters", is_open=True, text="The campaign has no filters.")
    gate = _asked("filters", campaign.filters, facts, rules, building, "the filters")
    if campaign.is_condition and not gate.is_open:
        text = f"{gate.text} They are looked at when the first message is due."
        return replace(gate, is_open=None, text=text)
    return gate


def _asked(
    name: GateName,
    condition: Condition,
    facts: Facts,
    rules: Mapping[str, Condition],
    building: AbstractSet[str],
    what: str,
) -> Gate:
    is_open = conditions.holds(condition, facts)
    segments = _segments(condition, rules)
    undecided = sorted(building & segments)
    seen: dict[str, Any] = {
        "condition": conditions.explain(condition, facts),
        "segments": {key: conditions.explain(rules[key], facts) for key in sorted(segments) if key in rules},
    }
    if undecided:
        text = f"The person is not known to match {what}: {', '.join(undecided)} is still being built."
        return Gate(name=name, is_open=False, text=text, seen=seen | {"building": undecided})
    text = f"The person {'matches' if is_open else 'does not match'} {what}: {conditions.describe(condition)}."
    return Gate(name=name, is_open=is_open, text=text, seen=seen)


def _segments(condition: Condition, rules: Mapping[str, Condition]) -> frozenset[str]:
    """Return the segments that a condition asks about, and those that they ask about."""
    found: set[str] = set()
    waiting = set(conditions.touches(condition).segments)
    while waiting:
        key = waiting.pop()
        found.add(key)
        waiting |= (conditions.touches(rules[key]).segments if key in rules else frozenset()) - found
    return frozenset(found)


def _frequency(campaign: Campaign, entries: Entries, now: datetime) -> Gate:
    seen = {"entries": entries.count, "last_entered_at": entries.last_at.isoformat() if entries.last_at else None}
    if campaign.is_condition and entries.is_inside:
        return Gate(name="frequency", is_open=False, text="The person is inside from an earlier match.", seen=seen)
    if campaign.frequency.allows(entries.last_at, now):
        return Gate(name="frequency", is_open=True, text="The frequency allows an entry.", seen=seen)
    text, again_at = campaign.frequency.refusal, campaign.frequency.again_at(entries.last_at)
    if again_at is not None:
        text += f" An entry is possible again from {_said(again_at)}."
        seen["possible_from"] = again_at.isoformat()
    return Gate(name="frequency", is_open=False, text=text, seen=seen)


def _exit(campaign: Campaign, facts: Facts, state: str, building: AbstractSet[str]) -> Gate:
    situation = Situation(
        journey=0,
        campaign=campaign,
        campaign_state=state,
        facts=facts,
        started_at=facts.now,
        now=facts.now,
        building=frozenset(building),
    )
    met = exits.check_at_entry(situation) if campaign.exit.on_goal else None
    if met is not None and met.reason.startswith("goal"):
        text = "The goal is met already: a journey would end at once."
        return Gate(name="exit", is_open=False, text=text, seen=met.seen)
    return Gate(name="exit", is_open=True, text="No exit condition is met.")


def _subscription(campaign: Campaign, facts: Facts) -> Gate:
    if not subscription.is_unsubscribed(facts.attributes):
        return Gate(name="subscription", is_open=True, text="The person is subscribed.")
    seen = {"unsubscribed": facts.attributes.get("unsubscribed")}
    if campaign.send_to_unsubscribed:
        text = "The person has unsubscribed; the campaign sends to them all the same."
        return Gate(name="subscription", is_open=True, text=text, seen=seen)
    text = "The person has unsubscribed: they may enter, and messages are withheld unless one says otherwise."
    return Gate(name="subscription", is_open=False, text=text, seen=seen)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _said(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
