"""On a laptop and in tests, mail must really leave and must never arrive: a real SMTP server that keeps what it gets.

async with MailCatcher(folder=folder) as catcher:
...   # send to 127.0.0.1, port catcher.smtp_port; look at http://127.0.0.1:{catcher.http_port}
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from weakref import WeakSet

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session

from runtime.caught_mail import CaughtMails
from runtime.mail_pages import mail_pages

_CAPACITY: Final = 10_000


class MailCatcher:
    """An SMTP server and its web page, in the running event loop."""

    def __init__(
        self,
        *,
        folder: Path,
        smtp_port: int = 0,
        http_port: int | None = 0,
        host: str = "127.0.0.1",
        capacity: int = _CAPACITY,
    ) -> None:
        """Listen to nothing yet.

        Args:
            folder: where the mails are kept; a later run finds them there.
            smtp_port: 0 takes a free one.
            http_port: 0 takes a free one; None offers no page.
            host: the address to listen on.
            capacity: mails kept; beyond it the oldest are deleted.
        """
        self.mails = CaughtMails(folder, capacity)
        self.smtp_port = smtp_port
        self.http_port = http_port
        self._host = host
        self._connections: WeakSet[SMTP] = WeakSet()
        self._smtp: asyncio.Server | None = None
        self._http: _PageServer | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return once both ports are open; `smtp_port` and `http_port` then say which they are."""
        await self.mails.open()
        loop = asyncio.get_running_loop()
        self._smtp = await loop.create_server(self._connection, self._host, self.smtp_port)
        self.smtp_port = self._smtp.sockets[0].getsockname()[1]
        if self.http_port is None:
            return
        listener = socket.create_server((self._host, self.http_port))
        self.http_port = listener.getsockname()[1]
        config = uvicorn.Config(mail_pages(self.mails), log_level="warning", access_log=False, lifespan="off")
        self._http = _PageServer(config)
        self._serving = asyncio.create_task(self._http.serve([listener]), name="mail-catcher-pages")

    async def stop(self) -> None:
        """Close both ports; return when every mail is on disk."""
        if self._smtp:
            self._smtp.close()
        for connection in self._connections:
            if connection.transport:
                connection.transport.close()
        if self._http and self._serving:
            self._http.should_exit = True
            await self._serving
        await self.mails.close()

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        """Keep a mail; the answer is the server's, with the mail's id."""
        content = envelope.content
        assert isinstance(content, bytes)
        mail_id = self.mails.add(envelope.mail_from or "", envelope.rcpt_tos, content, time.time())
        return f"250 2.0.0 Caught as {mail_id}"

    def _connection(self) -> SMTP:
        connection = SMTP(
            self,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="Sojourn mail catcher",
            loop=asyncio.get_running_loop(),
        )
        self._connections.add(connection)
        return connection

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


class _PageServer(uvicorn.Server):
    """Uvicorn that leaves the process's signals to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
