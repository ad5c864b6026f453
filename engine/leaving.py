"""A journey ends once and for one reason, which whoever asks later must be able to read (behaviour 9.05, 9.06)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.decisions import Decision, Note, Situation
from engine.moves import Leave

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


def ended(situation: Situation) -> str | None:
    """Return why the journey ends whatever the workflow says; None if nothing ends it."""
    if situation.ending is not None:
        return situation.ending
    if not situation.person_exists:
        return "person_deleted"
    return _ENDED_BY_CAMPAIGN.get(situation.campaign_state)


def leave(
    reason: str,
    *,
    text: str | None = None,
    block: str | None = None,
    seen: Mapping[str, Any] | None = None,
    notes: Sequence[Note] = (),
) -> Decision:
    """Decide that the journey ends, for a reason of behaviour 9.05, or `FINISHED`.

    Args:
        reason: why.
        text: the same in plain words, where the usual ones say too little.
        block: where the journey stands.
        seen: what was looked at.
        notes: what happened on the way here.
    """
    if reason == FINISHED:
        last = Note(kind="finished", block=block, text="Reached the end of the workflow")
        move = Leave(turn=0, reason=reason, text="Finished")
        return Decision(move=move, state="finished", notes=(*notes, last))
    said = text or _REASONS.get(reason, f"Ended: {reason}")
    last = Note(kind="exited", block=block, text=said, seen=seen or {})
    move = Leave(turn=0, reason=reason, text=said)
    return Decision(move=move, state="exited", exit_reason=reason, notes=(*notes, last))
