"""One rendered email becomes the bytes that travel: no header can be smuggled in, and the same email is the same bytes.

The Message-ID follows from the delivery's key, so that a receiver, a provider's report and an operator who looks into
an unknown outcome all recognise a second copy as one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Final

import css_inline

from channels.addresses import parse_address
from channels.channel import Email
from channels.plain_text import plain_text
from engine.errors import InputError

_POLICY: Final = SMTP.clone(cte_type="7bit")  # a server may not take eight bits; every server takes seven
_INLINER: Final = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
_STYLE: Final = re.compile(r"<style\b", re.IGNORECASE)
_BODY: Final = re.compile(r"<body\b[^<>]*>", re.IGNORECASE)
_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_OURS: Final = frozenset(
    ("bcc", "cc", "date", "from", "message-id", "mime-version", "reply-to", "return-path", "sender", "subject", "to")
)
_HIDDEN: Final = "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all"


def compose(email: Email) -> EmailMessage:
    """Build the message; `bcc` is for the envelope only and appears nowhere in it (behaviour 6.10, 6.11).

    Raises:
        InputError: an address or a header that cannot be sent, named by its field.
    """
    sender = parse_address(email.sender, "from")
    digest = hashlib.sha256(email.key.encode()).hexdigest()[:32]
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = parse_address(email.to, "to")
    if email.cc:
        message["Cc"] = [parse_address(text, "cc") for text in email.cc]
    if email.reply_to:
        message["Reply-To"] = parse_address(email.reply_to, "reply_to")
    # A subject written over several lines is one line; white space is all that a line break in it can mean.
    message["Subject"] = " ".join(_CONTROL.sub(" ", email.subject).split())
    message["Date"] = format_datetime(email.date)
    message["Message-ID"] = f"<{digest}@{sender.domain}>"
    for name, value in _checked(email):
        message[name] = value
    _fill(message, email, digest)
    return message


def recipients(email: Email) -> list[Address]:
    """Everybody on the envelope: to, cc and bcc, each once.

    Raises:
        InputError: one of them is no address.
    """
    fields = (("to", (email.to,)), ("cc", email.cc), ("bcc", email.bcc))
    addresses = (parse_address(text, field) for field, texts in fields for text in texts)
    return list({address.addr_spec: address for address in addresses}.values())


def _checked(email: Email) -> Iterator[tuple[str, str]]:
    for name, value in email.headers.items():
        if not _HEADER_NAME.fullmatch(name) or _CONTROL.search(value):
            raise InputError(f"headers.{name!r}", "is no header that can be sent.", "Use one line of text.")
        if name.lower() in _OURS or name.lower().startswith("content-"):
            raise InputError(f"headers.{name}", "is set by the email itself.", "Leave it out.")
        yield name, value


def _fill(message: EmailMessage, email: Email, digest: str) -> None:
    text = email.text
    if email.html is None:
        if text is None:
            raise InputError("body", "is empty.", "Give the email an html or a text body.")
        message.set_content(text)
        return
    message.set_content(plain_text(email.html) if text is None else text)
    message.add_alternative(_html(email.html, email.preheader), subtype="html")
    message.set_boundary(f"=_{digest}")


def _html(html: str, preheader: str | None) -> str:
    if _STYLE.search(html):  # worth its milliseconds only then; many mail programs ignore style sheets
        try:
            html = _INLINER.inline(html)
        except css_inline.InlineError as error:
            raise InputError("body", f"has a style sheet that cannot be read: {error}.") from error
    if not preheader:
        return html
    hidden = f'<div style="{_HIDDEN}">{escape(preheader)}</div>'
    body = _BODY.search(html)
    at = body.end() if body else 0
    return f"{html[:at]}{hidden}{html[at:]}"
