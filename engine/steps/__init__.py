"""The kinds of blocks. A new one is a file in this folder and a name in the list below; see docs/adding-a-block.md."""

from __future__ import annotations

from typing import Final

from engine.steps.batch_update import BatchUpdate
from engine.steps.branch import Branch
from engine.steps.delay import Delay
from engine.steps.email import Email, EmailContent
from engine.steps.exit import ExitStep
from engine.steps.send_event import SendEvent
from engine.steps.step import Content, DataStep, MessageStep, Step
from engine.steps.update_person import UpdatePerson
from engine.steps.update_segment import UpdateSegment
from engine.steps.webhook import Webhook

_ALL: Final[tuple[type[Step], ...]] = (
    BatchUpdate,
    Branch,
    Delay,
    Email,
    ExitStep,
    SendEvent,
    UpdatePerson,
    UpdateSegment,
    Webhook,
)

KINDS: Final[dict[str, type[Step]]] = {kind.kind: kind for kind in _ALL}
"""Key in a document to the class that reads it."""

__all__ = [
    "KINDS",
    "BatchUpdate",
    "Branch",
    "Content",
    "DataStep",
    "Delay",
    "Email",
    "EmailContent",
    "ExitStep",
    "MessageStep",
    "SendEvent",
    "Step",
    "UpdatePerson",
    "UpdateSegment",
    "Webhook",
]
