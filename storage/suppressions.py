"""Somebody asked to be forgotten and never taken in again: we must know them again without keeping who they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from storage.database import Connection
from storage.people import email_key
from storage.queries import load

_SQL = load("suppressions")


def fingerprint(kind: Literal["id", "email"], value: str) -> bytes:
    """Return what is stored of an identifier: SHA-256 of its kind and value."""
    return hashlib.sha256(f"{kind}:{email_key(value) if kind == 'email' else value}".encode()).digest()


async def add(
    connection: Connection, workspace_id: int, identifiers: Sequence[tuple[bytes, int | None]], *, now: datetime
) -> None:
    """Block fingerprints, each with the id of the person it belonged to, if there was one."""
    hashes = [identifier for identifier, _ in identifiers]
    await connection.execute(_SQL.add, workspace_id, hashes, [person for _, person in identifiers], now)


async def remove(connection: Connection, workspace_id: int, identifiers: Sequence[bytes]) -> frozenset[bytes]:
    """Free fingerprints, and the others of the same people; return all that are free now."""
    return frozenset(row["identifier_hash"] for row in await connection.fetch(_SQL.remove, workspace_id, identifiers))


async def among(connection: Connection, workspace_id: int, identifiers: Iterable[bytes]) -> set[bytes]:
    """Return which of these fingerprints are blocked."""
    rows = await connection.fetch(_SQL.among, workspace_id, list(identifiers))
    return {row["identifier_hash"] for row in rows}
