"""The kinds of blocks. A new one is a file in this folder and a name in the list below; see docs/adding-a-block.md."""

from __future__ import annotations

from typing import Final

from engine.steps.branch import Branch
from engine.steps.delay import Delay
from engine.steps.email import Email, EmailContent
from engine.steps.exit import ExitStep
from engine.steps.step import DataStep, MessageStep, Step
from engine.steps.update_person import UpdatePerson

KINDS: Final[dict[str, type[Step]]] = {kind.kind: kind for kind in (Branch, Delay, Email, ExitStep, UpdatePerson)}
"""Key in a document to the class that reads it."""

__all__ = [
    "KINDS",
    "Branch",
    "DataStep",
    "Delay",
    "Email",
    "EmailContent",
    "ExitStep",
    "MessageStep",
    "Step",
    "UpdatePerson",
]
