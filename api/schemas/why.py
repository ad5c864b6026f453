"""Why a person did or did not enter a campaign, as Sojourn's own API says it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.schemas.journeys import JourneySummary, RefusalOut
from engine.why import Gate, Ignored
from intake.why import Answer, Happened


class GateOut(BaseModel):
    """One thing that has to be so before a person enters, or before they get messages."""

    name: Literal["campaign", "trigger", "filters", "frequency", "exit", "subscription"]
    open: bool | None = Field(description="Whether it lets the person pass now; null if something yet to come decides.")
    text: str
    seen: dict[str, Any] = Field(description="What was looked at: trees of conditions with the truth of every part.")

    @classmethod
    def of(cls, gate: Gate) -> Self:
        """Read a gate."""
        return cls(name=gate.name, open=gate.is_open, text=gate.text, seen=dict(gate.seen))


class EventSeen(BaseModel):
    """An event of the person with the name that the trigger waits for."""

    id: int
    occurred_at: datetime
    received_at: datetime
    matches: bool = Field(description="Whether its data meets the trigger's conditions.")
    seen: dict[str, Any] | None = Field(description="The truth of these conditions; null if there are none.")
    ignored: Ignored | None = Field(
        default=None,
        description="Why the campaign took no notice of it, whatever its data: it is from `before_start`, or came in "
        "while the campaign was `stopped`. Null if the campaign did, or may have.",
    )

    @classmethod
    def of(cls, happened: Happened) -> Self:
        """Read an event."""
        event = happened.event
        seen = None if happened.seen is None else dict(happened.seen)
        return cls(
            id=event.id,
            occurred_at=event.occurred_at,
            received_at=event.received_at,
            matches=happened.is_matching,
            seen=seen,
            ignored=happened.ignored,
        )


class ScheduledOut(BaseModel):
    """What will begin a journey by time alone."""

    date_at: datetime | None = Field(description="When the next date of the person comes.")
    day: date | None = Field(description="The calendar date that it stands for.")
    again_at: datetime | None = Field(description="When the interval ends after which the person enters again.")


class WhyOut(BaseModel):
    """Everything that decides whether a person enters a campaign, and everything that was decided before."""

    campaign: str
    at: datetime
    summary: str = Field(description="The answer in one sentence.")
    entries: int
    last_entered_at: datetime | None
    inside: bool
    gates: list[GateOut] = Field(description="In the order in which they are met; the first closed one is the reason.")
    events: list[EventSeen] = Field(description="Of an event campaign: the person's latest events of that name.")
    scheduled: ScheduledOut
    journeys: list[JourneySummary] = Field(description="The latest, with what waits for its filters.")
    refusals: list[RefusalOut] = Field(description="The latest triggers that led to no journey, and why.")

    @classmethod
    def of(cls, key: str, answer: Answer, journeys: list[JourneySummary], refusals: list[RefusalOut]) -> Self:
        """Read an answer."""
        scheduled = answer.scheduled
        return cls(
            campaign=key,
            at=answer.at,
            summary=answer.summary,
            entries=answer.entries.count,
            last_entered_at=answer.entries.last_at,
            inside=answer.entries.is_inside,
            gates=[GateOut.of(gate) for gate in answer.gates],
            events=[EventSeen.of(one) for one in answer.events],
            scheduled=ScheduledOut(date_at=scheduled.date_at, day=scheduled.date, again_at=scheduled.again_at),
            journeys=journeys,
            refusals=refusals,
        )
