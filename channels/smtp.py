"""Email over SMTP: fast, because connections are kept, and exact about what left (see smtp_conversation.py).

Greeting, TLS and login cost more than the message, so connections are used again. One that turns out to be dead is
replaced by a fresh one within the same hand-over: the server was not told of the message yet.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from typing import Any, Final, Literal

from aiosmtplib import SMTP, SMTPException

from channels.channel import Email, HandedOver, Refused
from channels.email import compose, recipients
from channels.smtp_conversation import Hangup, connect, deliver
from engine.addresses import parse_address
from engine.errors import InputError

_IDLE: Final = 60.0  # seconds a connection is trusted; the first servers hang up after a minute
_GOODBYE: Final = 1.0  # seconds a server may take to answer QUIT


class SmtpChannel:
    """One SMTP server, and the connections kept to it."""

    name = "email"
    idempotent = False  # SMTP has no key that would make a server drop a second copy

    def __init__(
        self,
        host: str,
        port: int,
        *,
        username: str | None = None,
        password: str | None = None,
        tls: Literal["none", "starttls", "tls"] = "none",
        tls_context: ssl.SSLContext | None = None,
        timeout: float = 30.0,
        pool_size: int = 8,
    ) -> None:
        """Connect to nothing yet.

        Args:
            host: name or address of the server.
            port: usually 587 with `starttls`, 465 with `tls`, 25 with `none`.
            username: login; None if the server wants none.
            password: for the login.
            tls: how the connection is encrypted. `starttls` never falls back to an open connection.
            tls_context: certificates to trust; None trusts what the system trusts.
            timeout: seconds for each answer of the server.
            pool_size: hand-overs at the same time, and connections kept at most.
        """
        if tls != "none" and tls_context is None:
            tls_context = ssl.create_default_context()
        self._options: dict[str, Any] = {
            "hostname": host,
            "port": port,
            "username": username,
            "password": password,
            "use_tls": tls == "tls",
            "start_tls": tls == "starttls",
            "tls_context": tls_context,
            "timeout": timeout,
            # Not the full domain name: looking that up takes seconds where there is no name server.
            "local_hostname": socket.gethostname() or "localhost",
        }
        self._slots = asyncio.Semaphore(pool_size)
        self._idle: list[tuple[SMTP, float]] = []

    async def hand_over(self, message: Email) -> HandedOver:
        """Give the email to the server; its Message-ID is the name that reports will use.

        Raises:
            Refused: the server will not take it, or it is no email that can be sent.
            TryLater: nothing was handed over.
            OutcomeUnknown: the content was sent and no answer came.
        """
        try:
            composed = compose(message)
            envelope = [address.addr_spec for address in recipients(message)]
            content = composed.as_bytes()
        except InputError as error:
            raise Refused(error.message) from error
        except ValueError as error:  # text that is no Unicode, which JSON can hold
            raise Refused(f"the email cannot be written: {error}") from error
        sender = parse_address(message.sender, "from").addr_spec
        async with self._slots:
            await self._deliver(sender, envelope, content)
        return HandedOver(provider_id=str(composed["Message-ID"]))

    async def _deliver(self, sender: str, envelope: list[str], content: bytes) -> None:
        kept = self._take()
        if kept:
            try:
                return await self._through(kept, sender, envelope, content)
            except Hangup:
                pass  # it was dead or about to be; the content had not left, so a fresh connection may have it
        return await self._through(await connect(self._options), sender, envelope, content)

    async def _through(self, client: SMTP, sender: str, envelope: list[str], content: bytes) -> None:
        try:
            await deliver(client, sender, envelope, content)
        finally:
            if client.is_connected:
                self._idle.append((client, time.monotonic()))

    def _take(self) -> SMTP | None:
        trusted_since = time.monotonic() - _IDLE
        while self._idle:
            client, used = self._idle.pop()
            if client.is_connected and used > trusted_since:
                return client
            client.close()
        return None

    async def close(self) -> None:
        """Say goodbye to the server on every kept connection."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_goodbye(client) for client, _ in idle))


async def _goodbye(client: SMTP) -> None:
    try:
        await client.quit(timeout=_GOODBYE)
    except (SMTPException, OSError):
        client.close()
