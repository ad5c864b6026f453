"""A journey lets something happen that other campaigns, segments and goals hear of (behaviour 6.49, 6.50)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from engine.documents import LONGEST_NAME
from engine.effects import SendEvent as Sent
from engine.steps.event_fields import event_schemas, fill_data, read_data, read_event
from engine.steps.other_person import OtherPerson, person_schema, read_person
from engine.steps.reading import Reading
from engine.steps.step import DataStep
from engine.templates import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEvent(DataStep):
    """Send an event for the person or for another one. It counts like any other event."""

    kind: ClassVar[str] = "send_event"
    shorthand: ClassVar[str | None] = "event"
    template_fields: ClassVar[tuple[str, ...]] = ("data", "person")

    event: str
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)
    person: OtherPerson | None = None
    """Whose event it is; None is the person of the journey."""
    workspace: str | None = None
    """Name of another workspace; None is that of the campaign."""

    @property
    def needs_person(self) -> bool:
        """Whether it is an event of the person of the journey."""
        return self.person is None

    @classmethod
    def parse(cls, reading: Reading) -> Self:
        """Read `{event: name, data: {…}, person: {id: …}, workspace: name}`."""
        fields = reading.fields
        fields.expect("event", not_called="name")
        fields.require("event", "Write its name, such as `send_event: {event: invited}`.")
        return cls(
            id=reading.id,
            event=read_event(fields),
            data=read_data(fields),
            person=read_person(fields),
            workspace=fields.name("workspace"),
            condition=reading.condition(),
        )

    def body(self) -> dict[str, Any]:
        """Return the event, and whose it is."""
        written = {
            "event": self.event,
            "data": dict(self.data) or None,
            "person": None if self.person is None else self.person.document(),
            "workspace": self.workspace,
        }
        return {key: value for key, value in written.items() if value is not None}

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the schemas of the block's keys."""
        return {
            **event_schemas(),
            "person": person_schema(
                "Whose event it is, by a template; made if unknown. Default: the journey's person."
            ),
            "workspace": {
                "type": "string",
                "minLength": 1,
                "maxLength": LONGEST_NAME,
                "description": "Name of another workspace. Default: that of the campaign.",
            },
        }

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """Return `event`."""
        return ("event",)

    def effects(self, scope: Scope) -> tuple[Sent, ...]:
        """Return the event, with its data filled in.

        Raises:
            RenderError: a variable is missing, the person is nobody, or the data is too large.
        """
        target = None if self.person is None else self.person.target(scope)
        return (Sent(target=target, name=self.event, data=fill_data(self.data, scope), workspace=self.workspace),)
