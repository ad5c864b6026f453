"""An address that bounced or complained must not be mailed, whoever has it; the person stays (behaviour 11.10).

Addresses are kept under the key that `engine.addresses.address_key` makes, and never compared in another form.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Connection
from storage.pages import Page
from storage.queries import load

Reason = Literal["bounced", "spammed", "manual"]
"""A hard bounce, a complaint, or somebody's decision."""

_SQL = load("suppressed_addresses")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressedAddress:
    """An address that gets nothing, by its key."""

    address_key: str
    reason: Reason
    suppressed_at: datetime


async def add(connection: Connection, workspace_id: int, address_key: str, reason: Reason, *, now: datetime) -> None:
    """Suppress an address. One that is suppressed stays as it is: what was first is what is known."""
    await connection.execute(_SQL.add, workspace_id, address_key, reason, now)


async def remove(connection: Connection, workspace_id: int, address_key: str) -> bool:
    """Free an address; say whether it was suppressed."""
    return bool(await connection.fetchval(_SQL.remove, workspace_id, address_key))


async def one(connection: Connection, workspace_id: int, address_key: str) -> SuppressedAddress | None:
    """Return what is known of a suppressed address; None if it is free."""
    row = await connection.fetchrow(_SQL.one, workspace_id, address_key)
    return SuppressedAddress(**row) if row else None


async def page(connection: Connection, workspace_id: int, *, after: str, limit: int) -> Page[SuppressedAddress]:
    """Return suppressed addresses by key, those above `after`."""
    rows = await connection.fetch(_SQL.page, workspace_id, after, limit)
    items = [SuppressedAddress(**row) for row in rows]
    return Page(items, (items[-1].address_key,) if len(items) == limit else None)


async def among(connection: Connection, workspace_id: int, address_keys: Iterable[str]) -> set[str]:
    """Return which of these addresses must not be mailed."""
    rows = await connection.fetch(_SQL.among, workspace_id, list(address_keys))
    return {row["address_key"] for row in rows}
