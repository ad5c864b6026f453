"""A journey writes down what it has learned: attributes of its person, or of another one (behaviour 6.45-6.47)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Self

from engine import templates
from engine.conditions import MISSING
from engine.conditions.paths import parse_path, read
from engine.documents import Fields, one_of, shown
from engine.effects import SetAttributes, Target
from engine.errors import RenderError
from engine.steps.reading import Reading
from engine.steps.step import DataStep
from engine.templates import Scope

MOST_ATTRIBUTES: Final = 100
LONGEST_ATTRIBUTE_NAME: Final = 150

_IDENTIFIERS: Final = ("id", "email")
_FIXED: Final = ("id", "cio_id", "anonymous_id")
"""What a person is found by cannot be changed from inside a campaign; the email address can."""
_ONE_EXPRESSION: Final = re.compile(r"\{\{-?\s*([^{}|]+?)\s*-?\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePerson(DataStep):
    """Set and remove attributes. Texts are templates; other JSON values are written as they are."""

    kind: ClassVar[str] = "update_person"

    set: Mapping[str, Any] = field(default_factory=dict, hash=False)
    remove: tuple[str, ...] = ()
    by: str | None = None
    """`id` or `email` of the person to change; None is the person of the journey."""
    identifier: str = ""
    """Template of it."""

    @classmethod
    def parse(cls, reading: Reading) -> Self:
        """Read `{set: {…}, remove: […], person: {id: …}}`."""
        fields = reading.fields
        written = _read_set(fields)
        removed = _read_remove(fields, written)
        if not (fields.has("set") or fields.has("remove")):
            fields.fault("", "The block changes nothing.", "Write `set: {plan: pro}` or `remove: [trial]`.")
        by, identifier = _read_person(fields)
        condition = reading.condition()
        return cls(id=reading.id, condition=condition, set=written, remove=removed, by=by, identifier=identifier)

    def body(self) -> dict[str, Any]:
        """Return what is set and removed, and of whom."""
        written: dict[str, Any] = {"set": dict(self.set)} if self.set else {}
        if self.remove:
            written["remove"] = list(self.remove)
        if self.by is not None:
            written["person"] = {self.by: self.identifier}
        return written

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the schemas of the block's keys."""
        name = {"type": "string", "minLength": 1, "maxLength": LONGEST_ATTRIBUTE_NAME}
        one = {"type": "string", "minLength": 1}
        return {
            "set": {
                "type": "object",
                "propertyNames": name,
                "minProperties": 1,
                "maxProperties": MOST_ATTRIBUTES,
                "description": "Attribute to value. Texts are templates; a single {{ path }} keeps its type.",
            },
            "remove": {
                "type": "array",
                "items": name,
                "minItems": 1,
                "maxItems": MOST_ATTRIBUTES,
                "description": "Attributes to remove.",
            },
            "person": {
                "description": "Whom to change, by a template; made if unknown. Default: the journey's person.",
                "anyOf": [
                    {"type": "object", "properties": {by: one}, "required": [by], "additionalProperties": False}
                    for by in _IDENTIFIERS
                ],
            },
        }

    def effects(self, scope: Scope) -> tuple[SetAttributes, ...]:
        """Return the one change, with its values filled in.

        Raises:
            RenderError: a variable is missing, or the identifier of the person is empty.
        """
        target = None
        if self.by is not None:
            identifier = templates.render(self.identifier, scope).strip()
            if not identifier:
                raise RenderError(f"`person.{self.by}` is empty: nobody can be found by it.")
            target = Target("id" if self.by == "id" else "email", identifier)
        written = {name: _value(value, scope) for name, value in self.set.items()}
        return (SetAttributes(target=target, set=written, remove=self.remove),)


def _value(value: Any, scope: Scope) -> Any:
    if not isinstance(value, str):
        return value
    alone = _ONE_EXPRESSION.fullmatch(value)
    path = parse_path(alone[1], "", []) if alone else None
    found = read(path.steps, scope.variables()) if path and not path.is_many else MISSING
    # What is not there is left to the template, which says so in its own words.
    return found if isinstance(found, str | int | float | list | dict) else templates.render(value, scope)


def _read_set(fields: Fields) -> dict[str, Any]:
    if not fields.has("set"):
        return {}
    value = fields.take("set")
    inner = Fields(value, fields.at("set"), fields.faults)
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MOST_ATTRIBUTES:
        fields.fault(
            "set", "These are not attributes to set.", f"Write 1 to {MOST_ATTRIBUTES} `attribute: value` pairs."
        )
        return {}
    for name, one in value.items():
        if not _is_name(name) or name in _FIXED:
            inner.fault(str(name), f"{shown(name)} cannot be set.", _names_said())
        elif one is None:
            inner.fault(name, "Null is no value.", f"To take the attribute away write `remove: [{name}]`.")
        elif isinstance(one, str):
            templates.check(one, "liquid", inner.at(name), fields.faults)
    return dict(value)


def _read_remove(fields: Fields, written: Mapping[str, Any]) -> tuple[str, ...]:
    if not fields.has("remove"):
        return ()
    value = fields.take("remove")
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ATTRIBUTES:
        fields.fault(
            "remove", "This is not a list of attributes.", f"Write 1 to {MOST_ATTRIBUTES} names, such as [trial]."
        )
        return ()
    for place, name in enumerate(value):
        key = f"remove[{place}]"
        if not _is_name(name) or name in (*_FIXED, "email"):
            fields.fault(key, f"{shown(name)} cannot be removed.", _names_said())
        elif name in written:
            fields.fault(key, f"`{name}` is set and removed at once.", "Decide for one of the two.")
    return tuple(str(name) for name in value)


def _read_person(fields: Fields) -> tuple[str | None, str]:
    if not fields.has("person"):
        return None, ""
    inner = Fields(fields.take("person"), fields.at("person"), fields.faults)
    found = [by for by in _IDENTIFIERS if inner.has(by)]
    inner.finish()
    if len(found) != 1:
        fields.fault(
            "person", "The block does not say whom to change.", f"Write one identifier: {one_of(_IDENTIFIERS)}."
        )
        return None, ""
    source = inner.text(found[0]) or ""
    templates.check(source, "liquid", inner.at(found[0]), fields.faults)
    return found[0], source


def _is_name(name: object) -> bool:
    return (
        isinstance(name, str) and 0 < len(name) <= LONGEST_ATTRIBUTE_NAME and name == name.strip() and "\0" not in name
    )


def _names_said() -> str:
    return f"Write a name of at most {LONGEST_ATTRIBUTE_NAME} characters, other than {', '.join(_FIXED)}."
