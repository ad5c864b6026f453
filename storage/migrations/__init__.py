"""Bring a database to the shape this release expects: numbered SQL files, each applied once, in a transaction.

An advisory lock lets any number of processes start at the same moment; one migrates, the others find nothing to do. A
file that was changed after it had been applied is refused, because two databases would silently differ.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from engine.errors import ConfigurationError
from storage.database import Connection

_LOCK = 0x50_6A_6F_75  # any constant of our own; advisory locks share one number space per database

_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    name        text        PRIMARY KEY,
    digest      text        NOT NULL,
    applied_at  timestamptz NOT NULL
)
"""


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One numbered file. `digest` is the SHA-256 of its text."""

    name: str
    statements: str

    @property
    def digest(self) -> str:
        """What is remembered of the file once it is applied."""
        return hashlib.sha256(self.statements.encode()).hexdigest()


def known() -> list[Migration]:
    """Return every migration of this release, oldest first."""
    files = sorted(
        (entry for entry in resources.files(__name__).iterdir() if entry.name.endswith(".sql")),
        key=lambda entry: entry.name,
    )
    return [Migration(name=file.name, statements=file.read_text(encoding="utf-8")) for file in files]


async def pending(connection: Connection) -> list[Migration]:
    """Return what is not applied yet. Raises ConfigurationError if an applied file was changed or is unknown here."""
    if await connection.fetchval("SELECT to_regclass('migrations')") is None:
        return known()
    applied = {row["name"]: row["digest"] for row in await connection.fetch("SELECT name, digest FROM migrations")}
    for migration in known():
        if applied.get(migration.name, migration.digest) != migration.digest:
            raise ConfigurationError(
                f"Migration {migration.name} was changed after it had been applied to this database. "
                "Restore the file as it was released, and put the change into a new migration."
            )
    unknown = applied.keys() - {migration.name for migration in known()}
    if unknown:
        raise ConfigurationError(
            f"This database was migrated by a newer release ({', '.join(sorted(unknown))}). Run that release or newer."
        )
    return [migration for migration in known() if migration.name not in applied]


async def migrate(connection: Connection, *, now: datetime) -> list[str]:
    """Apply what is pending and return the names, oldest first. Safe to call from many processes at once."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await connection.execute(_TABLE)
        todo = await pending(connection)
        for migration in todo:
            await connection.execute(migration.statements)
            await connection.execute(
                "INSERT INTO migrations (name, digest, applied_at) VALUES ($1, $2, $3)",
                migration.name,
                migration.digest,
                now,
            )
    return [migration.name for migration in todo]
