"""Who can be put into a manual segment, and taking everybody out of one (behaviour 3.20, 3.21)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from storage.database import Connection
from storage.people import email_key
from storage.queries import load

By = Literal["id", "email", "cio_id"]
"""What kind of identifiers a list of people holds."""

MOST_AT_ONCE: Final = 1_000
"""People in one call, and in one input (behaviour 3.22)."""

_SQL = load("manual_members")

_KNOWN: Final = {"id": _SQL.known_by_id, "email": _SQL.known_by_email, "cio_id": _SQL.known_by_cio_id}


async def known(connection: Connection, workspace_id: int, by: By, identifiers: Sequence[str]) -> list[str]:
    """Return which of the identifiers belong to somebody, in the order given; emails in whatever case they came."""
    folded = [email_key(one) if by == "email" else one for one in identifiers]
    found = {row["identifier"] for row in await connection.fetch(_KNOWN[by], workspace_id, folded)}
    return [one for one, key in zip(identifiers, folded, strict=True) if key in found]


async def count(connection: Connection, segment_id: int) -> int:
    """Return how many people are in a segment."""
    return int(await connection.fetchval(_SQL.count, segment_id))


async def page(connection: Connection, workspace_id: int, key: str, *, after: int, limit: int) -> dict[int, str]:
    """Return the `cio_id` of the next members of a segment by their id, those with an id above `after`."""
    rows = await connection.fetch(_SQL.page, workspace_id, key, after, limit)
    return {row["id"]: row["cio_id"] for row in rows}
