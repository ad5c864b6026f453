"""A mailbox in place of an SMTP server, for scenarios: it keeps what it is given and fails when told to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from channels.channel import ChannelError, Email, HandedOver


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One email as it was handed over, and when."""

    to: str
    subject: str
    html: str
    at: datetime
    email: Email

    def __repr__(self) -> str:
        return f"<{self.subject!r} to {self.to} at {self.at:%Y-%m-%d %H:%M}>"


class RecordingChannel:
    """The email channel of a test world."""

    name = "email"
    idempotent = False

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.mails: list[Mail] = []
        self.failures: list[ChannelError] = []
        """Raised by the next hand-overs, one each, in this order."""
        self.before: Callable[[Email], Awaitable[None]] | None = None
        """Awaited at each hand-over, before anything else."""
        self._clock = clock

    async def hand_over(self, message: Email) -> HandedOver:
        """Keep a message, or raise the next failure."""
        if self.before is not None:
            await self.before(message)
        if self.failures:
            raise self.failures.pop(0)
        self.mails.append(
            Mail(to=message.to, subject=message.subject, html=message.html or "", at=self._clock(), email=message)
        )
        return HandedOver(provider_id=f"provider-{len(self.mails)}")

    async def close(self) -> None:
        """Nothing is open."""
