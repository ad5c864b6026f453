"""Events as Sojourn's own API gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from api.schemas.lists import PersonName
from engine.event_filters import leaves
from storage.reading_events import EventKind, EventView


class EventOut(BaseModel):
    """Something that happened."""

    id: int
    kind: EventKind
    name: str = Field(description="Of a page its address, of a form its id.")
    person: PersonName = Field(description="All null while nobody is known who did it.")
    anonymous_id: str | None
    data: Any
    occurred_at: datetime
    received_at: datetime

    @classmethod
    def of(cls, view: EventView) -> Self:
        """Read an event."""
        return cls(**_fields(view))


class LeafOut(BaseModel):
    """One value inside the data."""

    path: str = Field(description="As conditions name it; `items[].sku` is that of any item.")
    value: Any
    as_filter: dict[str, Any] | None = Field(
        description="A condition for the `where` of a trigger that this event meets; null if none can be written."
    )


class EventDetail(EventOut):
    """An event, taken apart for whoever writes a campaign about it."""

    leaves: list[LeafOut]

    @classmethod
    def of(cls, view: EventView) -> Self:
        """Read an event and what is in it."""
        found = [LeafOut(path=one.path, value=one.value, as_filter=one.as_filter) for one in leaves(view.data)]
        return cls(**_fields(view), leaves=found)


def _fields(view: EventView) -> dict[str, Any]:
    return {
        "id": view.id,
        "kind": view.kind,
        "name": view.name,
        "person": PersonName.of(view),
        "anonymous_id": view.anonymous_id,
        "data": view.data,
        "occurred_at": view.occurred_at,
        "received_at": view.received_at,
    }
