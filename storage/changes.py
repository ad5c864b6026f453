"""A campaign that changes in the middle of an intake batch would be judged by two rules at once.

So every change of a campaign or segment begins here, and is wholly before or wholly after each batch. Changes of one
workspace wait for each other, which also makes them simple: nothing they read can change under them.
"""

from __future__ import annotations

from storage.database import Connection
from storage.queries import load

_SQL = load("changes")


async def begin(connection: Connection, workspace_id: int) -> int:
    """Count a change and keep everybody else out until the transaction ends; return the new count."""
    return int(await connection.fetchval(_SQL.begin, workspace_id))
