"""What must be true before a process serves anybody, checked in one place by every one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncpg
from temporalio.client import Client

from engine.errors import ConfigurationError
from runtime.settings import Settings
from runtime.temporal import connect
from storage import keys
from storage.database import Connection, prepare
from storage.migrations import pending

_PLACEHOLDERS: Final = frozenset(
    {"", "admin", "change-me", "changeme", "changethis", "password", "postgres", "secret", "sojourn"}
)
_CONNECT_SECONDS: Final = 10.0


@asynccontextmanager
async def connection(settings: Settings) -> AsyncIterator[Connection]:
    """Open one connection to the record. Raises ConfigurationError in plain words when it cannot be had."""
    place = urlsplit(settings.database_url)
    where = f"{place.hostname or 'its socket'}{place.path}"
    try:
        opened = await asyncpg.connect(settings.database_url, timeout=_CONNECT_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError) as error:
        said = str(error) or "no answer"
        raise ConfigurationError(
            f"PostgreSQL at {where} cannot be used: {said}. Check SOJOURN_DATABASE_URL, and that it runs."
        ) from error
    try:
        await prepare(opened)
        yield opened
    finally:
        await opened.close()


async def temporal(settings: Settings) -> Client:
    """Open a client of Temporal. Raises ConfigurationError in plain words when it cannot be had."""
    try:
        return await connect(settings)
    except RuntimeError as error:
        raise ConfigurationError(
            f"Temporal at {settings.temporal_address} cannot be used: {error}. Check SOJOURN_TEMPORAL_ADDRESS, and "
            "that it runs."
        ) from error


async def check(settings: Settings) -> None:
    """Raise ConfigurationError with the remedy if a process must not start on this record with these settings."""
    async with connection(settings) as opened:
        if missing := await pending(opened):
            names = ", ".join(migration.name for migration in missing)
            raise ConfigurationError(f"The database is not up to date: {names} is missing. Run `sojourn migrate`.")
        if settings.environment == "production":
            await refuse_defaults(settings, opened)


async def refuse_defaults(settings: Settings, opened: Connection) -> None:
    """Raise ConfigurationError if a key or password in use is one that everybody knows."""
    if await keys.development_key_exists(opened):
        raise ConfigurationError(
            "This database accepts the well-known keys of `sojourn dev`. See them with `sojourn keys list`, end each "
            "with `sojourn keys revoke`, or say SOJOURN_ENVIRONMENT=development."
        )
    place = urlsplit(settings.database_url)
    if place.hostname and place.password is not None and unquote(place.password).lower() in _PLACEHOLDERS:
        raise ConfigurationError(
            "The password in SOJOURN_DATABASE_URL is one that everybody tries first. Choose another, or say "
            "SOJOURN_ENVIRONMENT=development."
        )
