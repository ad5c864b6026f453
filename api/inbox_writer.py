"""A 200 promises that the input is committed, and a commit costs a disk flush, which a process cannot pay per request.

Requests that arrive while one commit is under way share the next one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import asyncpg

from api.errors import DATABASE_AWAY, SEND_AGAIN, Unavailable
from engine.errors import InputError, SojournError
from runtime import metrics
from storage import inbox
from storage.database import Connection, Pool

WAITING_INPUTS: Final = 10_000
"""Inputs that may wait for their commit: some seconds of full load. More would only be answered too late."""
WAITING_BYTES: Final = 64_000_000
"""What they may weigh together."""
BATCH_INPUTS: Final = 1_000
BATCH_BYTES: Final = 8_000_000
"""What one commit carries at most, so that none takes long."""
PATIENCE_SECONDS: Final = 5.0
"""How long a commit may take, reaching the database included, before its requests are answered 503."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    input: inbox.Input
    size: int
    written: asyncio.Future[None]


class InboxWriter:
    """Writes inputs to the inbox in the order in which they come, many in one commit.

    async with InboxWriter(pool) as writer:
        await writer.write(item, size)  # returns when it is committed
    """

    def __init__(self, pool: Pool, *, patience: float = PATIENCE_SECONDS, capacity: int = WAITING_INPUTS) -> None:
        self._pool = pool
        self._patience = patience
        self._capacity = capacity
        self._queue: deque[_Waiting] = deque()
        self._queued_bytes = 0
        self._singly = 0
        self._rung = asyncio.Event()
        self._closing = False
        self._connection: asyncpg.pool.PoolConnectionProxy[asyncpg.Record] | None = None
        self._flusher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._flusher = asyncio.create_task(self._flush_until_closed(), name="inbox writer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        self._rung.set()
        if self._flusher is not None:
            await self._flusher
        self._let_go()

    @property
    def waiting(self) -> int:
        """How many inputs wait for a commit to begin."""
        return len(self._queue)

    async def write(self, item: inbox.Input, size: int) -> None:
        """Return when the item is committed. `size` is about how many bytes it takes.

        Raises Unavailable when it is not certain to be committed: too many wait, the writer is closing, or the database
        is away. Raises InputError when the database refuses this very item.
        """
        if self._closing:
            raise Unavailable("This process is stopping.", SEND_AGAIN)
        if len(self._queue) >= self._capacity or self._queued_bytes + size > WAITING_BYTES:
            raise Unavailable("More is arriving than can be written down right now.", SEND_AGAIN)
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(item, size, written))
        self._queued_bytes += size
        self._rung.set()
        await written

    async def _flush_until_closed(self) -> None:
        while self._queue or not self._closing:
            if self._queue:
                await self._flush(self._next_batch())
            else:
                self._rung.clear()
                await self._rung.wait()

    def _next_batch(self) -> list[_Waiting]:
        most = 1 if self._singly else BATCH_INPUTS
        self._singly = max(0, self._singly - 1)
        batch: list[_Waiting] = []
        size = 0
        while self._queue and len(batch) < most and (not batch or size + self._queue[0].size <= BATCH_BYTES):
            batch.append(self._queue.popleft())
            size += batch[-1].size
        self._queued_bytes -= size
        return batch

    async def _flush(self, batch: list[_Waiting]) -> None:
        try:
            await self._commit(batch)
        except asyncpg.DataError as error:
            if len(batch) == 1:
                _fail(batch, InputError, "", f"The database refuses this input: {error}.", "Send it in another form.")
            else:
                self._take_back(batch)
        except Exception as error:
            if isinstance(error, DATABASE_AWAY):
                _log.warning("the database is away, and %s requests are told so: %r", len(batch) + self.waiting, error)
            else:
                _log.exception("the inbox cannot be written")
            self._let_go()
            # Whoever queued behind would wait as long, to hear the same.
            self._queue, queued = deque(), self._queue
            self._queued_bytes = self._singly = 0
            _fail([*batch, *queued], Unavailable, "The database is away.", SEND_AGAIN)
        else:
            metrics.accepted(waiting.input.kind for waiting in batch)
            for waiting in batch:
                if not waiting.written.done():  # done: the client hung up
                    waiting.written.set_result(None)

    def _take_back(self, batch: list[_Waiting]) -> None:
        """Put a refused batch in front again, to be tried one by one: only the input at fault may fail."""
        self._queue.extendleft(reversed(batch))
        self._queued_bytes += sum(waiting.size for waiting in batch)
        self._singly = len(batch)

    async def _commit(self, batch: list[_Waiting]) -> None:
        async with asyncio.timeout(self._patience):
            connection = await self._held_connection()
            await inbox.append(connection, [waiting.input for waiting in batch])

    async def _held_connection(self) -> Connection:
        """Return the writer's own connection. Giving it back after each batch would cost a round trip of cleaning."""
        if self._connection is None or _is_lost(self._connection):
            self._connection = await self._pool.acquire(timeout=self._patience)
        return self._connection

    def _let_go(self) -> None:
        """Cut the connection, so that the pool makes another when it is needed."""
        if self._connection is not None and not _is_lost(self._connection):
            self._connection.terminate()
        self._connection = None


def _is_lost(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has noticed, and taken it back
        return True


def _fail(batch: list[_Waiting], kind: type[SojournError], *arguments: str) -> None:
    for waiting in batch:
        if not waiting.written.done():
            waiting.written.set_exception(kind(*arguments))  # one each: a traceback grows at every raise
