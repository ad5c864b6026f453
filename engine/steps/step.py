"""Block kinds come and go; the walk through a workflow must not know them. This is all that it knows of a block.

A kind is one class in one file of this folder, listed in `__init__.py`. It says how a block is written in a document,
and what happens when a journey arrives at it. What it needs is handed to it, and it changes nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self

from engine.conditions import Condition, Facts
from engine.effects import Change
from engine.steps.reading import Reading
from engine.templates import Language, Scope

if TYPE_CHECKING:
    from engine.steps.ab_test import AbTest

Sending = Literal["automatic", "off"]
UnknownOutcome = Literal["hold", "resend"]
Arm = Literal["original", "variation"]
"""Which of the two messages of an A/B test (behaviour 6.100)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A journey in front of a block."""

    facts: Facts
    now: datetime
    arrived_at: datetime
    """When it came to the block: waits count from here."""
    due_at: datetime | None = None
    """Until when it was last told to wait here; None if it has only just come, or if nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Go on: into one of the block's paths, or to what follows it."""

    path: str | None = None
    at: datetime | None = None
    """The instant of arrival at what comes next; None is now."""
    text: str
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Wait here, and ask again at `until` or whenever something changes."""

    until: datetime
    text: str
    """For the Temporal Web UI: ids and instants, nothing about the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Send the block's message."""

    channel: str
    text: str
    """For the Temporal Web UI: ids and instants, nothing about the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Carry out the block's change of data."""

    text: str
    """For the Temporal Web UI: ids and instants, nothing about the person."""
    is_slow: bool = False
    """Whether it may take longer than a moment."""


@dataclass(frozen=True, slots=True)
class End:
    """The journey is over."""


Outcome = Pass | Hold | Message | Effect | End


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(ABC):
    """One block of a workflow."""

    kind: ClassVar[str]
    """Its key in a document."""
    id_required: ClassVar[bool] = False
    """Whether the writer must name the block, because the id lives on in deliveries and metrics."""
    shorthand: ClassVar[str | None] = None
    """The key that a value means which is not a mapping: `delay: 1h` is `delay: {for: 1h}`."""
    bare: ClassVar[bool] = False
    """Whether the kind alone is a whole block: `- exit`."""
    form: ClassVar[str] = "`key: value` pairs"
    """How one is written, as whoever wrote something else is told."""
    conditional: ClassVar[bool] = True
    """Whether it may have an action condition."""
    template_fields: ClassVar[tuple[str, ...]] = ()
    """Keys whose texts are templates, however deep in lists and mappings they stand."""
    file_fields: ClassVar[tuple[str, ...]] = ()
    """Keys whose text may be kept in a file of its own: `body: {file: emails/nudge.html}`."""

    id: str
    condition: Condition | None = None
    """The action condition, `if`: where it is false the block is skipped (behaviour 6.04)."""

    @classmethod
    @abstractmethod
    def parse(cls, reading: Reading) -> Self:
        """Read the block from its document. Faults go to `reading`; the result is then never used."""

    @abstractmethod
    def body(self) -> dict[str, Any]:
        """Return the block's own keys, without `id` and `if`, such that `parse` reads them back."""

    @classmethod
    @abstractmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return key to JSON Schema for the block's own keys. `engine/schema.py` has what `$ref` can name."""

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """Return the own keys that a document must have."""
        return ()

    @abstractmethod
    def arrive(self, standing: Standing) -> Outcome:
        """Return what happens to a journey at this block. Asked again after every wait and every wake-up."""

    @property
    def needs_person(self) -> bool:
        """Whether it is about the person of the journey, whom a data campaign does not have (behaviour 1.97)."""
        return False

    @property
    def template_language(self) -> Language:
        """What its templates are written in."""
        return "liquid"

    def paths(self) -> Mapping[str, tuple[Step, ...]]:
        """Return the paths that lead through this block, by name."""
        return {}

    def questions(self) -> tuple[Condition, ...]:
        """Return every condition of the block."""
        return () if self.condition is None else (self.condition,)

    def segments(self) -> frozenset[str]:
        """Return the keys of the segments that the block names elsewhere than in its questions."""
        return frozenset()


class Content(Protocol):
    """One rendered message: a frozen dataclass of JSON values, which the delivery keeps and the channel sends."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def recipient(self) -> str:
        """Whom or what it goes to, as lists of deliveries show it: no secrets."""

    @property
    def subject(self) -> str | None:
        """What it is about, likewise."""

    @property
    def address(self) -> str | None:
        """The email address that it goes to, which may be suppressed; None for what is no email."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStep(Step):
    """A block that makes a delivery. Exit, sending and subscription are looked at before it (behaviour 6.07)."""

    channel: ClassVar[str]
    withheld_from_unsubscribed: ClassVar[bool] = True
    """Whether people who unsubscribed do not get it: true of email, SMS and push (behaviour 11.01)."""
    waits: ClassVar[bool] = True
    """Whether the journey stays while nobody takes the message; otherwise it goes on after the first attempt (6.42)."""
    id_required: ClassVar[bool] = True
    can_be_tested: ClassVar[bool] = False
    """Whether it may have an A/B test: email, SMS and push may (behaviour 6.100)."""

    sending: Sending = "automatic"
    send_to_unsubscribed: bool | None = None
    """None is as the campaign (behaviour 11.03)."""
    unknown_outcome: UnknownOutcome | None = None
    """What to do when nobody knows whether a message left; None is as the campaign."""
    ab_test: AbTest | None = None
    """The variation that some journeys get instead."""
    arm: Arm | None = None
    """Which one it is of an A/B test; None if it is in none."""

    @property
    def label(self) -> str:
        """What logs and the Temporal Web UI call it: its id, and the arm if it is in a test."""
        return self.id if self.arm is None else f"{self.id} ({self.arm})"

    def for_journey(self, journey: int, begun: Arm | None = None) -> MessageStep:
        """Return the message that a journey gets: of an A/B test one of the two, always the same (behaviour 6.103).

        `begun` is the arm of a delivery that there is already. An edited share does not change it any more.
        """
        if self.ab_test is None:
            return self
        arm = begun or self.ab_test.arm_of(journey)
        return self.ab_test.variation if arm == "variation" else self

    @property
    def needs_person(self) -> bool:
        """Whether it goes to the person of the journey: email, SMS and push do."""
        return self.withheld_from_unsubscribed

    def arrive(self, standing: Standing) -> Outcome:  # noqa: ARG002 - a message is due wherever and whenever it is reached
        """Send the message: what could speak against it has been looked at."""
        return Message(channel=self.channel, text=f"{self.kind.replace('_', ' ').capitalize()} {self.label}")

    @abstractmethod
    def compose(self, scope: Scope, *, sender: str | None) -> Content:
        """Return the message for one person.

        Args:
            scope: what templates can read.
            sender: template of the default sender of emails.

        Raises:
            RenderError: it cannot be made; the delivery is `failed` and the journey goes on.
        """

    def recipient(self, scope: Scope) -> str | None:  # noqa: ARG002 - only an email has one
        """Return the address that it is for, also if the rest of it cannot be made; None if nobody can say."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataStep(Step):
    """A block that changes data of our own and makes no delivery."""

    is_slow: ClassVar[bool] = False
    """Whether a change may take longer than a moment, because it looks through everybody."""

    def arrive(self, standing: Standing) -> Outcome:  # noqa: ARG002 - as above
        """Carry the change out."""
        return Effect(text=f"{self.kind.replace('_', ' ').capitalize()} {self.id}", is_slow=self.is_slow)

    @abstractmethod
    def effects(self, scope: Scope) -> tuple[Change, ...]:
        """Return what is to be changed.

        Raises:
            RenderError: a value cannot be made; the block fails and the journey goes on.
        """
