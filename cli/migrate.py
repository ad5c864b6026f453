"""`sojourn migrate`: bring the record and the Temporal namespace to what this release expects. Safe to repeat."""

from __future__ import annotations

import asyncio

from cli import readiness, whereabouts
from cli.console import OUT
from runtime.clock import system_clock
from runtime.settings import Settings
from runtime.temporal import prepare
from storage import migrations


def migrate() -> None:
    """Bring database and Temporal namespace up to date. Safe to run any number of times, and at the same time."""
    asyncio.run(_migrate(whereabouts.settings()))


async def _migrate(settings: Settings) -> None:
    async with readiness.connection(settings) as connection:
        applied = await migrations.migrate(connection, now=system_clock())
    OUT.print(f"Applied: {', '.join(applied)}." if applied else "The database is up to date.")
    await prepare(await readiness.temporal(settings))
    OUT.print("Temporal knows our search attributes.")
