"""The most common answer about an event is "this campaign does not care": it must cost next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, Self, cast

from engine import conditions
from engine.conditions import Condition, Facts
from engine.documents import Fields
from engine.occurrences import EVENT_KINDS, read_event_name, read_where

TriggerKind = Literal["event", "page", "screen", "form"]

KINDS: Final = (*EVENT_KINDS, "form")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger:
    """An event of a name, whose data meets the conditions (behaviour 1.30-1.35).

    The submission of a form is an event of kind `form` with the form's id as its name (behaviour 1.80, 1.86).
    """

    keys: ClassVar[tuple[str, ...]] = KINDS
    beside: ClassVar[tuple[str, ...]] = ("where",)

    kind: TriggerKind
    name: str
    where: Condition | None = None
    _holds: Callable[[Facts], bool] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_holds", conditions.compile_condition(self.where) if self.where else None)

    @property
    def type(self) -> Literal["event", "form"]:
        """The type that a campaign keeps for ever once it has been started (behaviour 15.37)."""
        return "form" if self.kind == "form" else "event"

    @property
    def entered_by(self) -> str:
        """What a journey of the campaign was entered by, in words."""
        return f"{self.kind} {self.name}"

    def matches(self, kind: str, name: str, facts: Facts) -> bool:
        """Whether this event is one of the trigger's. `facts.data` is the event's data."""
        return name == self.name and kind == self.kind and (self._holds is None or self._holds(facts))

    @classmethod
    def parse(cls, fields: Fields, key: str) -> Self:
        """Read `{event: purchase, where: […]}`; `key` is the kind."""
        return cls(kind=cast("TriggerKind", key), name=read_event_name(fields, key), where=read_where(fields))

    def document(self) -> dict[str, Any]:
        """Return the form that `parse` reads back."""
        where = {} if self.where is None else {"where": conditions.document(self.where)}
        return {self.kind: self.name, **where}


def json_schemas(where: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the JSON Schemas of the trigger; `where` is that of event-data conditions."""
    return [
        {
            "type": "object",
            "properties": {
                kind: {"$ref": "#/$defs/event_name", **({"description": _FORM} if kind == "form" else {})},
                "where": where,
            },
            "required": [kind],
            "additionalProperties": False,
        }
        for kind in KINDS
    ]


_FORM: Final = "Id of a form, also of a Facebook lead form: a submission starts a journey."
