"""Some processes have no person to begin with: a system calls an address, and what it sends starts a journey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from engine.documents import Fields


@dataclass(frozen=True, slots=True)
class WebhookTrigger:
    """Each call of the campaign's own address starts a journey, whose subject is the payload (behaviour 1.90-1.93)."""

    type: ClassVar[Literal["webhook"]] = "webhook"
    keys: ClassVar[tuple[str, ...]] = ("webhook",)
    beside: ClassVar[tuple[str, ...]] = ()
    entered_by: ClassVar[str] = "webhook call"

    @classmethod
    def parse(cls, fields: Fields, key: str) -> Self:
        """Read `{webhook: {}}`: there is nothing to set."""
        Fields(fields.take(key) or {}, fields.at(key), fields.faults).finish()
        return cls()

    def document(self) -> dict[str, Any]:
        """Return the form that `parse` reads back."""
        return {"webhook": {}}


def json_schemas() -> list[dict[str, Any]]:
    """Return the JSON Schemas of the trigger."""
    return [
        {"const": "webhook"},
        {
            "type": "object",
            "properties": {
                "webhook": {
                    "type": ["object", "null"],
                    "maxProperties": 0,
                    "description": "A data campaign: each call of its address starts a journey, which has no person.",
                }
            },
            "required": ["webhook"],
            "additionalProperties": False,
        },
    ]
