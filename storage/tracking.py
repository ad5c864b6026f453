"""What recipients do with a message: when it was opened and clicked first, and which links how often."""

from __future__ import annotations

from datetime import datetime

from storage.database import Connection
from storage.queries import load

_SQL = load("tracking")


async def link_secret(connection: Connection) -> bytes:
    """Return the secret of this installation that signs tracked links."""
    secret: bytes = await connection.fetchval(_SQL.link_secret)
    return secret


async def opened(connection: Connection, public_id: str, *, now: datetime) -> None:
    """Write that the image of a delivery was loaded. One that is gone with its campaign is passed over."""
    await connection.execute(_SQL.opened, public_id, now)


async def clicked(connection: Connection, public_id: str, address: str, *, now: datetime) -> None:
    """Write that a link of a delivery was clicked. One that is gone with its campaign is passed over."""
    await connection.execute(_SQL.clicked, public_id, address, now)
