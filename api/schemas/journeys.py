"""Journeys, and refusals of them, as Sojourn's own API gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, RootModel

from api import cursors
from api.schemas.deliveries import DeliverySummary
from api.schemas.lists import CampaignName, PersonName
from storage.pages import Page
from storage.reading_deliveries import DeliveryView
from storage.reading_journeys import DecisionView, JourneyView
from storage.reading_refusals import RefusalView

JourneyState = Literal["waiting_for_filters", "waiting_start", "running", "grace", "finished", "exited"]


class TriggerEvent(BaseModel):
    """The event that began a journey."""

    id: int
    name: str | None
    at: datetime | None


class JourneySummary(BaseModel):
    """A journey in a list."""

    id: int
    campaign: CampaignName
    version: int = Field(description="Of the campaign, when the position was last written.")
    person: PersonName
    state: JourneyState = Field(description="`waiting_for_filters` is no journey yet: its event waits for the filters.")
    exit_reason: str | None
    block: str | None = Field(description="Where it stands.")
    arrived_at: datetime | None
    due_at: datetime | None = Field(description="Until when it waits, unless something happens before.")
    doing: str | None = Field(description="What it does or waits for, in plain words; null once it has ended.")
    event: TriggerEvent | None
    started_at: datetime
    ended_at: datetime | None
    workflow_id: str = Field(description="Where to find it in the Temporal Web UI.")

    @classmethod
    def of(cls, view: JourneyView, workspace_id: int) -> Self:
        """Read a journey."""
        return cls(**_summary(view, workspace_id))


class DecisionOut(BaseModel):
    """One line of a journey's log: what was decided, and what was seen."""

    turn: int
    at: datetime
    kind: str
    block: str | None
    text: str
    seen: dict[str, Any]

    @classmethod
    def of(cls, view: DecisionView) -> Self:
        """Read a decision."""
        return cls.model_validate(view, from_attributes=True)


class JourneyOut(JourneySummary):
    """A journey with everything that happened in it."""

    event_data: Any = Field(description="Data of the event that began it, frozen.")
    decisions: list[DecisionOut] = Field(description="The log, in order.")
    next_decisions: str | None = Field(description="Cursor for `decisions_after`, if the log goes on.")
    deliveries: list[DeliverySummary]

    @classmethod
    def with_log(
        cls, view: JourneyView, workspace_id: int, log: Page[DecisionView], deliveries: list[DeliveryView]
    ) -> Self:
        """Read a journey, a page of its log, and its deliveries."""
        return cls(
            **_summary(view, workspace_id),
            event_data=view.trigger_data,
            decisions=[DecisionOut.of(decision) for decision in log.items],
            next_decisions=cursors.encode(log.next),
            deliveries=[DeliverySummary.of(delivery) for delivery in deliveries],
        )


class End(BaseModel):
    """Why an operator ends a journey."""

    reason: str | None = Field(default=None, max_length=500, description="For the log, in plain words.")


class RefusalOut(BaseModel):
    """Why an event did not begin a journey."""

    campaign: CampaignName
    person: PersonName
    occurrence: str = Field(description="What triggered: `e` and the number of the event.")
    at: datetime
    reason: str
    seen: dict[str, Any]

    @classmethod
    def of(cls, view: RefusalView) -> Self:
        """Read a refusal."""
        return cls(
            campaign=CampaignName.of(view),
            person=PersonName.of(view),
            occurrence=view.occurrence,
            at=view.at,
            reason=view.reason,
            seen=view.seen,
        )


class RefusedJourney(RefusalOut):
    """Why an event that waited for its filters did not begin a journey after all."""

    id: int = Field(description="Under which it was listed while it waited.")
    state: Literal["refused"] = "refused"


class FoundJourney(RootModel[JourneyOut | RefusedJourney]):
    """What there is under the number of a journey."""


def _summary(view: JourneyView, workspace_id: int) -> dict[str, Any]:
    doing = view.standing
    if view.state == "waiting_for_filters" and view.due_at is not None:
        doing = f"waiting for filters until {view.due_at:%Y-%m-%d %H:%M:%S} UTC"
    elif view.ending is not None and view.ended_at is None:
        doing = "being ended by an operator"
    return {
        "id": view.id,
        "campaign": CampaignName.of(view),
        "version": view.version,
        "person": PersonName.of(view),
        "state": view.state,
        "exit_reason": view.exit_reason,
        "block": view.block,
        "arrived_at": view.arrived_at,
        "due_at": view.due_at,
        "doing": doing,
        "event": TriggerEvent(id=view.event_id, name=view.event_name, at=view.event_at) if view.event_id else None,
        "started_at": view.started_at,
        "ended_at": view.ended_at,
        "workflow_id": view.workflow_id(workspace_id),
    }
