"""Whether a message left is the one question a channel must answer exactly, because a second copy cannot be recalled.

    ChannelError
    ├── TryLater          surely not handed over; may be tried again
    ├── Refused           surely not handed over; trying again would change nothing
    └── OutcomeUnknown    it may or may not have left; only the caller's stated policy may settle that

A channel raises nothing else, except CancelledError: a cancelled hand-over has an unknown outcome as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar


class ChannelError(Exception):
    """The message was not handed over, or not as far as we know."""

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        """For the operator, in a sentence; with the provider's own words where it gave some."""
        self.status = status
        """HTTP status of a receiver's answer; None if it gave none."""


class TryLater(ChannelError):
    """Surely not handed over, and the cause may pass."""

    def __init__(self, reason: str, after: timedelta | None = None, *, status: int | None = None) -> None:
        super().__init__(reason, status=status)
        self.after = after
        """How long the provider asks us to wait; None if it does not say."""


class Refused(ChannelError):
    """Surely not handed over, and it never will be as it is."""


class OutcomeUnknown(ChannelError):
    """The content was sent and the answer was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """One email, rendered. Addresses may carry a display name: `Ada <ada@example.com>`."""

    key: str
    """The delivery's key. The same key makes the same Message-ID, so a copy can be recognised."""
    date: datetime
    """Aware; the Date header."""
    sender: str
    to: str
    subject: str
    html: str | None = None
    text: str | None = None
    """None: derived from the HTML."""
    preheader: str | None = None
    """What an inbox shows after the subject."""
    reply_to: str | None = None
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request, rendered."""

    key: str
    """The delivery's key."""
    method: str
    url: str
    """May hold basic credentials."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    idempotency_key: str
    """The same at every attempt, so that a receiver can tell a second copy."""


Message = Email | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """The provider has taken the message."""

    provider_id: str | None = None
    """The name by which the provider's reports will speak of it."""
    status: int | None = None
    """HTTP status of a receiver's answer."""
    answer: Any = None
    """What a receiver answered, if that was JSON."""


Sent = TypeVar("Sent", contravariant=True)


class Channel(Protocol[Sent]):
    """A way for messages of one sort to leave."""

    name: str
    """What a message block calls it: `email`."""
    idempotent: bool
    """Whether the provider drops a second copy with the same key, so that an unknown outcome may simply be repeated."""

    async def hand_over(self, message: Sent) -> HandedOver:
        """Give the message to the provider.

        Raises:
            ChannelError: one of its three kinds, as drawn at the top of this file.
        """
        ...

    async def close(self) -> None:
        """Close connections; hand-overs in progress are the caller's to await first."""
        ...
