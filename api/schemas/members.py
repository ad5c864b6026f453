"""Who is put into a manual segment or taken out of it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from storage.manual_members import MOST_AT_ONCE


class Customers(BaseModel):
    """People by one kind of identifier."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ids": ["p1", "p2"]}]})

    ids: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE, description="Whoever is not known is passed over.")


class MembersChange(BaseModel):
    """People to put in or take out."""

    change: Literal["add", "remove"]
    by: Literal["id", "email", "cio_id"] = Field(default="id", description="What kind of identifiers these are.")
    ids: list[str] = Field(
        min_length=1, max_length=MOST_AT_ONCE, description="A `cio_id` with or without its prefix `cio_`."
    )


class MembersChanged(BaseModel):
    """What was taken in. It is applied in the background, in order with all else that is said of these people."""

    taken: int = Field(description="Identifiers that belong to somebody.")
    unknown: list[str] = Field(description="Identifiers that nobody has; nobody is made for them.")


class MembersCleared(BaseModel):
    """How many people leave. It is applied in the background, in order with all else that is said of these people."""

    taken: int = Field(
        description="Members at the moment of the call. Whoever was added before and is on the way in leaves as well; "
        "whoever is added later stays."
    )
