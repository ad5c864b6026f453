"""The bytes of an email: what is in them, and what can never get into them."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default

import pytest

from channels.email import compose, recipients
from engine.errors import InputError
from tests.channels.builders import email


def received(message: Message) -> EmailMessage:
    """The message as its receiver reads it."""
    return message_from_bytes(message.as_bytes(), policy=default)


def part(message: Message, subtype: str) -> str:
    body = received(message).get_body((subtype,))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def test_an_email_carries_its_fields() -> None:
    message = received(
        compose(
            email(
                sender="Shop <news@shop.example>",
                to="ada@example.com",
                reply_to="Help <help@shop.example>",
                cc=("bob@example.com", "Eve <eve@example.com>"),
                subject="Your order",
                date=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
                headers={"List-Unsubscribe": "<https://shop.example/u/1>"},
            )
        )
    )

    assert "Shop <news@shop.example>" == message["From"]
    assert "ada@example.com" == message["To"]
    assert "Help <help@shop.example>" == message["Reply-To"]
    assert "bob@example.com, Eve <eve@example.com>" == message["Cc"]
    assert "Your order" == message["Subject"]
    assert "Mon, 06 May 2024 07:08:09 +0000" == message["Date"]
    assert "<https://shop.example/u/1>" == message["List-Unsubscribe"]


def test_blind_copies_are_recipients_and_not_headers() -> None:
    blind = email(bcc=("boss@example.com",))

    assert b"boss" not in compose(blind).as_bytes()
    assert ["ada@example.com", "boss@example.com"] == [address.addr_spec for address in recipients(blind)]


def test_everybody_gets_one_copy() -> None:
    twice = email(to="ada@example.com", cc=("Ada <ada@example.com>",), bcc=("ada@example.com",))

    assert ["ada@example.com"] == [address.addr_spec for address in recipients(twice)]


def test_the_same_delivery_makes_the_same_bytes() -> None:
    assert compose(email()).as_bytes() == compose(email()).as_bytes()


def test_the_message_id_follows_from_the_delivery_and_the_senders_domain() -> None:
    first, again, other = (compose(email(key=key, subject=key))["Message-ID"] for key in ("7:a:1", "7:a:1", "7:a:2"))

    assert first == again
    assert first != other
    assert first.endswith("@shop.example>")


def test_letters_of_all_languages_survive() -> None:
    message = compose(email(sender="Čokoláda <news@shop.example>", subject="Grüße, 艾达 🎉", html="<p>Élan 艾达</p>"))

    assert "Grüße, 艾达 🎉" == received(message)["Subject"]
    assert "Čokoláda <news@shop.example>" == received(message)["From"]
    assert "<p>Élan 艾达</p>" == part(message, "html").strip()
    assert message.as_bytes().isascii()


def test_a_long_subject_stays_one_subject() -> None:
    subject = "Sehr " * 60 + "schön"

    assert subject == received(compose(email(subject=subject)))["Subject"]


def test_a_subject_over_several_lines_is_one_line() -> None:
    message = compose(email(subject="\n  Hello\r\nBcc: evil@example.com\n\x00"))

    assert "Hello Bcc: evil@example.com" == received(message)["Subject"]
    assert received(message)["Bcc"] is None


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"to": "ada@example.com\r\nBcc: evil@example.com"}, "to"),
        ({"to": "Ada\nBcc: evil@example.com <ada@example.com>"}, "to"),
        ({"to": ""}, "to"),
        ({"sender": "Shop\r\n <news@shop.example>"}, "from"),
        ({"reply_to": "nobody"}, "reply_to"),
        ({"cc": ("bob@example.com", "nobody")}, "cc"),
        ({"headers": {"X-Tag": "a\r\nBcc: evil@example.com"}}, "headers"),
        ({"headers": {"X-Tag: a\r\nBcc": "evil@example.com"}}, "headers"),
        ({"headers": {"Bcc": "evil@example.com"}}, "headers"),
        ({"headers": {"content-type": "text/html"}}, "headers"),
        ({"html": None}, "body"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_its_field(changes: dict[str, object], place: str) -> None:
    with pytest.raises(InputError, match=f"^{place}"):
        compose(email(**changes))


def test_a_blind_copy_that_is_no_address_is_refused() -> None:
    with pytest.raises(InputError, match=r"^bcc"):
        recipients(email(bcc=("nobody",)))


def test_a_text_part_is_made_from_the_html() -> None:
    message = compose(email(html="<h1>Hello</h1><p>Ada &amp; Bob</p>"))

    assert "Hello\n\nAda & Bob" == part(message, "plain").strip()
    assert "multipart/alternative" == message.get_content_type()


def test_a_text_part_that_is_given_is_kept() -> None:
    assert "Mine" == part(compose(email(text="Mine")), "plain").strip()


def test_an_email_may_be_text_only() -> None:
    message = compose(email(html=None, text="Mine"))

    assert "text/plain" == message.get_content_type()


def test_the_preheader_comes_first_in_the_body_and_cannot_be_seen() -> None:
    html = part(compose(email(html='<html><body class="a"><p>Hi</p></body></html>', preheader="50% <off>")), "html")

    before, _, after = html.partition("50% &lt;off&gt;</div>")
    assert before.startswith('<html><body class="a"><div style="display:none')
    assert after.startswith("<p>Hi</p>")


def test_style_sheets_are_written_into_the_tags_and_kept_for_small_screens() -> None:
    html = part(
        compose(email(html="<style>p { color: red } @media print { p { color: blue } }</style><p>Hi</p>")), "html"
    )

    assert '<p style="color: red;">Hi</p>' in html
    assert "@media print" in html


def test_html_without_a_style_sheet_is_left_as_it_is() -> None:
    assert "<p>Hi</p>" == part(compose(email(html="<p>Hi</p>")), "html").strip()


def test_a_long_line_is_broken_for_the_wire_and_whole_for_the_reader() -> None:
    html = f"<p>{'word ' * 400}</p>"
    message = compose(email(html=html))

    assert max(map(len, message.as_bytes().splitlines())) <= 998
    assert html == part(message, "html").rstrip("\n")


def test_a_name_with_a_comma_stays_one_name() -> None:
    message = compose(email(sender='"Lovelace, Ada" <ada@example.com>'))

    assert ("Lovelace, Ada", "ada@example.com") == (
        received(message)["From"].addresses[0].display_name,
        received(message)["From"].addresses[0].addr_spec,
    )
