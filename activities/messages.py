"""The rendered message, between the record that keeps it and the channel that sends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from channels.channel import Call, Email, Message
from engine.addresses import parse_address


def to_send(channel: str, key: str, content: dict[str, Any], *, now: datetime) -> Message:
    """Return the message for its channel, of the JSON form in which the delivery keeps it.

    The key makes an email's Message-ID; a copy has the same.
    """
    return _FORMS[channel](key, content, now)


def copies_to_send(key: str, content: dict[str, Any], *, now: datetime) -> list[Email]:
    """Return the separate copies of a message, each an email of its own whose subject names the recipient (6.11)."""
    return [_copy(key, content, address, now) for address in dict.fromkeys(content.get("copies", ()))]


def _copy(key: str, content: dict[str, Any], address: str, now: datetime) -> Email:
    subject = f"[To {parse_address(content['to'], 'to').addr_spec}] {content['subject']}"
    return _email(f"{key}:copy:{address}", {**content, "to": address, "cc": (), "bcc": (), "subject": subject}, now)


def _email(key: str, content: dict[str, Any], now: datetime) -> Email:
    fields = {name: value for name, value in content.items() if name not in ("copies", "tracking")}
    lists = {name: tuple(content[name]) for name in ("cc", "bcc")}
    return Email(key=key, date=now, **{**fields, **lists})


def _call(key: str, content: dict[str, Any], _: datetime) -> Call:
    sent = ("method", "url", "headers", "body", "idempotency_key")
    return Call(key=key, **{name: content[name] for name in sent})


_FORMS: Final[Mapping[str, Callable[[str, dict[str, Any], datetime], Message]]] = {"email": _email, "webhook": _call}
