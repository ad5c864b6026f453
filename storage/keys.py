"""Who may call: workspaces and their API keys. A stolen backup must not open an account, so only hashes are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Connection
from storage.queries import load

Surface = Literal["track", "app"]
"""What a key opens: the Track API, or Sojourn's own management API."""

_SQL = load("keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What may be known of a key: everything but its secret."""

    id: int
    workspace: str
    surface: Surface
    site_id: str
    is_development: bool
    created_at: datetime


def new_secret() -> str:
    """Return a fresh secret: 32 random bytes, in characters that no client's encoding changes (api 2.1)."""
    return f"sk_{secrets.token_urlsafe(32)}"


def hashed(secret: str) -> bytes:
    """Return what is stored of a secret: its SHA-256. The secret is random, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).digest()


async def workspace_of(connection: Connection, surface: Surface, secret_hash: bytes, site_id: str | None) -> int | None:
    """Return the workspace that a key opens; None if there is no such key or it was revoked.

    `site_id` is the user name of Basic credentials; None for Bearer credentials, which have none.
    """
    if site_id is None:
        rows = await connection.fetch(_SQL.of_secret, surface, secret_hash)
    else:
        rows = await connection.fetch(_SQL.of_site, surface, site_id)
    found = [row["workspace_id"] for row in rows if hmac.compare_digest(row["secret_hash"], secret_hash)]
    return found[0] if found else None


async def add(
    connection: Connection,
    workspace_id: int,
    surface: Surface,
    secret: str,
    *,
    site_id: str = "",
    is_development: bool = False,
    now: datetime,
) -> None:
    """Let a secret open a workspace; harmless if it does already. Track keys need a `site_id`, app keys have none."""
    await connection.execute(_SQL.add, workspace_id, surface, site_id, hashed(secret), is_development, now)


async def revoke(connection: Connection, surface: Surface, secret: str, *, site_id: str = "", now: datetime) -> None:
    """Let a secret open nothing any more; API processes notice within ten seconds."""
    await connection.execute(_SQL.revoke, surface, site_id, hashed(secret), now)


async def living(connection: Connection) -> list[Key]:
    """Return every key that is not revoked, oldest first."""
    return [Key(**row) for row in await connection.fetch(_SQL.living)]


async def revoke_number(connection: Connection, number: int, *, now: datetime) -> bool:
    """Revoke the key of this id. Returns whether there was a living one."""
    return await connection.fetchval(_SQL.revoke_number, number, now) is not None


async def development_key_exists(connection: Connection) -> bool:
    """Say whether a well-known key of a development set-up would be accepted. Production refuses to start with one."""
    return bool(await connection.fetchval(_SQL.development_key_exists))


async def open_workspace(connection: Connection, name: str, *, now: datetime) -> int:
    """Return the id of the workspace of this name, made if there is none."""
    workspace_id: int = await connection.fetchval(_SQL.open_workspace, name, now)
    return workspace_id


async def workspace_named(connection: Connection, name: str) -> int | None:
    """Return the id of the workspace of this name."""
    workspace_id: int | None = await connection.fetchval(_SQL.workspace_named, name)
    return workspace_id
