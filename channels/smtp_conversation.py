"""One SMTP conversation, driven command by command so that it is always known whether the content has left.

connect · greeting · EHLO · TLS · login     what fails here is the server's or ours, never the message's: TryLater
MAIL · RCPT · DATA                          4xx: TryLater; 5xx: Refused; no answer: TryLater
content, then its answer                    2xx: taken; 4xx: TryLater; 5xx: Refused; no answer: OutcomeUnknown
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponseException, SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol

from channels.channel import ChannelError, OutcomeUnknown, Refused, TryLater

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT: Final = re.compile(rb"(?m)^\.")
_CLOSING: Final = 421
_GO_AHEAD: Final = 354
_SHOWN: Final = 300  # characters of a server's answer that an operator gets to see


class Hangup(TryLater):
    """The connection ended before the content: on a kept connection a reason to open a fresh one at once."""


async def connect(options: dict[str, Any]) -> SMTP:
    """Open a connection, up to and including the login. `options` are aiosmtplib's.

    Raises:
        TryLater: whatever the server said, it did not say it about a message.
    """
    client = SMTP(**options)
    try:
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await _greet(client)
    except SMTPResponseException as error:
        client.close()
        raise TryLater(_answer(error.code, error.message)) from error
    except (SMTPException, OSError) as error:
        client.close()
        raise TryLater(f"no connection to the mail server: {error}") from error
    except BaseException:
        client.close()
        raise
    return client


async def deliver(client: SMTP, sender: str, recipients: Sequence[str], content: bytes) -> None:
    """Say MAIL, RCPT and DATA, send the content, and await the answer to it.

    Afterwards the connection is either ready for the next message or closed.

    Args:
        client: a connection that has said EHLO; its timeout counts for each answer.
        sender: address of the envelope.
        recipients: addresses of the envelope; one that is refused refuses the message.
        content: the message. Line ends and leading dots are taken care of here.

    Raises:
        ChannelError: as drawn at the top of this file.
    """
    try:
        protocol = await _introduce(client, sender, recipients)
        await _hand_over(protocol, _wire(content), client.timeout)
    except (Refused, TryLater) as error:
        await _start_over(client, error)
        raise
    except BaseException:
        client.close()  # unknown or cancelled: the next answer on this connection would be to this message
        raise


async def _introduce(client: SMTP, sender: str, recipients: Sequence[str]) -> SMTPProtocol:
    try:
        await client.mail(sender)
        for recipient in recipients:
            await client.rcpt(recipient)
        reply = await client.execute_command(b"DATA")
    except SMTPResponseException as error:
        raise _answered(error.code, error.message) from error
    except (SMTPException, OSError) as error:
        raise Hangup(f"the mail server hung up before it had the message: {error}") from error
    if reply.code != _GO_AHEAD:
        raise _answered(reply.code, reply.message)
    if client.protocol is None:
        raise Hangup("the mail server hung up before it had the message")
    return client.protocol


async def _hand_over(protocol: SMTPProtocol, content: bytes, timeout: float | None) -> None:  # noqa: ASYNC109
    try:
        protocol.write(content)
    except SMTPServerDisconnected as error:  # known before anything is written
        raise Hangup(f"the mail server hung up before it had the message: {error}") from error
    try:
        reply = await protocol.read_response(timeout)
    except (SMTPException, OSError) as error:
        raise OutcomeUnknown(f"the mail server gave no answer to the content of the message: {error}") from error
    if 400 <= reply.code < 600:
        raise _answered(reply.code, reply.message)
    if not 200 <= reply.code < 300:
        raise OutcomeUnknown(_answer(reply.code, reply.message))


def _answered(code: int, words: str) -> ChannelError:
    answer = _answer(code, words)
    if code == _CLOSING:
        return Hangup(answer)
    return Refused(answer) if 500 <= code < 600 else TryLater(answer)


def _answer(code: int, words: str) -> str:
    return f"the mail server answered {code} {' '.join(words.split())[:_SHOWN]}"


async def _greet(client: SMTP) -> None:
    try:
        await client.ehlo()
    except SMTPHeloError:
        await client.helo()


async def _start_over(client: SMTP, error: ChannelError) -> None:
    if isinstance(error, Hangup):
        client.close()
        return
    try:
        await client.rset()
    except (SMTPException, OSError):
        client.close()
    except BaseException:
        client.close()
        raise


def _wire(content: bytes) -> bytes:
    lines = _LEADING_DOT.sub(b"..", _LINE_END.sub(b"\r\n", content))
    return lines + (b".\r\n" if lines.endswith(b"\r\n") else b"\r\n.\r\n")
