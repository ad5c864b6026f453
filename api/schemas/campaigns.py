"""Campaigns as Sojourn's own API gives them. What it takes is the document itself; see /sojourn/v1/schemas."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.schemas.starting import LoadingOut
from engine.lifecycle import StopMode
from engine.review import Finding
from intake.definitions import Checked, Saved
from storage.reading_campaigns import CampaignView, VersionView

CampaignState = Literal["draft", "starting", "running", "stopping", "stopped", "archived"]


class FindingOut(BaseModel):
    """Something in a document to be mended before the start (`error`), or at least known (`warning`)."""

    level: Literal["error", "warning"]
    place: str = Field(description="Where, e.g. `workflow[2].email`; empty for the document as a whole.")
    problem: str
    remedy: str

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Read a finding."""
        return cls(level=finding.level, place=finding.place, problem=finding.problem, remedy=finding.remedy)

    def finding(self) -> Finding:
        """Return what was read."""
        return Finding(level=self.level, place=self.place, problem=self.problem, remedy=self.remedy)


class SavedOut(BaseModel):
    """What a save did. An unchanged document makes no new version."""

    key: str
    version: int = Field(description="The latest version, counted from 1.")
    outcome: Literal["created", "changed", "unchanged"]
    state: str
    findings: list[FindingOut] = Field(description="What to look at; errors keep a campaign from starting.")
    segments: list[str] = Field(description="Keys of the segments that were made with the campaign.")

    @classmethod
    def of(cls, key: str, saved: Saved) -> Self:
        """Read what a save did."""
        findings = [FindingOut.of(finding) for finding in saved.findings]
        return cls(
            key=key,
            version=saved.version,
            outcome=saved.outcome,
            state=saved.state,
            findings=findings,
            segments=list(saved.segments),
        )


class ReviewOut(BaseModel):
    """A document that could be saved."""

    document: dict[str, Any] = Field(description="As it would be saved, ids of blocks written out.")
    findings: list[FindingOut]
    segments: list[str] = Field(description="Keys of the segments that would be made with the campaign.")

    @classmethod
    def of(cls, checked: Checked) -> Self:
        """Read what a save would do."""
        findings = [FindingOut.of(finding) for finding in checked.findings]
        return cls(document=checked.document, findings=findings, segments=list(checked.segments))


class CampaignSummary(BaseModel):
    """A campaign in a list."""

    key: str
    id: int = Field(description="Stands in Temporal's workflow ids and search attributes.")
    name: str
    description: str
    tags: list[str]
    state: CampaignState
    version: int = Field(description="The latest version; journeys under way follow it.")
    trigger: dict[str, Any]
    inside: int = Field(description="Open journeys.")
    inside_at_least: bool = Field(description="Whether there may be more than were counted.")
    created_at: datetime
    updated_at: datetime
    first_started_at: datetime | None
    started_at: datetime | None = Field(description="Of the latest start: events from before never trigger it.")
    stopped_at: datetime | None = Field(description="Of the latest stop that came to its end; kept over a restart.")
    stop_mode: StopMode | None = Field(description="Of the same: whoever was inside finished, or left at once (`now`).")
    loading: LoadingOut | None = Field(
        description="How far current matches entered, or how many did; null if the latest start was not for them."
    )

    @classmethod
    def of(cls, view: CampaignView) -> Self:
        """Read a campaign."""
        return cls(**_summary(view))


class CampaignOut(CampaignSummary):
    """A campaign with the document of one version."""

    shown_version: int
    document: dict[str, Any]
    webhook_url: str | None = Field(description="Where data is posted to that starts a journey, if a webhook does.")

    @classmethod
    def of_version(cls, view: CampaignView, version: int, document: dict[str, Any], *, url: str) -> Self:
        """Read a campaign and one of its versions. `url` is that of the API, with a slash at the end."""
        is_called = view.webhook_token is not None and "webhook" in view.document["trigger"]
        webhook = f"{url}webhooks/{view.webhook_token}" if is_called else None
        return cls(**_summary(view), shown_version=version, document=document, webhook_url=webhook)


class VersionOut(BaseModel):
    """One save."""

    version: int
    created_at: datetime

    @classmethod
    def of(cls, view: VersionView) -> Self:
        """Read a version."""
        return cls(version=view.version, created_at=view.created_at)


class Stop(BaseModel):
    """How to stop."""

    mode: StopMode = Field(
        description="`finish`: nobody enters, whoever is inside finishes. `now`: every journey ends at once."
    )


class StateOut(BaseModel):
    """The state that an action led to."""

    key: str
    state: CampaignState


def _summary(view: CampaignView) -> dict[str, Any]:
    return {
        "key": view.key,
        "id": view.id,
        "name": view.name,
        "description": view.document.get("description", ""),
        "tags": view.document.get("tags", []),
        "state": view.state,
        "version": view.latest_version,
        "trigger": view.document["trigger"],
        "inside": view.inside,
        "inside_at_least": view.inside_at_least,
        "created_at": view.created_at,
        "updated_at": view.updated_at,
        "first_started_at": view.first_started_at,
        "started_at": view.started_at,
        "stopped_at": view.stopped_at,
        "stop_mode": view.stop_mode,
        "loading": _loading(view),
    }


def _loading(view: CampaignView) -> LoadingOut | None:
    if view.load_state is None:
        return None
    is_cut_off = view.load_state != "over" and view.state != "starting"
    return LoadingOut(
        state="stopped" if is_cut_off else view.load_state,
        entered=view.loaded,
        held_back=view.load_held_back,
        matching=view.load_total,
    )
