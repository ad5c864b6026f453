"""The way to the mail server, which a test can close or lay to another server, and a server that keeps one waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

from tests.channels.scripted_smtp import ScriptedSmtp


class MailLine:
    """Passes bytes between a port of its own and the mail server's.

    async with MailLine(catcher.smtp_port) as line:
        async with line.to(other_server.port):
            ...
    """

    def __init__(self, usual: int) -> None:
        self.port = 0
        self._usual = usual
        self._target = usual
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def to(self, port: int) -> AsyncIterator[None]:
        """Lead to another port of this machine; connections of before and of meanwhile do not outlast it."""
        self._target = port
        await self._cut()
        yield
        self._target = self._usual
        await self._cut()

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """Refuse connections, as when no mail server runs."""
        await self._close()
        yield
        await self._listen()

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut()

    async def _cut(self) -> None:
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._passing)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            self._forget(writer)
            return
        self._writers.add(to_server)
        if writer.is_closing():  # cut meanwhile
            self._forget(to_server)
            return
        for source, target in ((reader, to_server), (from_server, writer)):
            task = asyncio.create_task(self._pass(source, target))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                target.write(data)
                await target.drain()
        self._forget(target)

    def _forget(self, writer: asyncio.StreamWriter) -> None:
        writer.close()
        self._writers.discard(writer)


class SlowSmtp(ScriptedSmtp):
    """Takes messages, and says so only when `answering` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.answering = asyncio.Event()

    async def hang_up(self) -> None:
        """Answer whoever still waits, and close all connections."""
        self.answering.set()
        await super().hang_up()

    async def _answer(self, step: str, writer: asyncio.StreamWriter) -> bool:
        if step == "content":
            await self.answering.wait()
        return await super()._answer(step, writer)
