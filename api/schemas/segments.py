"""Segments as Sojourn's own API gives them. What it takes is the document itself; see /sojourn/v1/schemas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.schemas.lists import CampaignName
from storage.reading_segments import MemberView, SegmentView, UsingCampaign


class SegmentOut(BaseModel):
    """A segment and how many people are in it."""

    key: str
    name: str
    description: str
    kind: Literal["data", "manual"]
    condition: dict[str, Any] | None = Field(description="Null for a manual segment.")
    version: int = Field(description="Counts changes of the condition.")
    state: Literal["building", "ready"] = Field(description="While it is building, nobody enters a campaign by it.")
    members: int
    members_at_least: bool = Field(description="Whether there may be more than were counted.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, view: SegmentView) -> Self:
        """Read a segment."""
        return cls.model_validate(view, from_attributes=True)


class SegmentInUse(SegmentOut):
    """A segment and the campaigns that ask about it."""

    used_by: list[CampaignName] = Field(description="Campaigns whose latest version asks about it.")

    @classmethod
    def with_users(cls, view: SegmentView, users: Sequence[UsingCampaign]) -> Self:
        """Read a segment and its users."""
        return cls(**SegmentOut.of(view).model_dump(), used_by=[CampaignName.of(user) for user in users])


class MemberOut(BaseModel):
    """A person in a segment."""

    id: str | None
    email: str | None
    cio_id: str
    since: datetime

    @classmethod
    def of(cls, view: MemberView) -> Self:
        """Read a member."""
        return cls.model_validate(view, from_attributes=True)
