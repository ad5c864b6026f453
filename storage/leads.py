"""Facebook announces a lead by its number only, once, and must be answered at once; what it says is fetched later.

So an announced lead is a row until it is fetched. Whoever takes one to fetch has it for a while; should they die, it is
due again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from storage.database import Connection
from storage.queries import load

CHANNEL = "sojourn_leads"
"""Notified at every commit that adds some, or asks for another attempt."""

_SQL = load("leads")


class Announced(NamedTuple):
    """What Facebook says of a lead. `submitted_at` is None if it does not say that."""

    lead_id: str
    form_id: str
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A lead that is announced and not fetched yet. `attempts` counts the one at hand."""

    workspace_id: int
    lead_id: str
    form_id: str
    submitted_at: datetime
    received_at: datetime
    attempts: int


async def add(connection: Connection, workspace_id: int, announced: Sequence[Announced], *, now: datetime) -> None:
    """Write leads that were announced."""
    await connection.execute(
        _SQL.add,
        workspace_id,
        [one.lead_id for one in announced],
        [one.form_id for one in announced],
        [one.submitted_at for one in announced],
        now,
    )


async def claim(connection: Connection, *, now: datetime, until: datetime, limit: int) -> list[Lead]:
    """Take leads that are due, of any workspace, the longest due first; until `until` nobody else gets them."""
    return [Lead(**row) for row in await connection.fetch(_SQL.claim, now, until, limit)]


async def next_due(connection: Connection) -> datetime | None:
    """Return the next instant at which a lead is to be fetched."""
    instant: datetime | None = await connection.fetchval(_SQL.next_due)
    return instant


async def remove(connection: Connection, lead: Lead) -> bool:
    """Delete a lead that is fetched; return whether it was still there."""
    return await connection.fetchval(_SQL.remove, lead.workspace_id, lead.lead_id) is not None


async def postpone(connection: Connection, lead: Lead, due_at: datetime | None, error: str) -> None:
    """Write why a lead could not be taken in, and when to try again; None gives it up."""
    await connection.execute(_SQL.postpone, lead.workspace_id, lead.lead_id, due_at, error)


async def hurry(connection: Connection, workspace_id: int, *, form_id: str | None = None, now: datetime) -> int:
    """Have leads tried again now, those that were given up included; return how many."""
    return int(await connection.fetchval(_SQL.hurry, workspace_id, now, form_id))
