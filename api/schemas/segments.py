"""Segments as Sojourn's own API gives them. What it takes is the document itself; see /sojourn/v1/schemas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.schemas.campaigns import CampaignState
from api.schemas.lists import CampaignName
from storage.building import Progress
from storage.reading_segments import MemberView, SegmentView, UsingCampaign


class SegmentOut(BaseModel):
    """A segment and how many people are in it."""

    key: str
    id: int = Field(description="The number by which clients of the Track API name it.")
    name: str
    description: str
    kind: Literal["data", "manual"]
    condition: dict[str, Any] | None = Field(description="Null for a manual segment.")
    version: int = Field(description="Counts changes of the condition.")
    state: Literal["building", "ready", "archived"] = Field(
        description="While it is building, nobody enters a campaign by it. An archived one is not updated."
    )
    members: int
    members_at_least: bool = Field(description="Whether there may be more than were counted.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, view: SegmentView) -> Self:
        """Read a segment."""
        return cls.model_validate(view, from_attributes=True)


class UserOut(CampaignName):
    """A campaign that uses a segment."""

    state: CampaignState


class SegmentInUse(SegmentOut):
    """A segment and the campaigns that use it."""

    used_by: list[UserOut] = Field(description="Campaigns whose latest version asks about it, or moves people.")
    built: float | None = Field(description="While it is building: the share of all people looked at, 0 to 1.")

    @classmethod
    def with_users(cls, view: SegmentView, users: Sequence[UsingCampaign], progress: Progress | None) -> Self:
        """Read a segment, its users, and how far its build has come."""
        used_by = [UserOut(key=one.campaign_key, name=one.campaign_name, state=one.state) for one in users]
        built = round(progress.cursor / progress.last, 3) if progress and progress.last else None
        return cls(**SegmentOut.of(view).model_dump(), used_by=used_by, built=built)


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


class ManualSegment(BaseModel):
    """A segment whose members are added and removed by hand."""

    name: str
    key: str | None = Field(default=None, description="Made of the name if absent: a-z, 0-9 and hyphens.")
    description: str | None = None


class SegmentState(BaseModel):
    """What became of a segment."""

    key: str
    state: Literal["building", "ready", "archived"]
