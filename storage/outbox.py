"""What Temporal must be told, written in the same transaction as the fact that causes it.

Temporal being away makes this table grow and loses nothing. Every message is harmless when sent twice: starts carry
computed ids, signals only mean "look again" or set something that is already set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from storage.database import Connection
from storage.queries import load

CHANNEL = "sojourn_outbox"
"""Notified at every commit that adds."""

_SQL = load("outbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One start or signal. `id` is 0 until the row exists.

    A start's payload is `{"type", "argument", "search", "summary"}`, with `signal` and `signal_argument` if a workflow
    that runs is only to be signalled. A signal's is `{"signal", "argument"}`.
    """

    kind: Literal["start", "signal"]
    workflow_id: str
    payload: dict[str, Any]
    id: int = 0
    attempts: int = 0
    created_at: datetime | None = None


def start(
    workflow_id: str,
    type: str,  # noqa: A002 - Temporal's word
    argument: dict[str, Any],
    *,
    search: Mapping[str, str],
    summary: str,
    signal: str | None = None,
    signal_argument: dict[str, Any] | None = None,
) -> Message:
    """Return the start of a workflow. `search` holds search attributes, `summary` plain words for the Web UI.

    With a `signal`, a workflow that runs is only signalled, and one that is over begins anew with the signal.
    """
    payload: dict[str, Any] = {"type": type, "argument": argument, "search": dict(search), "summary": summary}
    if signal is not None:
        payload |= {"signal": signal, "signal_argument": signal_argument}
    return Message(kind="start", workflow_id=workflow_id, payload=payload)


def signal(workflow_id: str, name: str, argument: dict[str, Any] | str | None = None) -> Message:
    """Return a signal."""
    return Message(kind="signal", workflow_id=workflow_id, payload={"signal": name, "argument": argument})


async def add(connection: Connection, messages: Sequence[Message], *, now: datetime) -> None:
    """Write messages in the order given. Writes nothing for none."""
    if messages:
        await connection.execute(
            _SQL.add,
            [message.kind for message in messages],
            [message.workflow_id for message in messages],
            [message.payload for message in messages],
            now,
        )


async def claim(connection: Connection, limit: int, *, now: datetime) -> list[Message]:
    """Lock and return the oldest messages that are due and that nobody holds, of each workflow only the first."""
    return [Message(**row) for row in await connection.fetch(_SQL.claim, limit, now)]


async def finish(connection: Connection, ids: Sequence[int]) -> bool:
    """Forget messages that Temporal has taken; say whether later ones to the same workflows wait."""
    return bool(await connection.fetchval(_SQL.finish, ids))


async def postpone(connection: Connection, message_id: int, *, error: str, until: datetime) -> None:
    """Keep a message for later, with the reason."""
    await connection.execute(_SQL.postpone, message_id, error, until)


async def backlog(connection: Connection) -> tuple[int, datetime | None]:
    """Return how many messages wait and when the oldest was written."""
    row = await connection.fetchrow(_SQL.backlog)
    assert row is not None
    return row["messages"], row["oldest"]
