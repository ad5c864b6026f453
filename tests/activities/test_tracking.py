"""What is handed over is tracked, what is kept is not; whatever goes out again has the links that it had."""

from __future__ import annotations

import re
from typing import Any

import pytest

from activities.tracking import Tracker
from channels.channel import OutcomeUnknown
from channels.email import compose
from engine.moves import ResendStart
from engine.tracked_links import TrackedLinks
from storage import tracking
from storage.database import Pool
from tests.activities.passage import Passage, email

LINKS = TrackedLinks(b"a secret")
BODY = '<p>Buy <a href="https://shop.example/?sku={{ event.sku }}&amp;x=1">socks</a></p>'
KEPT = '<p>Buy <a href="https://shop.example/?sku=7&amp;x=1">socks</a></p>'


@pytest.fixture
async def passage(pool: Pool) -> Passage:
    """A passage whose messages are tracked."""
    return await Passage.begin(pool, Tracker(public_url="https://go.example/shop", links=LINKS))


async def _due(passage: Passage, **fields: Any) -> int:
    await passage.campaign(email(body=BODY, **fields))
    await passage.identify()
    return await passage.event(data={"sku": 7})


def _paths(html: str | None) -> list[str]:
    """Return where links and images of ours lead, below our address."""
    return re.findall(r'(?:href|src)="https://go\.example/shop(/[^"]+)"', html or "")


async def _handed_over(passage: Passage) -> list[str]:
    delivery = (await passage.delivery())["public_id"]
    return [LINKS.click(delivery, "https://shop.example/?sku=7&x=1"), LINKS.open(delivery)]


async def test_what_is_handed_over_leads_through_us_and_what_is_kept_does_not(passage: Passage) -> None:
    journey = await _due(passage)
    await passage.ask(passage.send, journey, block="hello")

    (mail,) = passage.mailbox.mails
    assert await _handed_over(passage) == _paths(mail.html)
    kept = (await passage.delivery())["content"]
    assert (KEPT, None, True) == (kept["html"], kept["text"], kept["tracking"])


@pytest.mark.parametrize(
    ("fields", "text"), [({}, "Buy socks (https://shop.example/?sku=7&x=1)"), ({"text": "https://x.example"}, None)]
)
async def test_the_plain_text_shows_the_addresses_of_the_message(
    passage: Passage, fields: dict[str, str], text: str | None
) -> None:
    journey = await _due(passage, **fields)
    await passage.ask(passage.send, journey, block="hello")

    plain = next(part for part in compose(passage.mailbox.mails[0].email).walk() if not part.is_multipart())
    assert (text or "https://x.example").encode() == plain.get_payload(decode=True)


async def test_a_style_sheet_changes_no_link(passage: Passage) -> None:
    await passage.campaign(email(body=f"<style>a {{color: red}}</style>{BODY}"))
    await passage.identify()
    await passage.ask(passage.send, await passage.event(data={"sku": 7}), block="hello")

    *_, html = compose(passage.mailbox.mails[0].email).walk()
    written = html.get_payload(decode=True)
    assert isinstance(written, bytes)
    assert await _handed_over(passage) == _paths(written.decode())


async def test_a_message_without_html_has_nothing_to_track(passage: Passage) -> None:
    await passage.campaign({"email": {"id": "hello", "subject": "Hello", "text": "https://x.example"}})
    await passage.identify()
    await passage.ask(passage.send, await passage.event(), block="hello")

    (mail,) = passage.mailbox.mails
    assert (None, "https://x.example") == (mail.email.html, mail.email.text)


@pytest.mark.spec("7.15")
async def test_a_message_that_is_not_tracked_goes_as_it_is_written(passage: Passage) -> None:
    journey = await _due(passage, tracking=False)
    await passage.ask(passage.send, journey, block="hello")

    (mail,) = passage.mailbox.mails
    assert (KEPT, None, "sent") == (mail.html, mail.email.text, (await passage.delivery())["state"])


async def test_without_an_address_of_ours_nothing_is_tracked(pool: Pool) -> None:
    passage = await Passage.begin(pool)
    await passage.ask(passage.send, await _due(passage), block="hello")

    assert KEPT == passage.mailbox.mails[0].html


async def test_separate_copies_are_for_other_people_and_are_not_tracked(passage: Passage) -> None:
    journey = await _due(passage, bcc="desk@example.org", bcc_as="separate", cc="bob@example.org")
    await passage.ask(passage.send, journey, block="hello")

    mail, copy = passage.mailbox.mails
    assert (await _handed_over(passage), KEPT) == (_paths(mail.html), copy.html)


async def test_a_message_that_is_sent_again_has_the_same_links(passage: Passage) -> None:
    journey = await _due(passage, bcc="desk@example.org", bcc_as="separate")
    passage.mailbox.failures = [OutcomeUnknown("the line was cut")]
    await passage.ask(passage.send, journey, block="hello")
    await passage.attempt().run(passage.resend, ResendStart(delivery=(await passage.delivery())["id"], at=passage.now))

    mail, copy = passage.mailbox.mails
    assert (await _handed_over(passage), KEPT) == (_paths(mail.html), copy.html)


async def test_a_message_that_is_made_anew_has_the_same_links(passage: Passage) -> None:
    journey = await _due(passage, preheader="{{ customer.name }}")
    await passage.ask(passage.send, journey, block="hello")
    failed = await passage.delivery()
    await passage.identify(name="Ada")
    await passage.attempt().run(passage.resend, ResendStart(delivery=failed["id"], at=passage.now))

    (mail,) = passage.mailbox.mails
    assert ("failed", LINKS.open(failed["public_id"])) == (failed["state"], _paths(mail.html)[-1])
    assert await _handed_over(passage) == _paths(mail.html)


@pytest.mark.parametrize(("kind", "state"), [("open", "opened"), ("click", "clicked")])
async def test_what_a_scanner_did_before_the_server_took_the_message_is_not_lost(
    passage: Passage, pool: Pool, kind: str, state: str
) -> None:
    async def scan(_: object) -> None:
        delivery = (await passage.delivery())["public_id"]
        async with pool.acquire() as connection:
            if kind == "open":
                await tracking.opened(connection, delivery, now=passage.now)
            else:
                await tracking.clicked(connection, delivery, "https://shop.example/", now=passage.now)

    passage.mailbox.before = scan
    await passage.ask(passage.send, await _due(passage), block="hello")

    delivery = await passage.delivery()
    assert (state, {"handing_over", "sent"}) == (delivery["state"], set(delivery["times"]) - {"opened", "clicked"})
