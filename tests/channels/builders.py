"""Emails for tests: complete, and different only in what a test is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from channels.channel import Email

_EMAIL = Email(
    key="7:welcome:1",
    date=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
    sender="Shop <news@shop.example>",
    to="Ada Lovelace <ada@example.com>",
    subject="Welcome",
    html="<p>Hello Ada</p>",
)


def email(**changes: Any) -> Email:
    return replace(_EMAIL, **changes)
