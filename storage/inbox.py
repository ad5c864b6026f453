"""What was accepted and is not applied yet. A row here is what a 200 promises: nothing accepted is ever lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Connection
from storage.queries import load

CHANNEL = "sojourn_inbox"
"""Notified at every commit that appends."""

_SQL = load("inbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
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


async def take(connection: Connection, workspace_id: int, limit: int) -> list[Input]:
    """Return the oldest inputs of a workspace, oldest first."""
    return [Input(**row) for row in await connection.fetch(_SQL.take, workspace_id, limit)]


async def waiting(connection: Connection) -> list[int]:
    """Return the workspaces that have inputs waiting."""
    return [row["workspace_id"] for row in await connection.fetch(_SQL.waiting)]


async def remove(connection: Connection, ids: Sequence[int]) -> None:
    """Forget inputs that are applied."""
    await connection.execute(_SQL.remove, ids)


async def reject(connection: Connection, input_id: int, *, now: datetime, reason: str) -> None:
    """Move an input that cannot be applied to `inbox_rejects`, with the reason."""
    await connection.execute(_SQL.reject, input_id, now, reason)


async def backlog(connection: Connection) -> tuple[int, datetime | None]:
    """Return how many inputs wait and when the oldest came."""
    row = await connection.fetchrow(_SQL.backlog)
    assert row is not None
    return row["inputs"], row["oldest"]
