"""A journey puts its person into a manual segment, or takes them out, as somebody might by hand (behaviour 6.51)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from engine.documents import read_key
from engine.effects import ChangeSegment
from engine.steps.reading import Reading
from engine.steps.step import DataStep
from engine.templates import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSegment(DataStep):
    """Add the person to a manual segment, or remove them; nothing happens if it is so already."""

    kind: ClassVar[str] = "update_segment"
    form: ClassVar[str] = "`update_segment: {add: vip}`"

    segment: str
    add: bool

    @property
    def needs_person(self) -> bool:
        """It is about the person of the journey."""
        return True

    @classmethod
    def parse(cls, reading: Reading) -> Self:
        """Read `{add: vip}` or `{remove: vip}`."""
        fields = reading.fields
        given = [key for key in ("add", "remove") if fields.has(key)]
        if len(given) != 1:
            fields.fault("", "The block has one segment to change.", "Write `add: key` or `remove: key`.")
        key = given[0] if given else "add"
        segment = read_key(fields.take(key), fields.at(key), fields.faults) if given else None
        return cls(id=reading.id, condition=reading.condition(), segment=segment or "", add=key == "add")

    def body(self) -> dict[str, Any]:
        """Return the segment under what is done with it."""
        return {"add" if self.add else "remove": self.segment}

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the schemas of the block's keys."""
        return {"add": {"$ref": "#/$defs/key"}, "remove": {"$ref": "#/$defs/key"}}

    def segments(self) -> frozenset[str]:
        """Return the segment."""
        return frozenset({self.segment})

    def effects(self, scope: Scope) -> tuple[ChangeSegment, ...]:  # noqa: ARG002 - nothing of it is filled in
        """Return the one change."""
        return (ChangeSegment(self.segment, self.add),)
