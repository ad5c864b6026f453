"""A database that hangs must not make requests hang: work on a connection is bounded, and what overruns is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.database import Connection, Pool


@asynccontextmanager
async def connected(pool: Pool, seconds: float) -> AsyncIterator[Connection]:
    """Lend a connection for at most `seconds`, the waiting for it included.

    Raises TimeoutError when they are over. What was sent by then may still take effect.
    """
    async with asyncio.timeout(seconds), pool.acquire(timeout=seconds) as connection:
        try:
            yield connection
        except asyncio.CancelledError:
            connection.terminate()  # an orderly return to the pool would wait for the server, which does not answer
            raise
