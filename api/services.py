"""What requests need and only the entry point can build, in one frozen object instead of module globals."""

from __future__ import annotations

from dataclasses import dataclass

from api.inbox_writer import InboxWriter
from api.keyring import Keyring
from runtime.clock import Clock
from storage.database import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Built by `api/server.py`, and by tests."""

    pool: Pool
    clock: Clock
    writer: InboxWriter
    keyring: Keyring
    default_sender: str | None = None
    """Sender of emails whose campaign names none: the review of a campaign needs to know."""
