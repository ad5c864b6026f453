"""A decision is taken once: whoever asks again, because a crash lost the answer, is told what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from engine import ids, names
from engine.decisions import Decision, Note
from engine.moves import Ask, Leave, LookAgain, Move
from storage import campaigns, journeys, outbox, stopping
from storage.database import Connection
from storage.journeys import JourneyRow, LogLine, Standing

_MOVE: Final[TypeAdapter[Move]] = TypeAdapter(Move)
ENDED: Final = frozenset({"finished", "exited"})


def standing(row: JourneyRow) -> Move:
    """Return the answer to the latest decision."""
    return _MOVE.validate_python(row.move)


def recorded(row: JourneyRow, ask: Ask) -> Move | None:
    """Return the answer that stands; None if the question is new and has to be decided.

    The record is right about where the journey stands, also when the workflow believes to be further: that happens if
    the record was restored from a backup, and the journey then goes on from there.
    """
    return standing(row) if row.move is not None and (row.state in ENDED or ask.turn != row.turn) else None


def repeats(row: JourneyRow, decision: Decision) -> Move | None:
    """Return the move that stands if the decision changes nothing, as most wake-ups do; it need not be written."""
    if decision.notes or row.move is None:
        return None
    before = standing(row)
    return before if decision.with_turn(row.turn).move == before else None


def lines(notes: Sequence[Note]) -> list[LogLine]:
    """Return notes as the log keeps them."""
    return [LogLine(kind=note.kind, block=note.block, text=note.text, seen=dict(note.seen)) for note in notes]


async def record(connection: Connection, row: JourneyRow, decision: Decision, *, now: datetime) -> Move:
    """Write a decision about a journey that the caller holds, and return its move."""
    decided = decision.with_turn(row.turn + 1)
    may_be_last = isinstance(decided.move, Leave) and row.campaign_state == "stopping"
    if may_be_last:
        await stopping.queue_up(connection, row.campaign_id)
    stands = Standing(
        turn=row.turn + 1,
        move=decided.move.model_dump(mode="json"),
        state=decided.state,
        exit_reason=decided.exit_reason,
        version=row.latest_version,
        block=decided.block,
        arrived_at=decided.arrived_at,
        due_at=decided.due_at,
        last_wait=decided.last_wait,
        unmatched_wait=decided.unmatched_wait,
        filters_met=decided.filters_met,
        begins=decided.begins,
    )
    # Whoever deleted the person has cleared the log, and waited for us or we for them: nothing may come back.
    is_deleted = not row.person_exists or row.ending == "person_deleted"
    notes = [replace(note, seen={}) for note in decided.notes] if is_deleted else decided.notes
    await journeys.decide(connection, row.id, stands, lines(notes), now=now)
    if may_be_last and await campaigns.is_empty(connection, row.campaign_id):
        workflow_id = ids.campaign_workflow(row.workspace_id, row.campaign_id)
        told = outbox.signal(workflow_id, names.LOOK_AGAIN, LookAgain(at=now).model_dump(mode="json"))
        await outbox.add(connection, [told], now=now)
    return decided.move
