"""Suppressed addresses as Sojourn's own API gives and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from storage.suppressed_addresses import Reason, SuppressedAddress


class SuppressedAddressOut(BaseModel):
    """An address that gets nothing, whoever has it."""

    address: str = Field(description="In lower case, its domain in ASCII: the form in which addresses are compared.")
    reason: Reason = Field(description="A hard bounce, a complaint, or somebody's decision.")
    suppressed_at: datetime

    @classmethod
    def of(cls, view: SuppressedAddress) -> Self:
        """Read a suppressed address."""
        return cls(address=view.address_key, reason=view.reason, suppressed_at=view.suppressed_at)


class Suppress(BaseModel):
    """Why an address is suppressed."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason = "manual"
