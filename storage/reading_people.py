"""Everything known about one person, as an operator reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from storage.database import Connection
from storage.people import email_key
from storage.queries import load

MOST_SHOWN: Final = 200
"""Segments and devices of one person that are shown."""

LATEST_FAILURES: Final = 20

_SQL = load("reading_people")

_BY: Final = {"id": _SQL.by_id, "email": _SQL.by_email, "cio_id": _SQL.by_cio_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """One person. `person_id` is ours and stands in workflow ids; `external_id` is the caller's."""

    person_id: int
    cio_id: str
    external_id: str | None
    email: str | None
    attributes: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A segment that a person is in."""

    key: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device that a person can be reached on."""

    token: str
    platform: str
    last_used: datetime
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedChange:
    """Something an identify asked for and could not have."""

    at: datetime
    reason: str
    detail: dict[str, Any]


async def find(connection: Connection, workspace_id: int, who: Mapping[str, str]) -> KnownPerson | None:
    """Return a person by the one identifier in `who`: `{"id": …}`, `{"email": …}` or `{"cio_id": …}`."""
    [(kind, identifier)] = who.items()
    value = email_key(identifier) if kind == "email" else identifier
    row = await connection.fetchrow(_BY[kind], workspace_id, value)
    return KnownPerson(**row) if row else None


async def segments_of(connection: Connection, person_id: int) -> list[Membership]:
    """Return the segments a person is in."""
    return [Membership(**row) for row in await connection.fetch(_SQL.segments, person_id, MOST_SHOWN)]


async def devices_of(connection: Connection, person_id: int) -> list[Device]:
    """Return the devices of a person, the last used first."""
    return [Device(**row) for row in await connection.fetch(_SQL.devices, person_id, MOST_SHOWN)]


async def failed_changes_of(connection: Connection, person_id: int) -> list[FailedChange]:
    """Return what could not be changed lately, latest first."""
    return [FailedChange(**row) for row in await connection.fetch(_SQL.failed_changes, person_id, LATEST_FAILURES)]
