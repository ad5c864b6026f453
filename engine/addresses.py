"""A message to "nobody" must fail with a reason before it is handed over, not bounce afterwards (behaviour 6.12).

Whether a mailbox exists only its server knows; here is decided whether a text can be an address at all. Line breaks are
refused with everything else that has no place in one, so no header can be smuggled in.
"""

from __future__ import annotations

import re
from email.headerregistry import Address
from typing import Final

from engine.errors import InputError

_MAILBOX: Final = re.compile(r'\s*(?:"(?P<quoted>[^"\\]*)"|(?P<plain>[^<>"]*?))\s*<(?P<spec>[^<>\s]+)>\s*')
_LOCAL: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_BETWEEN: Final = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')
_LONGEST: Final = 254  # characters of an address on the wire, RFC 5321
_LONGEST_LOCAL: Final = 64


def parse_address(text: str, place: str = "address") -> Address:
    """Read `ada@example.com` or `Ada Lovelace <ada@example.com>`; an international domain comes back in ASCII.

    Raises:
        InputError: it is not exactly one address, or holds control characters; naming `place`.
    """
    address = _read(text)
    if address is None:
        shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        raise InputError(place, f"{shown!r} is not an email address.", "Give one like ada@example.com.")
    return address


def address_key(text: str) -> str:
    """Return the form in which two addresses are the same mailbox: without a name, in lower case, domain in ASCII.

    The only place that makes it: the record compares keys and makes none.

    Raises:
        InputError: it is not exactly one address.
    """
    return parse_address(text).addr_spec.lower()


def valid_address(text: str) -> bool:
    """Whether the text is one email address, with or without a display name (behaviour 6.12)."""
    return _read(text) is not None


def split_addresses(text: str) -> list[str]:
    """Return the parts between commas that stand outside quotes; empty parts are dropped."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def _read(text: str) -> Address | None:
    if _CONTROL.search(text):
        return None
    mailbox = _MAILBOX.fullmatch(text)
    spec = mailbox["spec"] if mailbox else text.strip()
    local, _, domain = spec.rpartition("@")
    domain = _ascii(domain)
    if len(local) > _LONGEST_LOCAL or len(local) + len(domain) >= _LONGEST or not _LOCAL.fullmatch(local):
        return None
    labels = domain.split(".")
    if len(labels) == 1 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return None
    name = (mailbox["quoted"] or mailbox["plain"] or "") if mailbox else ""
    return Address(name, local, domain)


def _ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return ""
