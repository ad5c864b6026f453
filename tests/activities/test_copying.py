"""Separate copies leave after the message itself, and nothing that happens to them touches it (behaviour 6.11)."""

from __future__ import annotations

import pytest

from channels.channel import ChannelError, Email, OutcomeUnknown, Refused, TryLater
from channels.email import compose
from engine.moves import ResendStart
from storage import journeys
from tests.activities.passage import Passage, email

COPIED = email(bcc=["desk@example.org", "boss@example.org"], bcc_as="separate")


async def _due(passage: Passage) -> int:
    await passage.campaign(COPIED)
    await passage.identify()
    return await passage.event()


def _fail_for(passage: Passage, address: str, failure: ChannelError) -> None:
    async def fail(message: Email) -> None:
        if message.to == address:
            raise failure

    passage.mailbox.before = fail


@pytest.mark.spec("6.11")
async def test_each_copy_is_an_email_of_its_own_whose_subject_names_the_recipient(passage: Passage) -> None:
    journey = await _due(passage)
    await passage.ask(passage.send, journey, block="hello")
    assert [
        ("ada@example.com", "Hello"),
        ("desk@example.org", "[To ada@example.com] Hello"),
        ("boss@example.org", "[To ada@example.com] Hello"),
    ] == [(mail.to, mail.subject) for mail in passage.mailbox.mails]
    assert [((), ())] * 3 == [(mail.email.cc, mail.email.bcc) for mail in passage.mailbox.mails]
    assert 3 == len({compose(mail.email)["Message-ID"] for mail in passage.mailbox.mails})
    assert ["entered", "due", "sent", "copied", "copied", "finished"] == await passage.log(journey)


@pytest.mark.parametrize("failure", [Refused("no"), TryLater("busy"), OutcomeUnknown("cut")])
async def test_a_copy_that_fails_is_noted_and_changes_nothing(passage: Passage, failure: ChannelError) -> None:
    journey = await _due(passage)
    _fail_for(passage, "desk@example.org", failure)
    await passage.ask(passage.send, journey, block="hello")
    delivery = await passage.delivery()
    assert ("sent", 1, None) == (delivery["state"], delivery["attempts"], delivery["failure"])
    assert ["ada@example.com", "boss@example.org"] == [mail.to for mail in passage.mailbox.mails]
    assert ["entered", "due", "sent", "copy_failed", "copied", "finished"] == await passage.log(journey)


async def test_no_copy_leaves_unless_the_message_was_taken(passage: Passage) -> None:
    journey = await _due(passage)
    _fail_for(passage, "ada@example.com", Refused("no such mailbox"))
    await passage.ask(passage.send, journey, block="hello")
    assert ("failed", []) == ((await passage.delivery())["state"], passage.mailbox.mails)


@pytest.mark.parametrize("state", ["sent", "opened", "clicked"])
async def test_a_worker_that_dies_over_the_copies_sends_nothing_twice_and_says_so(
    passage: Passage, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    await passage.campaign(COPIED, unknown_outcome="resend")
    await passage.identify()
    journey = await passage.event()

    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError("the worker is gone")

    with monkeypatch.context() as patched:
        patched.setattr(journeys, "decide", crash)
        with pytest.raises(RuntimeError):
            await passage.ask(passage.send, journey, block="hello")
    await passage.pool.execute("UPDATE deliveries SET state = $1", state)  # what the recipient did meanwhile
    move = await passage.ask(passage.send, journey, block="hello")
    assert ("leave", state, 3) == (move.kind, (await passage.delivery())["state"], len(passage.mailbox.mails))
    assert "nobody knows which of them left" in str(
        await passage.pool.fetchval("SELECT seen FROM decisions WHERE kind = 'sent'")
    )


async def test_a_message_that_is_sent_again_takes_its_copies_with_it(passage: Passage) -> None:
    journey = await _due(passage)
    passage.mailbox.failures = [OutcomeUnknown("the line was cut")]
    await passage.ask(passage.send, journey, block="hello")
    start = ResendStart(delivery=(await passage.delivery())["id"], at=passage.now)
    _fail_for(passage, "boss@example.org", Refused("no"))
    await passage.attempt().run(passage.resend, start)
    assert ["ada@example.com", "desk@example.org"] == [mail.to for mail in passage.mailbox.mails]
    assert ["entered", "due", "unknown", "finished", "copied", "copy_failed"] == await passage.log(journey)


@pytest.mark.spec("11.10")
async def test_no_copy_goes_to_a_suppressed_address_at_first_or_when_sent_again(passage: Passage) -> None:
    journey = await _due(passage)
    passage.mailbox.failures = [OutcomeUnknown("the line was cut")]
    await passage.suppress("desk@example.org")
    await passage.ask(passage.send, journey, block="hello")
    start = ResendStart(delivery=(await passage.delivery())["id"], at=passage.now)
    await passage.suppress("boss@example.org")
    await passage.attempt().run(passage.resend, start)
    assert ["ada@example.com"] == [mail.to for mail in passage.mailbox.mails]
    assert ["entered", "due", "unknown", "suppressed", "finished", "suppressed"] == await passage.log(journey)
