"""Deliveries as Sojourn's own API gives them: one message for one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, Literal, Self, get_args

from pydantic import BaseModel, Field, field_validator

from api.schemas.lists import CampaignName, PersonName
from engine.steps.step import Arm
from engine.steps.webhook_content import masked
from storage.reading_deliveries import ClickedLink, DeliveryState, DeliveryView

_ORDER: Final = {state: number for number, state in enumerate(get_args(DeliveryState))}


class DeliverySummary(BaseModel):
    """A delivery in a list."""

    id: str
    journey: int
    campaign: CampaignName
    version: int = Field(description="Of the campaign, when the message was made.")
    person: PersonName
    block: str
    arm: Arm | None = Field(description="Of an A/B test: which of the two messages it is; null if it is in none.")
    channel: str
    state: DeliveryState = Field(
        description="`unknown`: a crash came between handing over and writing down the answer; settle it."
    )
    recipient: str | None
    subject: str | None
    failure: str | None = Field(description="Why it did not go, in plain words.")
    provider_id: str | None
    attempts: int
    created_at: datetime
    updated_at: datetime
    times: dict[str, datetime] = Field(
        description="When each state was first reached, in that order; `failed`: the latest time. Of a webhook also "
        "when an answer of each class first came: `2xx`, `3xx`, `4xx`, `5xx`."
    )
    open_is_synthetic: bool = Field(description="Nobody loaded the image: that it was opened is known by a click.")

    @field_validator("times")
    @classmethod
    def _in_order(cls, times: dict[str, datetime]) -> dict[str, datetime]:
        """Put first what came first: the database keeps these in an order of its own."""
        return dict(sorted(times.items(), key=lambda one: (one[1], _ORDER.get(one[0], len(_ORDER)))))

    @classmethod
    def of(cls, view: DeliveryView) -> Self:
        """Read a delivery."""
        return cls(**_summary(view))


class ClickedLinkOut(BaseModel):
    """A link of a message that was clicked."""

    address: str = Field(description="Where it leads.")
    clicks: int
    first_at: datetime
    last_at: datetime


class DeliveryOut(DeliverySummary):
    """A delivery with the message itself."""

    clicked_links: list[ClickedLinkOut]
    content: dict[str, Any] | None = Field(
        description="As handed over; null if it never came to that. Of a webhook, without its secrets, and with the "
        "`status` of the latest `response`."
    )

    @classmethod
    def with_content(
        cls, view: DeliveryView, content: dict[str, Any] | None, clicked_links: Sequence[ClickedLink]
    ) -> Self:
        """Read a delivery, its content and its clicks."""
        shown = masked(content) if content is not None and view.channel == "webhook" else content
        links = [ClickedLinkOut(**asdict(link)) for link in clicked_links]
        return cls(**_summary(view), clicked_links=links, content=shown)


class Settle(BaseModel):
    """What becomes of a message whose outcome nobody knows, or that failed."""

    action: Literal["resend", "drop"] = Field(
        description="Outcome unknown: `resend` sends it again, at the risk of a second copy; `drop` leaves it, at the "
        "risk of none. Failed: `resend` makes it anew and sends it."
    )


def _summary(view: DeliveryView) -> dict[str, Any]:
    return {
        "id": view.public_id,
        "journey": view.journey_id,
        "campaign": CampaignName.of(view),
        "version": view.version,
        "person": PersonName.of(view),
        "block": view.block,
        "arm": view.arm,
        "channel": view.channel,
        "state": view.state,
        "recipient": view.recipient,
        "subject": view.subject,
        "failure": view.failure,
        "provider_id": view.provider_id,
        "attempts": view.attempts,
        "created_at": view.created_at,
        "updated_at": view.updated_at,
        "times": view.times,
        "open_is_synthetic": view.open_is_synthetic,
    }
