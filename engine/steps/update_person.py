"""A journey writes down what it has learned: attributes of its person, or of another one (behaviour 6.45-6.48)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from engine.effects import SetAttributes
from engine.steps.attribute_fields import read_remove, read_set, remove_schema, set_schema
from engine.steps.filling import fill
from engine.steps.other_person import OtherPerson, person_schema, read_person
from engine.steps.reading import Reading
from engine.steps.step import DataStep
from engine.templates import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePerson(DataStep):
    """Set and remove attributes. Texts are templates; other JSON values are written as they are."""

    kind: ClassVar[str] = "update_person"
    form: ClassVar[str] = "`update_person: {set: {plan: pro}}`"
    template_fields: ClassVar[tuple[str, ...]] = ("set", "person")

    set: Mapping[str, Any] = field(default_factory=dict, hash=False)
    remove: tuple[str, ...] = ()
    person: OtherPerson | None = None
    """Whom to change; None is the person of the journey."""

    @property
    def needs_person(self) -> bool:
        """Whether it changes the person of the journey, not one that it finds."""
        return self.person is None

    @classmethod
    def parse(cls, reading: Reading) -> Self:
        """Read `{set: {…}, remove: […], person: {id: …}}`."""
        fields = reading.fields
        written = read_set(fields)
        removed = read_remove(fields, written)
        if not (fields.has("set") or fields.has("remove")):
            fields.fault("", "The block changes nothing.", "Write `set: {plan: pro}` or `remove: [trial]`.")
        person = read_person(fields)
        return cls(id=reading.id, condition=reading.condition(), set=written, remove=removed, person=person)

    def body(self) -> dict[str, Any]:
        """Return what is set and removed, and of whom."""
        written: dict[str, Any] = {"set": dict(self.set)} if self.set else {}
        if self.remove:
            written["remove"] = list(self.remove)
        if self.person is not None:
            written["person"] = self.person.document()
        return written

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the schemas of the block's keys."""
        return {
            "set": set_schema(),
            "remove": remove_schema(),
            "person": person_schema("Whom to change, by a template; made if unknown. Default: the journey's person."),
        }

    def effects(self, scope: Scope) -> tuple[SetAttributes, ...]:
        """Return the one change, with its values filled in.

        Raises:
            RenderError: a variable is missing, or the identifier of the person is empty.
        """
        target = None if self.person is None else self.person.target(scope)
        return (SetAttributes(target=target, set=fill(dict(self.set), scope), remove=self.remove),)
