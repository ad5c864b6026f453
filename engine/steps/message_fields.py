"""All messages are written with the same few kinds of text: lines, contents, addresses, headers.

Each is a template, checked when it is saved, so that a typing error never waits for the first person whom it would have
kept from getting the message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, cast

from engine import templates
from engine.addresses import split_addresses, valid_address
from engine.documents import Fields, shown
from engine.errors import Fault
from engine.steps.step import Sending
from engine.templates import Language

LANGUAGES: Final = ("liquid", "jinja2")
SENDING: Final = ("automatic", "off")
UNKNOWN_OUTCOMES: Final = ("hold", "resend")
BCC_AS: Final = ("copy", "separate")
MOST_COPIES: Final = 50

LONGEST_LINE: Final = 2_000
HEADER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,75}")
_OURS: Final = frozenset(
    [
        "bcc",
        "cc",
        "content-transfer-encoding",
        "content-type",
        "date",
        "dkim-signature",
        "from",
        "message-id",
        "mime-version",
        "received",
        "reply-to",
        "return-path",
        "sender",
        "subject",
        "to",
    ]
)
"""Headers that the message's own fields or its sending decide."""
_FILE: Final = re.compile(r"\S+\.(?:html?|liquid|md|txt|j2)", re.IGNORECASE)


def _template(fields: Fields, key: str, source: str, language: Language, *, place: str | None = None) -> str:
    templates.check(source, language, place or fields.at(key), fields.faults)
    return source


def read_line(fields: Fields, key: str, language: Language) -> str | None:
    """Read the template of one line; None if it is not there."""
    source = fields.text(key, longest=LONGEST_LINE)
    return None if source is None else _template(fields, key, source.strip(), language)


def read_content(fields: Fields, key: str, language: Language, *, needed: bool = False) -> str | None:
    """Read the template of a whole text; None if it is not there, which is a fault if it is `needed`."""
    value = fields.take(key)
    if value is None:
        if needed:
            fields.fault(key, "The email says nothing.", "Write a `body` (HTML), a `text`, or both.")
        return None
    if isinstance(value, Mapping) and set(value) == {"file"}:
        problem = f"The file {shown(value['file'])} has not been read."
        fields.fault(
            key, problem, "Apply the document with the command line, which reads files, or write the text itself."
        )
        return None
    source = fields.text(key)
    if source is None:
        return None
    if _FILE.fullmatch(source):
        fields.fault(
            key, f"{shown(source)} looks like the name of a file.", f"Write {{file: {source}}} to have it read."
        )
    return _template(fields, key, source, language)


def read_sender(fields: Fields, key: str, language: Language = "liquid") -> str | None:
    """Read the template of one address; what has nothing to fill in must be an address already."""
    source = read_line(fields, key, language)
    if source is not None and "{" not in source and not valid_address(source):
        fields.fault(key, f"{shown(source)} is not an email address.", "Write one, such as Shop <hello@shop.example>.")
    return source


def read_copies(fields: Fields, key: str, language: Language) -> tuple[str, ...]:
    """Read the templates of one or several addresses."""
    value = fields.take(key)
    if value is None:
        return ()
    given = value if isinstance(value, list) else [value]
    if len(given) > MOST_COPIES or not all(
        isinstance(one, str) and 0 < len(one.strip()) <= LONGEST_LINE for one in given
    ):
        fields.fault(key, "These are not addresses.", f"Write one address, or a list of at most {MOST_COPIES}.")
        return ()
    for place, one in enumerate(given):
        at = f"{fields.at(key)}[{place}]" if isinstance(value, list) else fields.at(key)
        _template(fields, key, one, language, place=at)
        if "{" not in one and not all(map(valid_address, split_addresses(one))):
            problem = f"{shown(one)} is not an email address."
            fields.faults.append(Fault(place=at, problem=problem, remedy="Write one, such as team@shop.example."))
    return tuple(one.strip() for one in given)


def read_headers(fields: Fields, language: Language) -> dict[str, str]:
    """Read `headers`: name to template of one line."""
    if not fields.has("headers"):
        return {}
    value = fields.take("headers")
    inner = Fields(value, fields.at("headers"), fields.faults)
    names = [name for name in value if isinstance(name, str)] if isinstance(value, Mapping) else []
    headers = {}
    for name in names:
        if not HEADER_NAME.fullmatch(name):
            inner.fault(name, f"{shown(name)} is not the name of a header.", "Write letters, digits and hyphens.")
        elif name.lower() in _OURS:
            inner.fault(name, f"`{name}` is written by the email itself.", "Use the email's own keys, or leave it out.")
        headers[name] = read_line(inner, name, language) or ""
    inner.finish()
    return headers


def read_sending(fields: Fields) -> Sending:
    """Read `sending` (behaviour 7.01)."""
    if fields.take("sending") == "draft":
        remedy = "Write automatic, or off until it may go."
        fields.fault("sending", "Drafts that wait for a person are not supported yet.", remedy)
        return "off"
    return cast("Sending", fields.choice("sending", SENDING) or "automatic")
