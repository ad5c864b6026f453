"""What was accepted and is not applied yet. A row here is what a 200 promises: nothing accepted is ever lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from storage.database import Connection
from storage.queries import load

CHANNEL = "sojourn_inbox"
"""Notified at every commit that appends."""

_SQL = load("inbox")

_TURN = 0x50_6A_69_6E << 32  # plus the workspace; advisory locks share one number space per database


class Input(NamedTuple):
    """One thing a client told us. `id` is 0 until the row exists; the order of ids is the order of application."""

    workspace_id: int
    kind: str
    payload: dict[str, Any]
    received_at: datetime
    id: int = 0


async def append(connection: Connection, inputs: Sequence[Input]) -> None:
    """Write inputs in the order given."""
    await connection.execute(
        _SQL.append,
        [item.workspace_id for item in inputs],
        [item.kind for item in inputs],
        [item.payload for item in inputs],
        [item.received_at for item in inputs],
    )


async def draw(connection: Connection, workspace_id: int, limit: int) -> list[Input]:
    """Take the oldest inputs out and return them, oldest first; none if another intake is at work on the workspace.

    Until the transaction ends no other intake draws from it, and if it fails the inputs are back.
    """
    rows = await connection.fetch(_SQL.draw, workspace_id, limit, _TURN + workspace_id)
    return sorted((Input(*row) for row in rows), key=attrgetter("id"))


async def put_back(connection: Connection, item: Input) -> None:
    """Let an input that was drawn wait on in its place, inside the transaction that has drawn it."""
    await connection.execute(_SQL.put_back, item.id, item.workspace_id, item.kind, item.payload, item.received_at)


async def take_turn(connection: Connection, workspace_id: int, *, now: datetime) -> datetime | None:
    """Keep every other intake off the workspace until the transaction ends; None if one is at work.

    Returns how far time has come for the workspace: to the receipt of the oldest input that waits, or to the present.
    """
    until: datetime | None = await connection.fetchval(_SQL.take_turn, _TURN + workspace_id, workspace_id, now)
    return until


async def note_judged(connection: Connection, workspace_id: int, until: datetime) -> datetime | None:
    """Note that people are judged as of an instant by whoever has the turn, unless they were as of a later one.

    Returns the latest instant before this; None at the first turn.
    """
    before: datetime | None = await connection.fetchval(_SQL.note_judged, workspace_id, until)
    return before


async def reject(connection: Connection, workspace_id: int, input_id: int, *, now: datetime, reason: str) -> None:
    """Move an input that cannot be applied to `inbox_rejects`, with the reason."""
    await connection.execute(_SQL.reject, workspace_id, input_id, now, reason)


async def oldest(connection: Connection, workspace_id: int) -> datetime | None:
    """Return when the first input was received that is not applied yet; None if nothing waits."""
    received_at: datetime | None = await connection.fetchval(_SQL.oldest, workspace_id)
    return received_at


async def backlog(connection: Connection) -> tuple[int, datetime | None]:
    """Return how many inputs wait and when the oldest came."""
    row = await connection.fetchrow(_SQL.backlog)
    assert row is not None
    return row["inputs"], row["oldest"]
