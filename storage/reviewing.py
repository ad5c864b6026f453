"""A misspelt name starts nothing, for ever and in silence: so it is asked whether what a campaign names was ever seen.

What is looked at is bounded, because people and events are not. Where that leaves the answer open it is yes, and so it
is in a workspace that nothing has come into yet: there every name is new.
"""

from __future__ import annotations

from collections.abc import Collection

from storage.database import Connection
from storage.pages import STRETCH
from storage.queries import load

_SQL = load("reviewing")


async def known_events(
    connection: Connection, workspace_id: int, asked: Collection[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Return those of kind and name that have come in."""
    if not asked:
        return set()
    rows = await connection.fetch(_SQL.known_events, workspace_id, *zip(*asked, strict=True), STRETCH)
    return {(row["kind"], row["name"]) for row in rows}


async def is_form_known(connection: Connection, workspace_id: int, form_id: str) -> bool:
    """Return whether a form has been submitted or connected."""
    return bool(await connection.fetchval(_SQL.is_form_known, workspace_id, form_id))


async def is_attribute_known(connection: Connection, workspace_id: int, name: str) -> bool:
    """Return whether somebody has an attribute."""
    return bool(await connection.fetchval(_SQL.is_attribute_known, workspace_id, name, STRETCH))
