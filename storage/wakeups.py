"""Wake a loop the moment somebody commits work for it, and let it look by itself if the messenger is lost.

Postgres notifications arrive about a millisecond after the commit but only on a live connection; the patience of
`wait` is what makes a lost one harmless.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import asyncpg

from storage.database import Pool


class Wakeups:
    """Listens to one channel on a connection of its own.

    async with Wakeups(pool, inbox.CHANNEL) as wakeups:
        while not stopping:
            await work()
            await wakeups.wait(patience=1.0)
    """

    def __init__(self, pool: Pool, channel: str) -> None:
        self._pool = pool
        self._channel = channel
        self._rung = asyncio.Event()
        self._connection: asyncpg.pool.PoolConnectionProxy[asyncpg.Record] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._listen()
        except BaseException:  # cancelled half-way: the connection must not stay with nobody
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None and not _is_lost(self._connection):
            await self._connection.remove_listener(self._channel, self._heard)
            await self._pool.release(self._connection)

    def ring(self) -> None:
        """Wake the waiting loop from inside this process."""
        self._rung.set()

    async def wait(self, patience: float) -> None:
        """Return when the channel was notified since the last call, or after `patience` seconds.

        Raises what asyncpg raises if the connection was lost and cannot be opened again.
        """
        if self._connection is None or _is_lost(self._connection):
            await self._listen()
        try:
            async with asyncio.timeout(patience):  # wait_for would swallow a cancellation that comes with a ring
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()

    async def _listen(self) -> None:
        if self._connection is not None and not _is_lost(self._connection):
            await self._pool.release(self._connection)
        self._connection = await self._pool.acquire()
        await self._connection.add_listener(self._channel, self._heard)
        self._rung.set()  # what was committed while nobody listened

    def _heard(self, *_: object) -> None:
        self._rung.set()


def _is_lost(connection: asyncpg.pool.PoolConnectionProxy[asyncpg.Record]) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has noticed, and taken it back
        return True
