"""One payload may concern many people: everybody on a plan whose price changes, say (behaviour 6.52)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Self

from engine.effects import ChangeMany, SendEvent, SetAttributes
from engine.steps.attribute_fields import FIXED, read_remove, read_set, remove_schema, set_schema
from engine.steps.event_fields import event_schemas, fill_data, read_data, read_event
from engine.steps.filling import fill
from engine.steps.people_condition import fill_people, read_people, segments_in
from engine.steps.reading import Reading
from engine.steps.step import DataStep
from engine.templates import Scope

_ONE_OF_A_KIND: Final = (*FIXED, "email")
"""What no two people may have in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchUpdate(DataStep):
    """Set attributes of people, or send an event for each, at most a thousand, found by conditions."""

    kind: ClassVar[str] = "batch_update"
    form: ClassVar[str] = "`batch_update: {people: …, set: {…}}`"
    is_slow: ClassVar[bool] = True
    template_fields: ClassVar[tuple[str, ...]] = ("people", "set", "data")

    people: Any = field(hash=False)
    """The condition as it is written: its operands may be templates."""
    set: Mapping[str, Any] = field(default_factory=dict, hash=False)
    remove: tuple[str, ...] = ()
    event: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def parse(cls, reading: Reading) -> Self:
        """Read `{people: …, set: {…}, remove: […]}` or `{people: …, event: name, data: {…}}`."""
        fields = reading.fields
        fields.require("people", "Write conditions, such as {attribute: plan, equals: pro} or {in: customers}.")
        people = read_people(fields, "people") if fields.has("people") else None
        written = read_set(fields, fixed=_ONE_OF_A_KIND)
        removed = read_remove(fields, written)
        sets = fields.has("set") or fields.has("remove")
        if sets == fields.has("event"):
            remedy = "Write `set: {plan: pro}`, `remove: [trial]`, or `event: name` in a block of its own."
            fields.fault("", "The block does one thing with everybody.", remedy)
        if sets and fields.has("data"):
            fields.fault("data", "There is no event that this could be the data of.", "Write `event`, or leave it out.")
        event = read_event(fields) if fields.has("event") else None
        data = read_data(fields)
        condition = reading.condition()
        return cls(
            id=reading.id, condition=condition, people=people, set=written, remove=removed, event=event, data=data
        )

    def body(self) -> dict[str, Any]:
        """Return who is meant, and what is done."""
        written = {
            "people": self.people,
            "set": dict(self.set) or None,
            "remove": list(self.remove) or None,
            "event": self.event,
            "data": dict(self.data) or None,
        }
        return {key: value for key, value in written.items() if value is not None}

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the schemas of the block's keys."""
        people = "Whom to change: conditions whose operands may be templates."
        return {
            "people": {"$ref": "#/$defs/people_conditions", "description": people},
            "set": set_schema(),
            "remove": remove_schema(),
            **event_schemas(),
        }

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """Return `people`; that something is done with them only `parse` checks."""
        return ("people",)

    def segments(self) -> frozenset[str]:
        """Return the segments that the condition asks about."""
        return segments_in(self.people)

    def effects(self, scope: Scope) -> tuple[ChangeMany, ...]:
        """Return what is done for whom. `customer` in the templates is the person of the journey, not one of them.

        Raises:
            RenderError: a variable is missing, or what fills in a condition cannot stand there.
        """
        change = (
            SetAttributes(set=fill(dict(self.set), scope), remove=self.remove)
            if self.event is None
            else SendEvent(name=self.event, data=fill_data(self.data, scope))
        )
        return (ChangeMany(people=fill_people(self.people, scope), change=change),)
