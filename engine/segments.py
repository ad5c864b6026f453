"""A segment is a named question about a person, asked by many campaigns and answered once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine import conditions
from engine.conditions import Condition
from engine.documents import Fields
from engine.errors import DocumentError, Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A data-driven segment: people are in it as long as the condition holds (behaviour 3.01)."""

    key: str
    name: str
    description: str = ""
    condition: Condition


def parse(document: object) -> Segment:
    """Read a segment document.

    Raises:
        DocumentError: with every fault of the document.
    """
    faults: list[Fault] = []
    fields = Fields(document, "", faults)
    fields.take("$schema")
    fields.require("name", "Write what the segment is called.")
    name = fields.name("name") or ""
    key = fields.key("key", of=name)
    description = fields.text("description") or ""
    fields.require("condition", "Write who is in it, such as {attribute: plan, equals: pro}.")
    condition = _condition(fields)
    fields.finish()
    if faults or condition is None:
        raise DocumentError(faults)
    return Segment(key=key, name=name, description=description, condition=condition)


def to_document(segment: Segment) -> dict[str, Any]:
    """Return the normalised document: `parse(to_document(s)) == s`."""
    described = {"description": segment.description} if segment.description else {}
    return {"name": segment.name, "key": segment.key, **described, "condition": conditions.document(segment.condition)}


def _condition(fields: Fields) -> Condition | None:
    value = fields.take("condition")
    if value is None:
        return None
    place = fields.at("condition")
    condition = conditions.parse(value, place=place, scope=conditions.Scope.PERSON, faults=fields.faults)
    if condition is not None and conditions.is_empty(condition):
        fields.fault(
            "condition", "The condition is empty, so nobody would ever be in the segment.", "Write who is in it."
        )
    return condition
