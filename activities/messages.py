"""The rendered message, between the rules that compose it, the record that keeps it and the channel that sends it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from channels.channel import Email
from engine.addresses import parse_address
from engine.steps import EmailContent


def to_record(content: EmailContent) -> dict[str, Any]:
    """Return the JSON form in which a delivery keeps its message."""
    return asdict(content)


def address_key(address: str) -> str:
    """Return an address as suppressions know it: the bare address in lower case."""
    return parse_address(address, "to").addr_spec.lower()


def to_send(key: str, content: dict[str, Any], *, now: datetime) -> Email:
    """Return the message for its channel, from the JSON form. The key makes its Message-ID; a copy has the same."""
    fields = {name: value for name, value in content.items() if name != "copies"}
    lists = {name: tuple(content[name]) for name in ("cc", "bcc")}
    return Email(key=key, date=now, **{**fields, **lists})


def copies_to_send(key: str, content: dict[str, Any], *, now: datetime) -> list[Email]:
    """Return the separate copies of a message, each an email of its own whose subject names the recipient (6.11)."""
    subject = f"[To {parse_address(content['to'], 'to').addr_spec}] {content['subject']}"
    return [
        to_send(f"{key}:copy:{address}", {**content, "to": address, "cc": (), "bcc": (), "subject": subject}, now=now)
        for address in dict.fromkeys(content["copies"])
    ]
