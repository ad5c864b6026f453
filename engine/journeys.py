"""Where does a journey go from here? One walk from block to block, up to what takes time or touches the world.

The order at a message is that of behaviour 6.07: exit condition, action condition, sending, subscription. What
comes after (suppression, rendering, hand-over) is the sender's. What happens at a block the block says itself: see
`engine/steps/step.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, assert_never

from engine import conditions, exits, subscription
from engine.decisions import Decision, Note, NoteKind, Situation
from engine.moves import Act, Leave, Send, Wait
from engine.plans import Plan
from engine.steps import DataStep, MessageStep, Step
from engine.steps.step import Effect, End, Hold, Message, Pass, Standing

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

FINISHED: Final = "finished"

_ENDED_BY_CAMPAIGN: Final = {"stopped": "campaign_stopped", "archived": "campaign_archived"}
_REASONS: Final = {
    "goal": "The goal is met",
    "goal_at_entry": "The goal was met before the journey began",
    "stopped_matching": "The person no longer matches the filters",
    "stopped_matching_at_entry": "The person does not match the filters",
    "campaign_stopped": "The campaign was stopped",
    "campaign_archived": "The campaign was archived",
    "campaign_deleted": "The campaign was deleted",
    "person_deleted": "The person was deleted",
    "manual": "An operator ended the journey",
    "error": "The journey cannot go on",
}


def enter(situation: Situation, *, seen: Mapping[str, Any] | None = None) -> Decision:
    """Decide the first move of a journey that begins now.

    Args:
        situation: with no block; the campaign's filters have been found to match.
        seen: what entry was decided on, for the log.

    Returns:
        The first move; a Leave if the exit condition is met already (behaviour 10.34-10.36), or nothing is to be done.
    """
    trigger = situation.campaign.trigger
    entered = Note(kind="entered", text=f"Entered by {trigger.kind} {trigger.name}", seen=seen or {})
    if ended := _ended(situation):
        return _leave(ended, notes=(entered,))
    if met := exits.check_at_entry(situation):
        return _leave(met.reason, seen=met.seen, notes=(entered,))
    return _Walk(situation, [entered]).go(situation.campaign.plan.first, situation.now)


def next_move(situation: Situation) -> Decision:
    """Decide the next move of a journey whose wait is over, or that was told to look again."""
    if ended := _ended(situation):
        return _leave(ended, block=situation.block)
    walk = _Walk(situation, [])
    if situation.block is None:
        return walk.go(situation.campaign.plan.first, situation.now)
    return walk.go_on_at(situation.block, situation.arrived_at)


def check_exit(situation: Situation) -> Decision | None:
    """Look, right before a message, whether the journey ends instead; None lets the message go."""
    if ended := _ended(situation):
        return _leave(ended, block=situation.block)
    met = exits.check(situation)
    return None if met is None else _leave(met.reason, block=situation.block, seen=met.seen)


def message_due(situation: Situation, block: str) -> Decision | None:
    """Look once more, in the transaction that claims the delivery; None sends the message of `block`."""
    if (leaving := check_exit(situation)) is not None:
        return leaving
    walk = _Walk(situation, [])
    step = situation.campaign.plan.blocks.get(block)
    if not isinstance(step, MessageStep):
        return walk.go_on_at(block)
    skipped = _skipped(situation, step)
    return None if skipped is None else walk.go_past(block, skipped)


def effect_due(situation: Situation, block: str) -> Decision | None:
    """Look once more before a change of data; None carries it out. Exit conditions do not count here (4.05)."""
    if ended := _ended(situation):
        return _leave(ended, block=block)
    if isinstance(situation.campaign.plan.blocks.get(block), DataStep):
        return None
    return _Walk(situation, []).go_on_at(block)


def move_on(situation: Situation, block: str, notes: Sequence[Note] = ()) -> Decision:
    """Decide what comes after a message or a change of data, whatever became of it (behaviour 6.06)."""
    if ended := _ended(situation):
        return _leave(ended, block=block, notes=notes)
    return _Walk(situation, []).go_past(block, *notes)


class _Walk:
    """From block to block, collecting notes."""

    def __init__(self, situation: Situation, notes: list[Note]) -> None:
        self.situation = situation
        self.plan = situation.campaign.plan
        self.notes = notes

    def go_on_at(self, block: str, arrived_at: datetime | None = None) -> Decision:
        """Go on at the block where the journey stands, or behind it if the latest plan no longer has it."""
        name = block if block in self.plan.blocks else self.previous(block).renamed_in(self.plan, block)
        if name is None:
            text = f"Block {block} was deleted; the journey goes on behind it"
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
            step = self.plan.blocks[block]
            done = self.arrive(step, at, reached=reached)
            if isinstance(done, Decision):
                return done
            block, at, reached = self.plan.entry_of(block, done.path), done.at or at, True
        if block is not None:
            raise RuntimeError(f"the walk through the workflow does not end, at block {block}")
        return _leave(FINISHED, notes=self.notes)

    def arrive(self, step: Step, at: datetime, *, reached: bool) -> Decision | Pass:
        """Return what happens at one block: a decision, or that the walk goes on."""
        situation = self.situation
        looked: Mapping[str, Any] = {}
        if isinstance(step, MessageStep):
            if met := exits.check(situation):
                return _leave(met.reason, block=step.id, seen=met.seen, notes=self.notes)
            looked = exits.seen(situation)
        if (reached or isinstance(step, MessageStep)) and (skipped := _skipped(situation, step)):
            self.notes.append(skipped)
            return Pass(text="")
        due_at = None if reached else situation.due_at
        outcome = step.arrive(Standing(facts=situation.facts, now=situation.now, arrived_at=at, due_at=due_at))
        match outcome:
            case Pass():
                kind: NoteKind = "passed" if outcome.path is None else "branched"
                self.notes.append(Note(kind=kind, block=step.id, text=outcome.text, seen=outcome.seen))
                return outcome
            case Hold(until=until, text=text):
                if until != due_at:
                    self.notes.append(Note(kind="waiting", block=step.id, text=text))
                return self.stay(step, at, Wait(turn=0, until=until, text=text))
            case Message(channel=channel, text=text):
                self.notes.append(Note(kind="due", block=step.id, text=f"{text} is due", seen=looked))
                return self.stay(step, at, Send(turn=0, block=step.id, channel=channel, text=text))
            case Effect(text=text):
                self.notes.append(Note(kind="due", block=step.id, text=f"{text} is due"))
                return self.stay(step, at, Act(turn=0, block=step.id, text=text))
            case End():
                return _leave(FINISHED, block=step.id, notes=self.notes)
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
        seen = {"if": conditions.explain(condition, facts)}
        return Note(kind="skipped", block=step.id, text=f"Skipped {step.id}: its condition does not hold", seen=seen)
    if not isinstance(step, MessageStep):
        return None
    if step.sending == "off":
        return Note(kind="skipped", block=step.id, text=f"Skipped {step.id}: its sending is off")
    unsubscribed = situation.unsubscribed and step.withheld_from_unsubscribed
    campaign_sends = situation.campaign.send_to_unsubscribed
    if subscription.withholds(
        unsubscribed=unsubscribed, campaign_sends=campaign_sends, message_sends=step.send_to_unsubscribed
    ):
        return Note(kind="withheld", block=step.id, text=f"Withheld {step.id}: the person has unsubscribed")
    return None


def _ended(situation: Situation) -> str | None:
    """Return why the journey ends whatever the workflow says; None if nothing ends it."""
    if situation.ending is not None:
        return situation.ending
    if not situation.person_exists:
        return "person_deleted"
    return _ENDED_BY_CAMPAIGN.get(situation.campaign_state)


def _leave(
    reason: str, *, block: str | None = None, seen: Mapping[str, Any] | None = None, notes: Sequence[Note] = ()
) -> Decision:
    if reason == FINISHED:
        last = Note(kind="finished", block=block, text="Reached the end of the workflow")
        move = Leave(turn=0, reason=reason, text="Finished")
        return Decision(move=move, state="finished", notes=(*notes, last))
    text = _REASONS.get(reason, f"Ended: {reason}")
    last = Note(kind="exited", block=block, text=text, seen=seen or {})
    move = Leave(turn=0, reason=reason, text=text)
    return Decision(move=move, state="exited", exit_reason=reason, notes=(*notes, last))
