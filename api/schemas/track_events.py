"""What an event call carries."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.limits import EVENT_DATA_BYTES, EVENT_NAME_BYTES, IDENTIFIER_BYTES, PAGE_NAME_BYTES


class Event(BaseModel):
    """Something that happened."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "purchase", "data": {"price": 23.45, "sku": "A1"}}]}
    )

    name: str = Field(
        min_length=1,
        pattern=r"\S",
        description=f"Trimmed; at most {EVENT_NAME_BYTES} bytes. For pages and screens the address, at most "
        f"{PAGE_NAME_BYTES} bytes.",
    )
    type: Literal["event", "page", "screen"] | None = "event"
    id: str | None = Field(
        default=None,
        max_length=IDENTIFIER_BYTES,
        description="Events with the same id count once. Without it, every request counts.",
    )
    timestamp: float | None = Field(default=None, ge=0, description="Unix seconds; the time of receipt if absent.")
    data: dict[str, Any] | None = Field(default=None, description=f"At most {EVENT_DATA_BYTES:,} bytes of JSON.")


class AnonymousEvent(Event):
    """Something that somebody did whom nobody knows yet; or, without `anonymous_id`, an invitation to an address."""

    anonymous_id: str | None = Field(
        default=None,
        max_length=IDENTIFIER_BYTES,
        description="The event becomes the person's who is identified with this id. Else `data.recipient` is needed.",
    )
