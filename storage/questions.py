"""What the segments of a workspace ask about events. Several that ask the same share one question, and one count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from storage.database import Connection
from storage.queries import load

_SQL = load("questions")


async def all_of(connection: Connection, workspace_id: int) -> dict[int, dict[str, Any]]:
    """Return the questions of a workspace: id to document, in the order of their ids."""
    return {row["id"]: row["document"] for row in await connection.fetch(_SQL.all_of, workspace_id)}


async def ensure(connection: Connection, workspace_id: int, document: dict[str, Any], *, now: datetime) -> None:
    """Write a question, unless it is there."""
    await connection.execute(_SQL.ensure, workspace_id, document, now)


async def drop_unused(connection: Connection, workspace_id: int, used: Sequence[dict[str, Any]]) -> None:
    """Delete every other question, with its counts."""
    await connection.execute(_SQL.drop_unused, workspace_id, used)
