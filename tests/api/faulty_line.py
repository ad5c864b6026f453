"""A line to PostgreSQL that tests can cut or freeze: what a database that is away looks like from here."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit


class FaultyLine:
    """Passes bytes between a TCP port and the database of a URL.

    async with FaultyLine(database_url) as line:
        pool = await open_pool(line.url)
        line.cut()
    """

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        self._database = parts.path
        self._socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self._whole = True
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.thaw()
        self.cut()
        await asyncio.gather(*self._passing)

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self._database}"

    def cut(self) -> None:
        """Close every connection, and every new one at once."""
        self._whole = False
        for writer in self._writers:
            writer.close()

    def mend(self) -> None:
        self._whole = True

    def freeze(self) -> None:
        """Let nothing through, without anybody noticing."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        if not self._whole:
            writer.close()
            return
        to_server = await asyncio.open_unix_connection(self._socket)
        self._writers.add(to_server[1])
        for source, target in ((reader, to_server[1]), (to_server[0], writer)):
            task = asyncio.create_task(self._pass(source, target))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                await self._flowing.wait()
                target.write(data)
                await target.drain()
        target.close()
