"""A campaign may be about being somebody rather than doing something: people enter once they match."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from engine import conditions
from engine.conditions import Condition
from engine.conditions.tree import All
from engine.documents import Fields
from engine.segments import Segment
from engine.triggers.new_segments import MOST, read_segments


@dataclass(frozen=True, slots=True)
class ConditionTrigger:
    """Segments that a person must be in or not in; a journey begins when that becomes true (behaviour 1.10-1.16)."""

    type: ClassVar[Literal["condition"]] = "condition"
    keys: ClassVar[tuple[str, ...]] = ("condition",)
    beside: ClassVar[tuple[str, ...]] = ("segments",)

    condition: Condition
    segments: tuple[Segment, ...] = field(default=(), compare=False)
    """To be made with the campaign, as far as they do not exist (behaviour 1.18). They live on their own from then on,
    so they are no part of what is stored."""

    @property
    def entered_by(self) -> str:
        """What a journey of the campaign was entered by, in words."""
        return f"condition: {conditions.describe(self.condition)}"

    @classmethod
    def parse(cls, fields: Fields, key: str) -> Self:
        """Read `{condition: {all: [{in: customers}, {not_in: paying}]}}`."""
        place, scope = fields.at(key), conditions.Scope.FILTERS
        condition = conditions.parse(fields.take(key), place=place, scope=scope, faults=fields.faults)
        if condition is not None and conditions.is_empty(condition):
            fields.fault(key, "No segment is named, so nobody would ever enter.", "Write one, such as {in: customers}.")
        return cls(condition or All(()), read_segments(fields, condition))

    def document(self) -> dict[str, Any]:
        """Return the form that `parse` reads back, without the new segments."""
        return {"condition": conditions.document(self.condition)}


def json_schemas(memberships: dict[str, Any], segment: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the JSON Schemas of the trigger.

    `memberships` is that of conditions on segments, `segment` that of a segment whose key stands in front.
    """
    description = "Segments that a person must be `in` or `not_in`; they enter when they begin to match."
    return [
        {
            "type": "object",
            "properties": {
                "condition": memberships | {"description": description},
                "segments": {
                    "type": "object",
                    "propertyNames": {"$ref": "#/$defs/key"},
                    "additionalProperties": segment,
                    "maxProperties": MOST,
                    "description": "Segments that the condition asks about, by key: made with the campaign if they do "
                    "not exist yet.",
                },
            },
            "required": ["condition"],
            "additionalProperties": False,
        }
    ]
