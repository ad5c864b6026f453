"""Where does a journey go from here? One walk from block to block, up to what takes time or touches the world.

The order at a message is that of behaviour 6.07: exit condition, action condition, sending, subscription. What
comes after (suppression, rendering, hand-over) is the sender's. What happens at a block the block says itself: see
`engine/steps/step.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from engine import conditions, exits, grace, subscription
from engine.decisions import Decision, Note, NoteKind, Situation
from engine.leaving import FINISHED, ended, leave
from engine.moves import Act, Send, Wait
from engine.plans import Plan
from engine.steps import DataStep, MessageStep, Step
from engine.steps.step import Effect, End, Hold, Message, Pass, Standing
from engine.triggers import ConditionTrigger

__all__ = [
    "Decision",
    "Note",
    "Situation",
    "check_exit",
    "effect_due",
    "enter",
    "message_due",
    "move_on",
    "next_move",
]


def enter(
    situation: Situation, *, seen: Mapping[str, Any] | None = None, begins_at: datetime | None = None
) -> Decision:
    """Decide the first move of a journey that is entered now.

    Args:
        situation: with no block. The campaign has been triggered; where filters say who may enter, they match.
        seen: what entry was decided on, for the log.
        begins_at: for which instant the trigger asks to wait (behaviour 1.19); None or one in the past for none.

    Returns:
        The first move; a Leave if the exit condition is met already (behaviour 10.34-10.36), or nothing is to be done.
    """
    entered = Note(kind="entered", text=f"Entered by {situation.campaign.trigger.entered_by}", seen=seen or {})
    if reason := ended(situation):
        return leave(reason, notes=(entered,))
    if begins_at is not None and begins_at > situation.now:
        return _wait_to_begin(replace(situation, arrived_at=situation.now), begins_at, entered)
    return _begin(situation, entered)


def next_move(situation: Situation) -> Decision:
    """Decide the next move of a journey whose wait is over, or that was told to look again."""
    if reason := ended(situation):
        return leave(reason, block=situation.block)
    if situation.state == "waiting_start":
        return _next_beginning(situation)
    walk = _Walk(situation, [])
    if situation.block is None:
        return walk.go(situation.campaign.plan.first, situation.now)
    # Whoever comes out of a grace period arrives at their message now, and what follows it counts from now.
    return walk.go_on_at(situation.block, None if situation.state == "grace" else situation.arrived_at)


def check_exit(situation: Situation) -> Decision | None:
    """Look, right before a message, whether the journey ends or waits instead; None lets the message go.

    A message that the latest plan does not have is none that an exit is looked at for: `message_due` goes on behind it.
    """
    if reason := ended(situation):
        return leave(reason, block=situation.block)
    block = situation.block or ""
    is_message = isinstance(situation.campaign.plan.blocks.get(block), MessageStep)
    return grace.look(situation, block) if is_message else None


def message_due(situation: Situation, block: str) -> Decision | None:
    """Look once more, in the transaction that claims the delivery; None sends the message of `block`."""
    if reason := ended(situation):
        return leave(reason, block=situation.block)
    walk = _Walk(situation, [])
    step = situation.step(block)
    if not isinstance(step, MessageStep):
        return walk.go_on_at(block)
    if (instead := grace.look(situation, block)) is not None:
        return instead
    skipped = _skipped(situation, step)
    return None if skipped is None else walk.go_past(block, skipped)


def effect_due(situation: Situation, block: str) -> Decision | None:
    """Look once more before a change of data; None carries it out. Exit conditions do not count here (4.05)."""
    if reason := ended(situation):
        return leave(reason, block=block)
    if isinstance(situation.campaign.plan.blocks.get(block), DataStep):
        return None
    return _Walk(situation, []).go_on_at(block)


def move_on(situation: Situation, block: str, notes: Sequence[Note] = ()) -> Decision:
    """Decide what comes after a message or a change of data, whatever became of it (behaviour 6.06)."""
    if reason := ended(situation):
        return leave(reason, block=block, notes=notes)
    return _Walk(situation, []).go_past(block, *notes)


def _next_beginning(situation: Situation) -> Decision:
    """Decide about a journey that waits to begin, and whose person may have got another instant meanwhile.

    One without any, whose person does not match at the moment, waits on for the one it had: nothing is checked between
    two looks (behaviour 10.40), and the look is when it begins.
    """
    trigger, begins_at = situation.campaign.trigger, situation.begins_at
    is_matching = isinstance(trigger, ConditionTrigger) and conditions.holds(trigger.condition, situation.facts)
    if begins_at is None and not is_matching:
        begins_at = situation.due_at
    if begins_at is not None and begins_at > situation.now:
        return _wait_to_begin(situation, begins_at)
    return _begin(situation, Note(kind="began", text="The instant of the beginning has come"), begins=True)


def _wait_to_begin(situation: Situation, begins_at: datetime, *notes: Note) -> Decision:
    text = f"Waits to begin, until {begins_at:%Y-%m-%d %H:%M} UTC"
    waiting = () if begins_at == situation.due_at else (Note(kind="waiting", text=text),)
    return Decision(
        move=Wait(turn=0, until=begins_at, text=text),
        state="waiting_start",
        arrived_at=situation.arrived_at,
        due_at=begins_at,
        notes=(*notes, *waiting),
    )


def _begin(situation: Situation, note: Note, *, begins: bool = False) -> Decision:
    """Decide the first move, with the exit check before it (behaviour 10.33).

    Of an event goal only events after the beginning count, and there are none yet (10.37).
    """
    situation = replace(situation, goal_met=False)
    if met := exits.check_at_entry(situation):
        return leave(met.reason, text=met.text, seen=met.seen, notes=(note,))
    decision = _Walk(situation, [note]).go(situation.campaign.plan.first, situation.now)
    return replace(decision, begins=True) if begins else decision


class _Walk:
    """From block to block, collecting notes."""

    def __init__(self, situation: Situation, notes: list[Note]) -> None:
        self.situation = self.before = situation
        self.plan = situation.campaign.plan
        self.notes = notes

    def go_on_at(self, block: str, arrived_at: datetime | None = None) -> Decision:
        """Go on at the block where the journey stands, or behind it if the latest plan no longer has it."""
        name = block if block in self.plan.blocks else self.previous(block).renamed_in(self.plan, block)
        if name is None:
            text = f"Block {block} was deleted; the journey goes on behind it"
            if arrived_at is not None and self.situation.due_at is not None:
                self.after_wait(arrived_at, self.situation.now)
            return self.go_past(block, Note(kind="moved", block=block, text=text))
        return self.go(name, arrived_at or self.situation.now, reached=arrived_at is None)

    def go_past(self, block: str, *notes: Note) -> Decision:
        """Go on behind a block, which the latest plan may no longer have (behaviour 15.26)."""
        self.notes.extend(notes)
        is_here = block in self.plan.blocks
        following = self.plan.after(block) if is_here else self.previous(block).following_in(self.plan, block)
        return self.go(following, self.situation.now)

    def previous(self, block: str) -> Plan:
        """Return the plan in which the journey stood."""
        plan = self.situation.previous
        if plan is None or block not in plan.blocks:
            raise ValueError(f"block {block} is neither in the latest plan nor in the previous one")
        return plan

    def go(self, block: str | None, at: datetime, *, reached: bool = True) -> Decision:
        """Walk on from a block at which the journey arrived at `at`; `reached` if it was not there before."""
        for _ in self.plan.blocks:
            if block is None:
                break
            step = self.situation.step(block)
            assert step is not None  # the plan leads to its own blocks only
            done = self.arrive(step, at, reached=reached)
            if isinstance(done, Decision):
                return self.remember(done)
            if not isinstance(step, MessageStep):
                self.after_wait(at, done.at or (at if reached else self.situation.now))
            block, at, reached = self.plan.entry_of(block, done.path), done.at or at, True
        if block is not None:
            raise RuntimeError(f"the walk through the workflow does not end, at block {block}")
        return leave(FINISHED, notes=self.notes)

    def after_wait(self, since: datetime, until: datetime) -> None:
        if self.situation.state == "running":
            self.situation = grace.after_wait(self.situation, since, until)

    def remember(self, decision: Decision) -> Decision:
        """Add what the walk came to know that later decisions ask for."""
        known, known_before = self.situation, self.before
        if known is known_before:
            return decision
        return replace(
            decision,
            last_wait=known.last_wait,
            unmatched_wait=known.unmatched_wait,
            filters_met=known.filters_met,
        )

    def arrive(self, step: Step, at: datetime, *, reached: bool) -> Decision | Pass:
        """Return what happens at one block: a decision, or that the walk goes on."""
        situation = self.situation
        looked: Mapping[str, Any] = {}
        if isinstance(step, MessageStep):
            if (instead := grace.look(situation, step.id, self.notes)) is not None:
                return instead
            looked = exits.seen(situation)
            if situation.campaign.is_condition and situation.campaign.filters_hold(situation.facts):
                self.situation = replace(situation, filters_met=True)
        if (reached or isinstance(step, MessageStep)) and (skipped := _skipped(situation, step)):
            self.notes.append(skipped)
            return Pass(text="")
        due_at = None if reached else situation.due_at
        outcome = step.arrive(Standing(facts=situation.facts, now=situation.now, arrived_at=at, due_at=due_at))
        match outcome:
            case Pass():
                kind: NoteKind = "passed" if outcome.path is None else "branched"
                undecided = situation.undecided(step.questions()) if kind == "branched" else {}
                seen = {**outcome.seen, **undecided}
                self.notes.append(Note(kind=kind, block=step.id, text=outcome.text, seen=seen))
                return outcome
            case Hold(until=until, text=text):
                if until != due_at:
                    self.notes.append(Note(kind="waiting", block=step.id, text=text))
                return self.stay(step, at, Wait(turn=0, until=until, text=text))
            case Message(channel=channel, text=text):
                self.notes.append(Note(kind="due", block=step.id, text=f"{text} is due", seen=looked))
                return self.stay(step, at, Send(turn=0, block=step.id, channel=channel, text=text))
            case Effect(text=text, is_slow=is_slow):
                self.notes.append(Note(kind="due", block=step.id, text=f"{text} is due"))
                return self.stay(step, at, Act(turn=0, block=step.id, text=text, slow=is_slow or None))
            case End():
                return leave(FINISHED, block=step.id, notes=self.notes)
            case _:
                assert_never(outcome)

    def stay(self, step: Step, at: datetime, move: Wait | Send | Act) -> Decision:
        due_at = move.until if isinstance(move, Wait) else None
        return Decision(
            move=move, state="running", block=step.id, arrived_at=at, due_at=due_at, notes=tuple(self.notes)
        )


def _skipped(situation: Situation, step: Step) -> Note | None:
    """Return why a block is passed over; None if it is not. What ends the journey has been looked at before."""
    condition, facts = step.condition, situation.facts
    if condition is not None and not conditions.holds(condition, facts):
        seen = {"if": conditions.explain(condition, facts)} | situation.undecided([condition])
        return Note(kind="skipped", block=step.id, text=f"Skipped {step.id}: its condition does not hold", seen=seen)
    if not isinstance(step, MessageStep):
        return None
    if step.sending == "off":
        return Note(kind="skipped", block=step.id, text=f"Skipped {step.label}: its sending is off")
    unsubscribed = situation.unsubscribed and step.withheld_from_unsubscribed
    campaign_sends = situation.campaign.send_to_unsubscribed
    if subscription.withholds(
        unsubscribed=unsubscribed, campaign_sends=campaign_sends, message_sends=step.send_to_unsubscribed
    ):
        return Note(kind="withheld", block=step.id, text=f"Withheld {step.label}: the person has unsubscribed")
    return None
