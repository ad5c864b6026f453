"""A segment is a named group of people that many campaigns ask about: by a condition answered once, or by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine import conditions
from engine.conditions import Condition
from engine.documents import Fields
from engine.errors import DocumentError, Fault
from engine.spelling import every_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Who is meant, by a name."""

    key: str
    name: str
    description: str = ""
    condition: Condition | None
    """People are in as long as it holds, and only then (behaviour 3.01); None is a manual segment (3.20)."""

    @property
    def is_manual(self) -> bool:
        """Whether people are added and removed by hand, by API or by a campaign."""
        return self.condition is None

    @property
    def segments_used(self) -> frozenset[str]:
        """Keys of the segments that it asks about itself."""
        return frozenset() if self.condition is None else conditions.touches(self.condition).segments


def parse(document: object) -> Segment:
    """Read a segment document: one with `condition`, or one with `manual: true`.

    Raises:
        DocumentError: with every fault of the document.
    """
    faults: list[Fault] = []
    segment = _read(document, faults)
    if faults:
        raise DocumentError(every_fault(document, _read))
    return segment


def read(fields: Fields, *, key: str | None = None) -> Segment:
    """Read a segment, whose `key` stands inside unless it is given; after a fault the result is not to be used."""
    fields.require("name", "Write what the segment is called.")
    name = fields.name("name") or ""
    return Segment(
        key=fields.key("key", of=name) if key is None else key,
        name=name,
        description=fields.text("description") or "",
        condition=_condition(fields),
    )


def read_condition(document: object) -> Condition:
    """Read a condition as a segment has it, on its own: to look who matches before anything is saved.

    Raises:
        DocumentError: with every fault of the condition, or if it asks nothing.
    """
    faults: list[Fault] = []
    condition = _condition(Fields({"condition": document}, "", faults))
    if condition is None or faults:
        raise DocumentError(faults)
    return condition


def to_document(segment: Segment) -> dict[str, Any]:
    """Return the normalised document: `parse(to_document(s)) == s`."""
    described = {"description": segment.description} if segment.description else {}
    condition = segment.condition
    members = {"manual": True} if condition is None else {"condition": conditions.document(condition)}
    return {"name": segment.name, "key": segment.key, **described, **members}


def _read(document: object, faults: list[Fault]) -> Segment:
    fields = Fields(document, "", faults)
    fields.take("$schema")
    segment = read(fields)
    fields.finish()
    return segment


def _condition(fields: Fields) -> Condition | None:
    """Read who is in the segment; None for a manual one, or after a fault."""
    value = fields.take("condition")
    if fields.flag("manual"):
        if value is not None:
            problem = "People are added to a manual segment, so it has no condition."
            fields.fault("condition", problem, "Leave out `condition` or `manual`.")
        return None
    if value is None:
        remedy = "Write who is in it, such as {attribute: plan, equals: pro}, or `manual: true` to add people yourself."
        fields.require("condition", remedy)
        return None
    place = fields.at("condition")
    condition = conditions.parse(value, place=place, scope=conditions.Scope.PERSON, faults=fields.faults)
    if condition is not None and conditions.is_empty(condition):
        fields.fault(
            "condition", "The condition is empty, so nobody would ever be in the segment.", "Write who is in it."
        )
    return condition
