"""What an operator sees of forms: their fields, where these go, who listens, and which leads are still to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Connection
from storage.pages import Page
from storage.queries import load

_SQL = load("reading_forms")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """A form. `mapping` leads from a field to its attribute; `used_by` are the keys of campaigns that it triggers."""

    form_id: str
    type: str
    fields: list[str]
    mapping: dict[str, str]
    created_at: datetime
    used_by: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadView:
    """A lead that is announced and not taken in. `due_at` is None once it is given up."""

    lead_id: str
    form_id: str
    received_at: datetime
    attempts: int
    due_at: datetime | None
    last_error: str | None


async def page(connection: Connection, workspace_id: int, *, after: str = "", limit: int) -> Page[FormView]:
    """Return forms by id, those behind `after`."""
    rows = await connection.fetch(_SQL.page, workspace_id, after, limit + 1)
    views = [FormView(**row) for row in rows[:limit]]
    return Page(views, (views[-1].form_id,) if len(rows) > limit else None)


async def one(connection: Connection, workspace_id: int, form_id: str) -> FormView | None:
    """Return one form."""
    row = await connection.fetchrow(_SQL.one, workspace_id, form_id)
    return FormView(**row) if row else None


async def leads(connection: Connection, workspace_id: int, *, after: str = "", limit: int) -> Page[LeadView]:
    """Return leads that are not taken in, by id, those behind `after`."""
    rows = await connection.fetch(_SQL.leads, workspace_id, after, limit + 1)
    views = [LeadView(**row) for row in rows[:limit]]
    return Page(views, (views[-1].lead_id,) if len(rows) > limit else None)
