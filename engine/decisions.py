"""A decision about a journey sees only its `Situation` and changes only what its `Decision` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from engine.campaigns import Campaign
from engine.conditions import Condition, Facts, touches
from engine.moves import Move
from engine.plans import Plan
from engine.steps import Step
from engine.steps.step import Arm

State = Literal["waiting_start", "running", "grace", "finished", "exited"]
"""Behaviour 9.04. `waiting_start` is a journey that waits to begin (1.19), `grace` one whose message waits (10.50)."""

NoteKind = Literal[
    "entered",  # the journey is there
    "began",  # it had waited for the instant of its beginning, and began (behaviour 1.19)
    "waiting",  # it waits, at a block or to begin
    "grace",  # the person does not match, and its message waits: how long, and what was seen (behaviour 10.59)
    "passed",  # it passed a block that asks nothing
    "branched",  # it took a path
    "skipped",  # the action condition is false, or sending is off (behaviour 6.04, 7.05)
    "withheld",  # the person has unsubscribed (behaviour 11.05)
    "due",  # a message or a change of data is due; for a message with what the exit check saw
    "sent",  # the message was handed over
    "attempted",  # nobody took the message yet; it is tried again while the journey goes on (behaviour 6.42)
    "failed",  # the message or the change of data could not be made or was refused
    "suppressed",  # the address, or one in copy, must not be written to (behaviour 11.10)
    "unknown",  # nobody knows whether the message left
    "copied",  # a separate copy of the message was handed over
    "copy_failed",  # a separate copy was not, as far as anybody knows
    "changed",  # the change of data is applied
    "left_out",  # a batch update found more people than it may change (behaviour 6.52)
    "moved",  # the block was deleted from the campaign (behaviour 15.26)
    "finished",
    "exited",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that a decision needs to know."""

    journey: int
    """Its number; 0 if there is none, and somebody only asks whether there could be one."""
    campaign: Campaign
    """The latest version (behaviour 15.01)."""
    campaign_state: str
    facts: Facts
    """The person as they are now; `facts.data` is the data of the trigger event, frozen for the journey.

    In a data campaign there is no person: no attributes, no segments, and `facts.data` is the payload (behaviour 1.03).
    """
    state: State = "running"
    block: str | None = None
    """Where the journey stands; None before the first block."""
    arrived_at: datetime | None = None
    due_at: datetime | None = None
    """Until when it was last told to wait."""
    begun: Arm | None = None
    """Which arm of an A/B test the message of `block` was begun with; None if it was not begun."""
    started_at: datetime
    now: datetime
    goal_met: bool = False
    """Whether the event of an event goal was seen since the journey began (behaviour 10.37, 10.41)."""
    building: frozenset[str] = frozenset()
    """Segments whose members are not all known yet (behaviour 3.04); nobody exits by them."""
    person_exists: bool = True
    unsubscribed: bool = False
    ending: str | None = None
    """The exit reason that an operator asked for."""
    previous: Plan | None = None
    """The plan in which the journey stood, if the latest one no longer has its block."""

    # Of condition campaigns
    begins_at: datetime | None = None
    """While it waits to begin: the instant for which the trigger asks now (behaviour 1.19)."""
    unmatched_at: datetime | None = None
    """Since when the person does not match trigger and filters; None while they do."""
    unmatched_wait: timedelta | None = None
    """How long the wait lasted in which they stopped matching; None if it was in none (behaviour 10.53)."""
    last_wait: timedelta | None = None
    """How long the latest wait lasted that is over."""
    filters_met: bool = False
    """Whether the filters were met at the first message, or at a later one (behaviour 4.08)."""

    def step(self, block: str) -> Step | None:
        """Return a block of the latest plan as this journey gets it; None if it is not there."""
        return self.campaign.plan.step(block, self.journey, self.begun if block == self.block else None)

    def undecided(self, asked: Iterable[Condition], segments: frozenset[str] = frozenset()) -> dict[str, list[str]]:
        """Return, for the log, those of these segments that are building, and of those that conditions ask about."""
        if not self.building:
            return {}
        found = sorted(self.building & segments.union(*(touches(one).segments for one in asked)))
        return {"building": found} if found else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line of the journey's log."""

    kind: NoteKind
    block: str | None = None
    text: str
    """In plain words."""
    seen: Mapping[str, Any] = field(default_factory=dict)
    """The data that was looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the journey does next, and what its record says from now on."""

    move: Move
    """`turn` is 0: the caller, who counts turns, fills it in by `with_turn`."""
    state: State
    exit_reason: str | None = None
    block: str | None = None
    arrived_at: datetime | None = None
    due_at: datetime | None = None
    notes: tuple[Note, ...] = ()
    last_wait: timedelta | None = None
    """How long the latest wait lasted; None if none is over since the decision before."""
    unmatched_wait: timedelta | None = None
    """The same, if the person stopped matching in it or in an earlier one of this decision (behaviour 10.53)."""
    filters_met: bool = False
    """Whether the filters were looked at for a message and met."""
    begins: bool = False
    """Whether a journey that waited to begin begins now (behaviour 1.19)."""

    def with_turn(self, turn: int) -> Decision:
        """Return the decision with its number."""
        return replace(self, move=self.move.model_copy(update={"turn": turn}))
