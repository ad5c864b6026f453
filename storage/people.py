"""Two inputs about one person must never pass each other, so whoever decides about people locks their rows first.

Everybody locks people in the order of their ids, and people before anything else: so nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from storage.database import Connection
from storage.queries import load

_SQL = load("people")


def email_key(email: str) -> str:
    """Return the form in which two emails are the same email (api 11.4).

    The only place that makes it: SQL's lower() folds other letters, or none, as the database's locale says.
    """
    return email.lower()


class PersonRow(NamedTuple):
    """One person as stored. `id` is ours; `external_id` is the caller's."""

    id: int
    cio_id: str
    external_id: str | None
    email: str | None
    anonymous_id: str | None
    attributes: dict[str, Any]
    """Without `id` and `email`, which are columns."""
    attribute_times: dict[str, float]
    """Name of an attribute to the Unix seconds of the `_timestamp` that set it."""
    created_at: datetime
    first_event_at: datetime | None
    """Of the earliest event: the person is known since then at the latest (behaviour 3.10)."""
    identified_at: datetime | None
    """When the person got their anonymous id (behaviour 1.41)."""
    tallied: int
    """The last event question that the person's stored events were counted for."""


class Person(Protocol):
    """A person to be stored, in whatever form the caller works with them."""

    id: int
    cio_id: str
    external_id: str | None
    email: str | None
    anonymous_id: str | None
    attributes: dict[str, Any]
    attribute_times: dict[str, float]
    created_at: datetime
    first_event_at: datetime | None
    identified_at: datetime | None
    tallied: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedChange:
    """Something an identify asked for and could not have. `person_id` is None if there is no such person."""

    person_id: int | None
    at: datetime
    reason: str
    detail: dict[str, Any]


async def lock(
    connection: Connection,
    workspace_id: int,
    *,
    external_ids: Sequence[str] = (),
    email_keys: Sequence[str] = (),
    cio_ids: Sequence[str] = (),
    anonymous_ids: Sequence[str] = (),
) -> list[PersonRow]:
    """Lock and return the people who own any of the identifiers, in the order of their ids."""
    rows = await connection.fetch(_SQL.lock, workspace_id, external_ids, email_keys, cio_ids, anonymous_ids)
    return [PersonRow(*row) for row in rows]


async def lock_ids(connection: Connection, workspace_id: int, ids: Sequence[int]) -> list[PersonRow]:
    """Lock and return people by our own ids; whoever is gone is missing."""
    return [PersonRow(*row) for row in await connection.fetch(_SQL.lock_ids, workspace_id, ids)]


async def look(connection: Connection, workspace_id: int, ids: Sequence[int]) -> list[PersonRow]:
    """Return people by our own ids, for whoever changes nothing; whoever is gone is missing."""
    return [PersonRow(*row) for row in await connection.fetch(_SQL.look, workspace_id, ids)]


async def lock_page(connection: Connection, workspace_id: int, *, after: int, limit: int) -> list[PersonRow]:
    """Lock and return the next people with an id above `after`; an empty list is the end."""
    return [PersonRow(*row) for row in await connection.fetch(_SQL.lock_page, workspace_id, after, limit)]


async def page(connection: Connection, workspace_id: int, *, after: int, limit: int) -> list[PersonRow]:
    """Return the next people with an id above `after`, for whoever keeps everybody out; an empty list is the end."""
    return [PersonRow(*row) for row in await connection.fetch(_SQL.page, workspace_id, after, limit)]


async def add(connection: Connection, workspace_id: int, people: Sequence[Person], *, now: datetime) -> dict[str, int]:
    """Write new people, whose ids do not count; return the id of each `cio_id`, which must be new.

    Raises asyncpg.UniqueViolationError if somebody else has just taken one of the identifiers.
    """
    rows = await connection.fetch(
        _SQL.add,
        workspace_id,
        [person.cio_id for person in people],
        [person.external_id for person in people],
        [person.email for person in people],
        [person.email and email_key(person.email) for person in people],
        [person.anonymous_id for person in people],
        [person.attributes for person in people],
        [person.attribute_times for person in people],
        [person.first_event_at for person in people],
        [person.identified_at for person in people],
        [person.tallied for person in people],
        [person.created_at for person in people],
        now,
    )
    return {row["cio_id"]: row["id"] for row in rows}


async def change(connection: Connection, people: Sequence[Person], *, now: datetime) -> None:
    """Write people who are stored already."""
    await connection.execute(
        _SQL.change,
        [person.id for person in people],
        [person.external_id for person in people],
        [person.email for person in people],
        [person.email and email_key(person.email) for person in people],
        [person.anonymous_id for person in people],
        [person.attributes for person in people],
        [person.attribute_times for person in people],
        now,
    )


async def note(connection: Connection, people: Sequence[Person]) -> None:
    """Write how long people are known, and what their events were counted for."""
    await connection.execute(
        _SQL.note,
        [person.id for person in people],
        [person.first_event_at for person in people],
        [person.identified_at for person in people],
        [person.tallied for person in people],
    )


async def release_identifiers(connection: Connection, ids: Sequence[int]) -> None:
    """Take the identifiers of people away for a moment: they can change hands before `change` writes the new ones."""
    await connection.execute(_SQL.release_identifiers, ids)


async def remove(connection: Connection, ids: Sequence[int]) -> None:
    """Delete people, with everything that intake keeps of them."""
    await connection.execute(_SQL.remove, ids)


async def add_failed_changes(connection: Connection, workspace_id: int, changes: Sequence[FailedChange]) -> None:
    """Record what could not be changed, and why."""
    await connection.execute(
        _SQL.add_failed_changes,
        workspace_id,
        [change.person_id for change in changes],
        [change.at for change in changes],
        [change.reason for change in changes],
        [change.detail for change in changes],
        [_email_in(change.detail) for change in changes],
    )


def _email_in(detail: dict[str, Any]) -> str | None:
    email = detail.get("email")
    return email_key(email) if isinstance(email, str) else None
