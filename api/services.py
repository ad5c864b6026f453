"""What requests need and only the entry point can build, in one frozen object instead of module globals."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final, Self

from api.inbox_writer import InboxWriter
from api.keyring import Keyring
from engine.steps import Email, Webhook
from engine.tracked_links import TrackedLinks
from runtime.clock import Clock
from runtime.settings import Settings
from storage.database import Pool

_RECIPIENTS_SHARE: Final = 3
"""One in so many connections is for opens and clicks: three of ten record more than a process can answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facebook:
    """What tells Facebook's webhook from anybody else's."""

    app_secret: str
    verify_token: str

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """Read the settings; None if Facebook is not set up."""
        secret, token = settings.facebook_app_secret, settings.facebook_verify_token
        if secret is None or token is None:
            return None
        return cls(app_secret=secret.get_secret_value(), verify_token=token.get_secret_value())


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Built by `api/server.py`, and by tests."""

    pool: Pool
    clock: Clock
    writer: InboxWriter
    keyring: Keyring
    default_sender: str | None = None
    """Sender of emails whose campaign names none: the review of a campaign needs to know."""
    channels: frozenset[str] | None = None
    """Names of the channels that the worker has what it needs for; None leaves them out of the review."""
    facebook: Facebook | None = None
    """None if leads of Facebook are not taken in."""
    links: TrackedLinks | None = None
    """None knows no tracked link: all are refused."""
    recipients: asyncio.Semaphore = field(init=False)
    """Held by whoever records an open or a click: when everybody reads a newsletter, inputs still find a connection."""

    def __post_init__(self) -> None:
        share = max(1, self.pool.get_max_size() // _RECIPIENTS_SHARE)
        object.__setattr__(self, "recipients", asyncio.Semaphore(share))


def channels_of(settings: Settings) -> frozenset[str]:
    """Return the channels that can work. A mail server's user is nobody without a password, nor the other way round."""
    has_mail = (settings.smtp_username is None) == (settings.smtp_password is None)
    return frozenset({Webhook.channel, *([Email.channel] if has_mail else [])})
