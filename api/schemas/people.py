"""People as Sojourn's own API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from engine.subscription import is_unsubscribed
from storage.reading_people import Device, FailedChange, KnownPerson, Membership


class MembershipOut(BaseModel):
    """A segment that a person is in."""

    key: str
    name: str
    since: datetime


class DeviceOut(BaseModel):
    """A device that a person can be reached on."""

    token: str
    platform: str
    last_used: datetime
    attributes: dict[str, Any]


class FailedChangeOut(BaseModel):
    """Something an identify asked for and could not have."""

    at: datetime
    reason: str
    detail: dict[str, Any]


class PersonOut(BaseModel):
    """Everything known about one person."""

    id: str | None = Field(description="The caller's own id.")
    email: str | None
    cio_id: str = Field(description="Given by us; in a path it is written `cio_` and this.")
    internal_id: int = Field(description="Stands in Temporal's workflow ids and search attributes.")
    unsubscribed: bool
    attributes: dict[str, Any]
    segments: list[MembershipOut]
    devices: list[DeviceOut]
    failed_changes: list[FailedChangeOut] = Field(description="The latest first.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(
        cls,
        person: KnownPerson,
        segments: Sequence[Membership],
        devices: Sequence[Device],
        failed_changes: Sequence[FailedChange],
    ) -> Self:
        """Read a person and what hangs on them."""
        return cls(
            id=person.external_id,
            email=person.email,
            cio_id=person.cio_id,
            internal_id=person.person_id,
            unsubscribed=is_unsubscribed(person.attributes),
            attributes=person.attributes,
            segments=[MembershipOut.model_validate(one, from_attributes=True) for one in segments],
            devices=[DeviceOut.model_validate(one, from_attributes=True) for one in devices],
            failed_changes=[FailedChangeOut.model_validate(one, from_attributes=True) for one in failed_changes],
            created_at=person.created_at,
            updated_at=person.updated_at,
        )
