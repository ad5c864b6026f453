"""Who would be in a segment that is not saved yet, and why one person would be or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, Field

from api.schemas.lists import PersonName
from intake.preview import Preview


class ConditionAsked(BaseModel):
    """A condition as it stands in the document of a segment."""

    condition: Any


class PreviewAsked(ConditionAsked):
    """A condition, and how many of the people who match are to be named."""

    limit: int = Field(default=20, ge=0, le=200)


class PreviewOut(BaseModel):
    """How many people match a condition now, and the first of them in the order in which we came to know them."""

    matching: int
    matching_at_least: bool = Field(description="Whether time was up before everybody was asked.")
    people: list[PersonName]

    @classmethod
    def of(cls, found: Preview) -> Self:
        """Read a preview."""
        people = [PersonName(id=one.external_id, email=one.email, cio_id=one.cio_id) for one in found.people]
        return cls(matching=found.matching, matching_at_least=found.is_at_least, people=people)


class TruthOut(BaseModel):
    """Whether a condition, or a part of it, is true of a person, and what was seen."""

    holds: bool
    text: str
    seen: Any
    parts: list[TruthOut]

    @classmethod
    def of(cls, explained: Mapping[str, Any]) -> Self:
        """Read what `engine.conditions.explain` says."""
        return cls.model_validate(explained)
