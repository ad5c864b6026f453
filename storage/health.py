"""What an operator has to look at: work that piles up, inputs that were given up on, outcomes that nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Connection
from storage.queries import load

_SQL = load("health")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlogs:
    """Counts over all workspaces. The instants are those of the oldest; None where nothing waits."""

    inputs: int
    oldest_input: datetime | None
    messages: int
    oldest_message: datetime | None
    message_error: str | None
    """Why Temporal did not take the first message that was tried and postponed."""
    rejects: int
    unknown_deliveries: int
    partitions: int
    """Months of events that are there."""
    oldest_partition: datetime | None
    """First instant of the oldest of them."""


async def backlogs(connection: Connection) -> Backlogs:
    """Count what waits."""
    row = await connection.fetchrow(_SQL.backlogs)
    assert row is not None
    return Backlogs(**row)


async def processes(connection: Connection) -> list[str]:
    """Return the names of our processes that are connected, e.g. `sojourn intake`."""
    return [row["application_name"] for row in await connection.fetch(_SQL.processes)]
