"""Every request carries a key, and asking the database for each would cost more than taking the event in.

So answers are remembered for ten seconds, which is also how long a revoked key may go on working.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from api.connections import connected
from storage import keys
from storage.database import Pool

REMEMBERED_SECONDS: Final = 10.0
"""How long an answer holds; a revocation and a new key take effect within it."""

_ASK_SECONDS: Final = 5.0
_MOST_ANSWERS: Final = 10_000
"""Somebody who tries keys must not fill the memory."""

_STANDARD_ALPHABET: Final = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Whose data a request may touch."""

    id: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an Authorization header says. `site_id` is None for Bearer credentials."""

    site_id: str | None
    secret: str


@dataclass(frozen=True, slots=True)
class _Answer:
    workspace: Workspace | None
    until: float


def credentials(header: str) -> Credentials | None:
    """Read an Authorization header; None if it is neither Basic nor Bearer, or broken.

    Basic is read in both base64 alphabets, with or without padding: the Go client sends the URL-safe one (api 2.1).
    """
    scheme, _, value = header.partition(" ")
    value = value.strip()
    match scheme.lower():
        case "bearer" if value:
            return Credentials(site_id=None, secret=value)
        case "basic":
            text = _from_base64(value)
            site_id, colon, secret = text.partition(":")
            return Credentials(site_id=site_id, secret=secret) if colon else None
    return None


class Keyring:
    """Knows which workspace a key opens. `clock` counts seconds and never goes back."""

    def __init__(self, pool: Pool, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool
        self._clock = clock
        self._answers: dict[tuple[str, bytes], _Answer] = {}
        self._asking: dict[tuple[str, bytes], asyncio.Task[Workspace | None]] = {}

    async def workspace(self, surface: keys.Surface, header: str) -> Workspace | None:
        """Return the workspace that an Authorization header opens on a surface, None if it opens none.

        Raises TimeoutError or what asyncpg raises when the database has to be asked and is away.
        """
        # Hashed: no secret stays in memory, and finding an answer takes as long for a wrong key as for a right one.
        key = (surface, hashlib.sha256(header.encode("latin-1")).digest())
        answer = self._answers.get(key)
        if answer is not None and self._clock() < answer.until:
            return answer.workspace
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(self._ask(surface, header, key))
        return await asyncio.shield(asking)  # a caller who hangs up must not cancel the others' answer

    async def _ask(self, surface: keys.Surface, header: str, key: tuple[str, bytes]) -> Workspace | None:
        try:
            found = await self._look_up(surface, header)
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            self._answers[key] = _Answer(found, self._clock() + REMEMBERED_SECONDS)
            return found
        finally:
            del self._asking[key]

    async def _look_up(self, surface: keys.Surface, header: str) -> Workspace | None:
        given = credentials(header)
        if given is None or "\0" in (given.site_id or ""):
            return None
        async with connected(self._pool, _ASK_SECONDS) as connection:
            found = await keys.workspace_of(connection, surface, keys.hashed(given.secret), given.site_id)
        return None if found is None else Workspace(found)


def _from_base64(value: str) -> str:
    try:
        standard = value.rstrip("=").translate(_STANDARD_ALPHABET)
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return ""
