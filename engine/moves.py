"""What a journey may be told to do next, and how it asks. The only vocabulary workflow code knows.

The workflow carries moves out and knows no rules; rules answer with moves. Everything here is written into histories
that are replayed months later, so fields are only ever added, each with a default.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer


class Wire(BaseModel):
    """Base of all payloads: frozen, and tolerant of fields that a newer release wrote."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what is not there: millions of histories hold these."""
        return {name: value for name, value in write(self).items() if value is not None}


class Wait(Wire):
    """Sleep until an instant, or until told to look again; then ask anew."""

    kind: Literal["wait"] = "wait"
    turn: int
    until: datetime
    text: str
    """In plain words, for the Temporal Web UI: what is waited for and until when. Ids and instants only."""


class Send(Wire):
    """Check the exit condition; if the answer is `Go`, send the message of a block."""

    kind: Literal["send"] = "send"
    turn: int
    block: str
    channel: str
    text: str
    queue: str | None = None
    """Task queue of the sending worker; None is the journey's own, which is the fast way."""


class Act(Wire):
    """Carry out a data block: a change in our own database that needs no delivery."""

    kind: Literal["act"] = "act"
    turn: int
    block: str
    text: str
    slow: Literal[True] | None = None
    """Whether it may take longer than a moment, so that it cannot be done in passing."""


class Leave(Wire):
    """End the journey. `reason` is `finished` or an exit reason of behaviour 9.05."""

    kind: Literal["leave"] = "leave"
    turn: int
    reason: str
    text: str


Move = Annotated[Wait | Send | Act | Leave, Field(discriminator="kind")]


class Go(Wire):
    """What the exit check answers when nothing speaks against the message."""

    kind: Literal["go"] = "go"


Verdict = Annotated[Wait | Send | Act | Leave | Go, Field(discriminator="kind")]
"""The answer of the exit check: go, or a move to carry out in place of the message."""


class Ask(Wire):
    """The question every activity of a journey answers with the next move.

    `turn` counts decisions. An activity asked for a turn that is already decided (a crash lost the answer on its way
    back) gives the recorded answer again, so no decision is ever taken twice.
    """

    journey: int
    turn: int
    now: datetime
    """The journey's clock. Activities never look at the machine's."""
    block: str | None = None
    """The block that a check, a send or an act is for."""
    ending: str | None = None
    """Why an operator ended this journey, if one did."""


class JourneyStart(Wire):
    """Argument of the journey workflow. `at` is the engine's instant of entry."""

    v: int = 1
    journey: int
    turn: int = 0
    at: datetime
    first: Move | None = None
    """The first move, decided together with the entry: one activity less on the way of every event."""
    ending: str | None = None


class LookAgain(Wire):
    """Argument of `look_again`: nothing but the instant, because values are read when they are needed."""

    at: AwareDatetime | None = None
    """With its zone. One without, typed into the Web UI, is refused on arrival: no clock can be compared with it."""


class CampaignStart(Wire):
    """Argument of the campaign workflow."""

    v: int = 1
    workspace: int
    campaign: int
    at: datetime


class CampaignAsk(Wire):
    """The question of a campaign workflow: apply this stop (`stop`, `drain`), or count (None)."""

    workspace: int
    campaign: int
    now: datetime
    verb: Literal["stop", "drain"] | None = None


class Inside(Wire):
    """How many journeys of a campaign are open, and the state the campaign is in."""

    state: str
    journeys: int


class ResendStart(Wire):
    """Argument of the resend workflow: a delivery, failed or of unknown outcome, that an operator sends again."""

    v: int = 1
    delivery: int
    at: datetime


class RedeliveryStart(Wire):
    """Argument of the redelivery workflow: a message that was not taken, and whose journey went on (behaviour 6.42)."""

    v: int = 1
    journey: int
    block: str
    delivery: int
    since: datetime
    """When it was tried first: it is given up a day later."""
    due: datetime
    """When it is tried next."""


class RedeliveryAsk(Wire):
    """The question of a redelivery workflow: try it once more."""

    journey: int
    block: str
    since: datetime
    now: datetime


class Redelivered(Wire):
    """The state that an attempt left the delivery in, and when it is tried again if that is `attempted`."""

    state: str
    due: datetime | None = None


class EditStart(Wire):
    """Argument of the edit workflow: a save of a live campaign that concerns people who wait in it."""

    v: int = 1
    campaign: int
    at: datetime


class LoadingStart(Wire):
    """Argument of the loading workflow: whoever matches a condition campaign at its start enters, batch by batch."""

    v: int = 1
    workspace: int
    campaign: int
    at: datetime


class LoadingAsk(Wire):
    """The question of a loading workflow: go on, after a pause or the end of one if that was asked for."""

    workspace: int
    campaign: int
    now: datetime
    verb: Literal["pause", "resume"] | None = None
    ordered_at: datetime | None = None
    """When that was asked for: an older order than the record has does not count any more."""
    started_at: datetime | None = None
    """The start of the campaign that it belongs to: after another start it is over."""


class Loaded(Wire):
    """How far a loading has come. `state` is `loading`, `paused` or `over`."""

    state: Literal["loading", "paused", "over"]
    entered: int
    matching: int
    """Who matched when it began."""
