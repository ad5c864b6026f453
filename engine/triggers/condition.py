"""A campaign may be about being somebody rather than doing something: people enter once they match."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from engine import conditions
from engine.conditions import Condition
from engine.conditions.tree import All
from engine.documents import Fields


@dataclass(frozen=True, slots=True)
class ConditionTrigger:
    """Segments that a person must be in or not in; a journey begins when that becomes true (behaviour 1.10-1.16)."""

    type: ClassVar[Literal["condition"]] = "condition"
    keys: ClassVar[tuple[str, ...]] = ("condition",)

    condition: Condition

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
        return cls(condition or All(()))

    def document(self) -> dict[str, Any]:
        """Return the form that `parse` reads back."""
        return {"condition": conditions.document(self.condition)}


def json_schemas(memberships: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the JSON Schemas of the trigger; `memberships` is that of conditions on segments."""
    description = "Segments that a person must be `in` or `not_in`; they enter when they begin to match."
    return [
        {
            "type": "object",
            "properties": {"condition": memberships | {"description": description}},
            "required": ["condition"],
            "additionalProperties": False,
        }
    ]
