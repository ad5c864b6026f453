"""Whether a message left, at every step at which a conversation with a mail server can go wrong. Real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from channels.channel import ChannelError, OutcomeUnknown, Refused, TryLater
from channels.smtp import SmtpChannel
from tests.channels.builders import email
from tests.channels.scripted_smtp import DROP, HANG, ScriptedSmtp, client_tls, server_tls

PATIENCE = 5.0
IMPATIENCE = 0.25  # for servers that hang; long enough for everything before that on a busy machine


@pytest.fixture
async def server() -> AsyncIterator[ScriptedSmtp]:
    async with ScriptedSmtp() as server:
        yield server


@pytest.fixture
async def channel(server: ScriptedSmtp) -> AsyncIterator[SmtpChannel]:
    channel = SmtpChannel("127.0.0.1", server.port, timeout=PATIENCE)
    yield channel
    await channel.close()


@pytest.fixture
async def impatient(server: ScriptedSmtp) -> AsyncIterator[SmtpChannel]:
    channel = SmtpChannel("127.0.0.1", server.port, timeout=IMPATIENCE)
    yield channel
    await channel.close()


async def test_a_message_is_handed_over_under_its_message_id(server: ScriptedSmtp, channel: SmtpChannel) -> None:
    handed_over = await channel.hand_over(email())

    assert ["MAIL FROM:<news@shop.example>", "RCPT TO:<ada@example.com>", "DATA"] == server.said[1:]
    assert f"Message-ID: {handed_over.provider_id}".encode() in server.contents[0]


async def test_blind_copies_are_on_the_envelope_and_nowhere_else(server: ScriptedSmtp, channel: SmtpChannel) -> None:
    await channel.hand_over(email(cc=("cc@example.com",), bcc=("Boss <bcc@example.com>", "ada@example.com")))

    rcpt = [line for line in server.said if line.startswith("RCPT")]
    assert ["RCPT TO:<ada@example.com>", "RCPT TO:<cc@example.com>", "RCPT TO:<bcc@example.com>"] == rcpt
    assert b"bcc" not in server.contents[0].lower()


async def test_a_line_that_begins_with_a_dot_does_not_end_the_message(
    server: ScriptedSmtp, channel: SmtpChannel
) -> None:
    await channel.hand_over(email(html=None, text="first\n.\nMAIL FROM:<evil@example.com>\n"))

    assert server.contents[0].endswith(b"\r\nfirst\r\n..\r\nMAIL FROM:<evil@example.com>\r\n.\r\n")
    assert 1 == len([line for line in server.said if line.startswith("MAIL")])


@pytest.mark.parametrize(
    ("step", "answer", "expected"),
    [
        ("connect", "421 too busy", TryLater),
        ("connect", "554 not you", TryLater),
        ("connect", DROP, TryLater),
        ("connect", HANG, TryLater),
        ("EHLO", DROP, TryLater),
        ("EHLO", HANG, TryLater),
        ("MAIL", "451 later", TryLater),
        ("MAIL", "421 bye", TryLater),
        ("MAIL", "550 sender unknown", Refused),
        ("MAIL", DROP, TryLater),
        ("MAIL", HANG, TryLater),
        ("MAIL", "nonsense", TryLater),
        ("RCPT", "450 greylisted", TryLater),
        ("RCPT", "550 no such user", Refused),
        ("RCPT", DROP, TryLater),
        ("RCPT", HANG, TryLater),
        ("DATA", "451 later", TryLater),
        ("DATA", "554 no", Refused),
        ("DATA", DROP, TryLater),
        ("DATA", HANG, TryLater),
        ("content", "452 disk full", TryLater),
        ("content", "421 going down", TryLater),
        ("content", "550 spam", Refused),
        ("content", DROP, OutcomeUnknown),
        ("content", HANG, OutcomeUnknown),
        ("content", "nonsense", OutcomeUnknown),
        ("content", "354 what", OutcomeUnknown),
    ],
)
async def test_what_goes_wrong_is_named_for_what_it_means(
    server: ScriptedSmtp, impatient: SmtpChannel, step: str, answer: str, expected: type[ChannelError]
) -> None:
    server.script[step] = [answer]

    with pytest.raises(expected):
        await impatient.hand_over(email())

    assert (1 if step == "content" else 0) == len(server.contents)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", [DROP, HANG, "421 too many messages"])
async def test_a_kept_connection_that_fails_before_the_content_is_replaced_at_once(
    server: ScriptedSmtp, impatient: SmtpChannel, step: str, answer: str
) -> None:
    await impatient.hand_over(email(key="first"))
    server.script[step] = [answer]

    await impatient.hand_over(email(key="second"))

    assert 2 == server.connections
    assert 2 == len(server.contents)


async def test_a_connection_that_the_server_closed_meanwhile_is_replaced(
    server: ScriptedSmtp, channel: SmtpChannel
) -> None:
    await channel.hand_over(email(key="first"))
    await server.hang_up()

    await channel.hand_over(email(key="second"))

    assert 2 == server.connections


@pytest.mark.parametrize("answer", [DROP, HANG])
async def test_a_kept_connection_that_fails_after_the_content_is_never_tried_again(
    server: ScriptedSmtp, impatient: SmtpChannel, answer: str
) -> None:
    await impatient.hand_over(email(key="first"))
    server.script["content"] = [answer]

    with pytest.raises(OutcomeUnknown):
        await impatient.hand_over(email(key="second"))

    assert 2 == len(server.contents)
    assert 1 == server.connections


async def test_messages_share_a_connection(server: ScriptedSmtp, channel: SmtpChannel) -> None:
    for number in range(3):
        await channel.hand_over(email(key=str(number)))

    assert 1 == server.connections


async def test_a_refusal_keeps_the_connection_for_the_next_message(server: ScriptedSmtp, channel: SmtpChannel) -> None:
    server.script["RCPT"] = ["550 no such user"]
    with pytest.raises(Refused, match="550 no such user"):
        await channel.hand_over(email())

    await channel.hand_over(email())

    assert 1 == server.connections
    assert 1 == len(server.contents)


async def test_an_answer_to_an_earlier_message_is_never_taken_for_a_later_one(
    server: ScriptedSmtp, impatient: SmtpChannel
) -> None:
    server.script["content"] = [HANG, "550 spam"]
    with pytest.raises(OutcomeUnknown):
        await impatient.hand_over(email(key="first"))

    with pytest.raises(Refused):
        await impatient.hand_over(email(key="second"))

    assert 2 == server.connections


async def test_a_hand_over_that_is_cancelled_gives_its_connection_up(
    server: ScriptedSmtp, channel: SmtpChannel
) -> None:
    server.script["content"] = [HANG]
    hand_over = asyncio.create_task(channel.hand_over(email(key="first")))
    await server.content_arrived.wait()
    hand_over.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hand_over

    await channel.hand_over(email(key="second"))

    assert 2 == server.connections


async def test_no_more_connections_than_the_pool_has_places(server: ScriptedSmtp) -> None:
    channel = SmtpChannel("127.0.0.1", server.port, pool_size=2)

    await asyncio.gather(*(channel.hand_over(email(key=str(number))) for number in range(6)))

    assert 2 == server.connections
    assert 6 == len(server.contents)
    await channel.close()


async def test_nobody_listening_means_try_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(TryLater):
        await SmtpChannel("127.0.0.1", port).hand_over(email())


async def test_a_name_that_does_not_resolve_means_try_later() -> None:
    with pytest.raises(TryLater):
        await SmtpChannel("mail.invalid", 25).hand_over(email())


@pytest.mark.parametrize("to", ["", "ada", "ada@", "ada@example.com, bob@example.com"])
async def test_a_recipient_that_is_no_address_is_refused_without_a_word_to_the_server(
    server: ScriptedSmtp, channel: SmtpChannel, to: str
) -> None:
    with pytest.raises(Refused, match=r"to: .* is not an email address"):
        await channel.hand_over(email(to=to))

    assert 0 == server.connections


@pytest.mark.parametrize("field", ["subject", "html", "preheader"])
async def test_text_that_is_no_unicode_is_refused(server: ScriptedSmtp, channel: SmtpChannel, field: str) -> None:
    with pytest.raises(Refused):
        await channel.hand_over(email(**{field: "\ud800"}))

    assert 0 == server.connections


async def test_a_login_that_is_refused_says_nothing_about_the_message(server: ScriptedSmtp) -> None:
    server.script["AUTH"] = ["535 wrong password"]
    channel = SmtpChannel("127.0.0.1", server.port, username="shop", password="secret")

    with pytest.raises(TryLater, match="535 wrong password"):
        await channel.hand_over(email())


async def test_starttls_encrypts_before_the_login(server: ScriptedSmtp) -> None:
    channel = SmtpChannel(
        "localhost", server.port, username="shop", password="secret", tls="starttls", tls_context=client_tls()
    )

    await channel.hand_over(email())

    steps = [line.partition(" ")[0] for line in server.said]
    assert ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"] == steps
    await channel.close()


async def test_starttls_never_falls_back_to_an_open_connection(server: ScriptedSmtp) -> None:
    server.script["EHLO"] = ["250 scripted"]
    channel = SmtpChannel("localhost", server.port, tls="starttls", tls_context=client_tls())

    with pytest.raises(TryLater):
        await channel.hand_over(email())

    assert [] == [line for line in server.said if line.startswith("MAIL")]


async def test_tls_from_the_first_byte() -> None:
    async with ScriptedSmtp(tls=server_tls()) as server:
        channel = SmtpChannel("localhost", server.port, tls="tls", tls_context=client_tls())

        await channel.hand_over(email())

        assert 1 == len(server.contents)
        await channel.close()


async def test_a_certificate_that_is_not_trusted_means_try_later() -> None:
    async with ScriptedSmtp(tls=server_tls()) as server:
        with pytest.raises(TryLater, match="certificate"):
            await SmtpChannel("localhost", server.port, tls="tls").hand_over(email())

        assert [] == server.contents
