"""A record of its own for what is measured without the rest of the stack: files on disk, in a folder thrown away."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from intake.retention import make_partitions
from runtime.clock import system_clock
from runtime.postgres import EmbeddedPostgres
from storage.database import Pool, open_pool
from storage.migrations import migrate


@asynccontextmanager
async def empty_record(name: str) -> AsyncIterator[Pool]:
    """Start a PostgreSQL that waits for the disk at every commit, with every table and nothing in them."""
    root = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    try:
        async with EmbeddedPostgres(root / "postgres") as postgres:
            pool = await open_pool(postgres.url, name=name)
            try:
                async with pool.acquire() as connection:
                    await migrate(connection, now=system_clock())
                    await make_partitions(connection, now=system_clock())
                yield pool
            finally:
                pool.terminate()
    finally:
        shutil.rmtree(root, ignore_errors=True)
