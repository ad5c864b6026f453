"""A document can be well-formed and still be no campaign to start: this is what somebody looks through before they do.

Errors keep a campaign from starting, warnings do not (behaviour 12.02, 12.03). What `parse` refuses is not repeated.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from engine.campaigns import Campaign
from engine.conditions import Condition, touches
from engine.errors import Fault
from engine.goals import Basis, EventGoal, Goal
from engine.plan_document import placed
from engine.readable import BLANK, ELSEWHERE, empty_in, instead_of, templates_of
from engine.segments import Segment
from engine.steps import Branch, Email, ExitStep, MessageStep, Step, UpdateSegment
from engine.templates import Language, reads
from engine.triggers import ConditionTrigger, DateTrigger, EventTrigger, Trigger, TriggerType
from engine.triggers.new_segments import condition_of

Level = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True)
class Finding(Fault):
    """Something to be mended before the start, or at least known."""

    level: Level
    forbids_edit: bool = False
    """No start will refuse a campaign that runs, so the save that brings this into one does."""


def review(
    campaign: Campaign,
    *,
    known_segments: AbstractSet[str] | None = None,
    archived_segments: AbstractSet[str] | None = None,
    manual_segments: AbstractSet[str] | None = None,
    known_events: AbstractSet[tuple[str, str]] | None = None,
    known_forms: AbstractSet[str] | None = None,
    known_attributes: AbstractSet[str] | None = None,
    channels: AbstractSet[str] | None = None,
    default_sender: str | None = None,
    matching_now: int | None = None,
) -> list[Finding]:
    """Return what a start must know, in the order of the document. Whatever is None is left out of the review.

    Args:
        campaign: as it would be started.
        known_segments: keys of the segments that exist.
        archived_segments: keys of those among them that are archived.
        manual_segments: keys of those among them that people are put into by hand.
        known_events: kind and name of the events that have come in.
        known_forms: ids of the forms that have been submitted or connected.
        known_attributes: names of the attributes that somebody has.
        channels: names of the channels that have what they need to send.
        default_sender: of the installation, for emails of a campaign without `from`; empty if it has none.
        matching_now: how many people match the trigger of a condition campaign.
    """
    new = campaign.new_segments
    it = _Review(
        segments=None if known_segments is None else known_segments | {one.key for one in new},
        archived=archived_segments or frozenset(),
        manual=None if manual_segments is None else manual_segments | {one.key for one in new if one.is_manual},
        events=known_events,
        forms=known_forms,
        attributes=known_attributes,
        channels=channels,
        sender=campaign.sender or default_sender,
        trigger=campaign.trigger.type,
        basis=campaign.goal.frame.after if campaign.goal else "received",
    )
    findings = list(it.of_trigger(campaign.trigger, matching_now))
    if campaign.filters is not None:
        findings.extend(it.of_condition("filters", campaign.filters))
    findings.extend(it.of_goal(campaign.goal))
    if campaign.sender is not None and any(isinstance(one, Email) for one in campaign.plan.blocks.values()):
        findings.extend(it.of_template("from", campaign.sender, "liquid", is_message=True))
    for place, step, before in placed(campaign.plan.steps, "workflow"):
        findings.extend(it.of_step(place, step))
        if isinstance(before, ExitStep):
            findings.append(_finding("warning", place, "Nobody gets here, behind an exit.", "Remove one of the two."))
    if not campaign.is_data and not any(isinstance(step, MessageStep) for step in campaign.plan.blocks.values()):
        findings.append(_finding("warning", "workflow", "Nobody gets a message.", "Add one, unless that is meant."))
    return findings


def review_segment(
    segment: Segment, *, known: AbstractSet[str], archived: AbstractSet[str], place: str = "condition"
) -> list[Finding]:
    """Return what the writer of a segment must know of those that it asks about.

    Args:
        segment: as it would be saved.
        known: keys of the segments that exist.
        archived: keys of those among them that are archived.
        place: of its condition.
    """
    findings = []
    for key in sorted(segment.segments_used - known):
        remedy = "Save that segment too; until then nobody is in it."
        findings.append(_finding("warning", place, f"There is no segment `{key}` yet.", remedy))
    for key in sorted(segment.segments_used & archived):
        remedy = "Bring it back, or ask about another one; until then nobody joins or leaves it."
        findings.append(_finding("warning", place, f"The segment `{key}` is archived.", remedy))
    return findings


@dataclass(frozen=True, kw_only=True)
class _Review:
    """One reading, and what there is beside the campaign."""

    segments: AbstractSet[str] | None
    archived: AbstractSet[str]
    manual: AbstractSet[str] | None
    events: AbstractSet[tuple[str, str]] | None
    forms: AbstractSet[str] | None
    attributes: AbstractSet[str] | None
    channels: AbstractSet[str] | None
    sender: str | None
    """Of emails that name none; empty if there is none, None if nobody can say."""
    trigger: TriggerType
    basis: Basis

    @property
    def is_data(self) -> bool:
        return self.trigger == "webhook"

    def of_trigger(self, trigger: Trigger, matching_now: int | None) -> Iterator[Finding]:
        match trigger:
            case EventTrigger(kind="form", name=form):
                if self.forms is not None and form not in self.forms:
                    remedy = "It is connected by its first submission. Check the form's id."
                    yield _finding("warning", "trigger", f"Nobody has submitted a form `{form}` yet.", remedy)
            case EventTrigger(kind=kind, name=name):
                yield from self.of_event("trigger", kind, name)
            case ConditionTrigger(condition=condition, segments=new):
                yield from self.of_condition("trigger.condition", condition)
                yield from self.of_new(new)
                if matching_now == 0:
                    remedy = "People enter once they begin to match. Check the segments if there should be some."
                    yield _finding("warning", "trigger.condition", "Nobody matches now.", remedy)
            case DateTrigger(path=path):
                if self.attributes is not None and path.steps[0] not in self.attributes:
                    remedy = "People enter once they have it. Check its name."
                    yield _finding("warning", "trigger.date", f"Nobody has the attribute `{path.steps[0]}`.", remedy)

    def of_new(self, segments: Sequence[Segment]) -> Iterator[Finding]:
        if self.segments is not None:
            for segment in segments:
                place = condition_of(segment.key)
                yield from review_segment(segment, known=self.segments, archived=self.archived, place=place)

    def of_goal(self, goal: Goal | None) -> Iterator[Finding]:
        if isinstance(goal, EventGoal):
            yield from self.of_event("goal", goal.kind, goal.name)
        elif goal is not None:
            yield from self.of_segments("goal", {goal.segment})

    def of_event(self, place: str, kind: str, name: str) -> Iterator[Finding]:
        if self.events is not None and (kind, name) not in self.events:
            problem = f"No {kind} `{name}` has come in yet."
            yield _finding("warning", place, problem, "Check its name: it is compared exactly, capitals included.")

    def of_condition(self, place: str, condition: Condition) -> Iterator[Finding]:
        asked = touches(condition)
        yield from self.of_segments(place, asked.segments)
        if self.is_data and (asked.segments or asked.attributes):
            remedy = "Ask about what the call brought, with `data`."
            yield _finding("warning", place, "It asks about a person, and a data campaign has none.", remedy)

    def of_segments(self, place: str, asked: AbstractSet[str]) -> Iterator[Finding]:
        for segment in sorted(set() if self.segments is None else asked - self.segments):
            remedy = "Apply the segment first, or correct its key."
            yield _finding("error", place, f"There is no segment `{segment}`.", remedy)
        for segment in sorted(asked & self.archived):
            yield _archived(place, segment, "Unarchive it, or ask about another one.")

    def of_step(self, place: str, step: Step) -> Iterator[Finding]:
        for question in step.questions():
            yield from self.of_condition(f"{place}.if", question)
        if isinstance(step, UpdateSegment):
            yield from self.of_target(place, step.segment)
        else:
            yield from self.of_segments(place, step.segments())
        if isinstance(step, MessageStep):
            yield from self.of_message(place, step, type(step).json_schema())
            if step.ab_test is not None:
                yield from self.of_message(f"{place}.ab_test", step.ab_test.variation, step.ab_test.changes)
        else:
            for at, source in templates_of(step, place, step.template_fields):
                yield from self.of_template(at, source, step.template_language, is_message=False)
        if isinstance(step, Branch) and step.question is None:
            yield _finding("warning", place, "The branch has no condition.", "Everybody takes `else`.")
        elif isinstance(step, Branch) and not (step.then or step.otherwise):
            yield _finding("warning", place, "Both paths are empty.", "Write blocks for `then` or `else`.")

    def of_template(self, place: str, source: str, language: Language, *, is_message: bool) -> Iterator[Finding]:
        """Look for names that are empty in every journey of the campaign."""
        found = reads(source, language)
        for name in sorted(found.lines.keys() & empty_in(self.trigger, is_message=is_message)):
            fails = name in found.printed and name not in BLANK
            line = "" if found.lines[name] is None else f"Line {found.lines[name]}: "
            where = "here" if name in ELSEWHERE else f"in a {'data' if self.is_data else self.trigger} campaign"
            problem = f"{line}`{name}` is always empty {where}{', and what prints it fails' if fails else ''}."
            yield _finding("error" if fails else "warning", place, problem, instead_of(name, self.trigger))

    def of_no_sender(self, place: str) -> Finding:
        remedy = "Write `from` here or for the whole campaign."
        if self.sender is None:
            problem = "The email names no sender, and whether there is a default one only the API knows."
            return _finding("warning", place, problem, remedy)
        return _finding("error", place, "The email has no sender.", remedy)

    def of_target(self, place: str, segment: str) -> Iterator[Finding]:
        """Look at a segment that people are put into or taken out of."""
        if self.manual is not None and segment not in self.manual:
            is_there = self.segments is not None and segment in self.segments
            what = "is not a manual segment: people join and leave it by themselves" if is_there else "does not exist"
            remedy = "Name a manual segment; `sojourn segments create-manual` makes one."
            yield _finding("error", place, f"The segment `{segment}` {what}.", remedy)
        elif segment in self.archived:
            yield _archived(place, segment, "Unarchive it, or name another.")

    def of_message(self, place: str, step: MessageStep, keys: Container[str]) -> Iterator[Finding]:
        """Look at what these keys of a message say: all of it, or what is different about a variation."""
        for at, source in templates_of(step, place, keys):
            yield from self.of_template(at, source, step.template_language, is_message=True)
        if isinstance(step, Email) and "from" in keys and not (step.sender or self.sender):
            yield self.of_no_sender(place)
        if isinstance(step, Email) and "tracking" in keys and not step.tracking and self.basis != "received":
            problem = f"`{step.label}` is not tracked, and the goal counts after a message was {self.basis}."
            yield _finding("warning", place, problem, "Track it, or let the goal count after it was received.")
        if "sending" in keys and step.sending == "off":
            yield _finding("warning", place, f"`{step.label}` is off.", "Write `sending: automatic` to send it.")
        elif "sending" in keys and self.channels is not None and step.channel not in self.channels:
            remedy = "Give Sojourn the channel's settings, or turn the message off."
            yield _finding("error", place, f"Nothing can be sent by {step.channel} here: it is not set up.", remedy)


def _finding(level: Level, place: str, problem: str, remedy: str) -> Finding:
    return Finding(level=level, place=place, problem=problem, remedy=remedy)


def _archived(place: str, segment: str, remedy: str) -> Finding:
    problem = f"The segment `{segment}` is archived."
    return Finding(level="error", place=place, problem=problem, remedy=remedy, forbids_edit=True)
