"""A block may be about somebody else than the person of its journey, found by an identifier (behaviour 6.45)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from engine import templates
from engine.addresses import valid_address
from engine.documents import Fields, one_of
from engine.effects import Target
from engine.errors import RenderError
from engine.steps.filling import read_template
from engine.templates import Scope

LONGEST_IDENTIFIER: Final = 150  # bytes, as for clients of the Track API
_LONGEST_TEMPLATE: Final = 2_000
_IDENTIFIERS: Final = ("id", "email")


@dataclass(frozen=True, slots=True)
class OtherPerson:
    """Whom a block is about, made if unknown."""

    by: Literal["id", "email"]
    identifier: str
    """Template of it."""

    def document(self) -> dict[str, str]:
        """Return what `read_person` reads."""
        return {self.by: self.identifier}

    def target(self, scope: Scope) -> Target:
        """Return who it is for one journey.

        Raises:
            RenderError: a variable is missing, or what comes out names nobody (behaviour 6.48).
        """
        identifier = templates.render(self.identifier, scope).strip()
        if not identifier:
            raise RenderError(f"`person.{self.by}` is empty: nobody can be found by it.")
        if len(identifier.encode()) > LONGEST_IDENTIFIER:
            raise RenderError(f"`person.{self.by}` is longer than {LONGEST_IDENTIFIER} bytes: nobody is called that.")
        if self.by == "email" and ("<" in identifier or not valid_address(identifier)):
            raise RenderError("`person.email` is no email address.")
        return Target(self.by, identifier)


def read_person(fields: Fields) -> OtherPerson | None:
    """Read `person`: `{id: …}` or `{email: …}`, a template; None is the person of the journey."""
    if not fields.has("person"):
        return None
    inner = Fields(fields.take("person"), fields.at("person"), fields.faults)
    found = [by for by in _IDENTIFIERS if inner.has(by)]
    inner.finish()
    if len(found) != 1:
        fields.fault("person", "The block does not say who it is.", f"Write one identifier: {one_of(_IDENTIFIERS)}.")
        return None
    by = cast("Literal['id', 'email']", found[0])
    return OtherPerson(by, read_template(inner, by, longest=_LONGEST_TEMPLATE) or "")


def person_schema(description: str) -> dict[str, Any]:
    """Return the JSON Schema of `person`."""
    one = {"type": "string", "minLength": 1, "maxLength": _LONGEST_TEMPLATE}
    return {
        "description": description,
        "anyOf": [
            {"type": "object", "properties": {by: one}, "required": [by], "additionalProperties": False}
            for by in _IDENTIFIERS
        ],
    }
