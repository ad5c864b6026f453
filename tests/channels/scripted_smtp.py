"""An SMTP server that does what a test tells it to, on a real socket: refuse, hang, or hang up at any step."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from pathlib import Path
from types import TracebackType
from typing import Final, Self

HANG: Final = "(no answer)"
DROP: Final = "(connection closed)"

_ANSWERS: Final = {
    "connect": "220 scripted",
    "EHLO": "250-scripted\r\n250-AUTH PLAIN\r\n250 STARTTLS",
    "HELO": "250 scripted",
    "STARTTLS": "220 go on",
    "AUTH": "235 welcome",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "content": "250 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


def server_tls() -> ssl.SSLContext:
    """A certificate for localhost."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(Path(__file__).with_name("localhost.pem"))
    return context


def client_tls() -> ssl.SSLContext:
    """Trust in that certificate."""
    return ssl.create_default_context(cafile=Path(__file__).with_name("localhost.pem"))


class ScriptedSmtp:
    """`script[step]` holds the answers to come for a step; when they are used up, the usual answer follows."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.script: dict[str, list[str]] = defaultdict(list)
        self.said: list[str] = []
        """Every command, of all connections."""
        self.contents: list[bytes] = []
        """What arrived behind DATA, dots and all, whether or not it was answered."""
        self.content_arrived = asyncio.Event()
        self.connections = 0
        self.port = 0
        self._tls = tls
        self._open: set[asyncio.StreamWriter] = set()
        self._talks: set[asyncio.Task[None]] = set()

    async def hang_up(self) -> None:
        """Close all connections, and wait until that is done."""
        for writer in self._open:
            writer.close()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self.hang_up()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            if await self._answer("connect", writer):
                await self._talk(reader, writer)
        except ConnectionError:
            pass  # the client hung up
        finally:
            self._open.discard(writer)
            self._talks.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            command = line.decode().strip()
            self.said.append(command)
            step = command.partition(" ")[0].upper()
            answer = self._next(step)
            if not await self._send(answer, writer) or step == "QUIT":
                return
            if step == "STARTTLS":
                await writer.start_tls(server_tls())
            if step == "DATA" and answer.startswith("354"):
                self.contents.append(await reader.readuntil(b"\r\n.\r\n"))
                self.content_arrived.set()
                if not await self._answer("content", writer):
                    return

    async def _answer(self, step: str, writer: asyncio.StreamWriter) -> bool:
        return await self._send(self._next(step), writer)

    def _next(self, step: str) -> str:
        return self.script[step].pop(0) if self.script[step] else _ANSWERS[step]

    async def _send(self, answer: str, writer: asyncio.StreamWriter) -> bool:
        if answer == DROP:
            return False
        if answer != HANG:
            writer.write(f"{answer}\r\n".encode())
            await writer.drain()
        return True
