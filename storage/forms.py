"""Forms connect themselves: the first submission makes one known, so that its fields can be mapped (behaviour 1.81)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, Literal

from storage.database import Connection
from storage.queries import load

FormType = Literal["form", "facebook"]

MOST_FIELDS: Final = 300
"""Names of fields that are remembered of one form, to choose from."""

_SQL = load("forms")


async def ensure(
    connection: Connection,
    workspace_id: int,
    form_id: str,
    form_type: FormType,
    fields: Collection[str],
    *,
    now: datetime,
) -> Mapping[str, str]:
    """Make a form and its fields known, if they are not; return its mapping, field to attribute."""
    names = sorted(fields)
    mapping = await connection.fetchval(_SQL.known, workspace_id, form_id, form_type, names)
    if mapping is None:
        mapping = await connection.fetchval(_SQL.ensure, workspace_id, form_id, form_type, names, now, MOST_FIELDS)
    found: Mapping[str, str] = mapping
    return found


async def set_mapping(
    connection: Connection, workspace_id: int, form_id: str, mapping: Mapping[str, str], *, now: datetime
) -> None:
    """Say which attributes the fields of a form are written to; a form that is not known yet is connected by this."""
    await connection.execute(_SQL.map, workspace_id, form_id, mapping, now)
