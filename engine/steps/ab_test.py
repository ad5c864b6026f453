"""Which of two messages works better shows when both are sent: a share of the journeys gets the variation (6.100).

A test is written inside its message, as what is different about the variation, and read by the message's own reader: so
whatever a kind of message has can differ, and is checked in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from engine.documents import Fields
from engine.draws import draw

if TYPE_CHECKING:
    from engine.errors import Fault
    from engine.steps.reading import Reading
    from engine.steps.step import Arm, MessageStep

KEY: Final = "ab_test"

_Message = TypeVar("_Message", bound="MessageStep")


@dataclass(frozen=True, slots=True, kw_only=True)
class AbTest:
    """The variation of a message, and how many get it."""

    share: float = 0
    """Per cent of the journeys that get the variation, the others get the original (behaviour 6.101)."""
    changes: Mapping[str, Any] = field(hash=False)
    """What the document says of the variation: the keys that differ from the original's."""
    variation: MessageStep
    """The whole message: the original with the changes."""

    def arm_of(self, journey: int) -> Arm:
        """Return which of the two a journey gets (behaviour 6.103)."""
        return "variation" if draw(journey, self.variation.id) < self.share else "original"


def parse(kind: type[_Message], reading: Reading, original: _Message) -> _Message:
    """Return a message with its test, if the document has one. Call it after `kind` has read the original.

    Nearly everything may differ (behaviour 6.102), but not the id and the action condition: both belong to the block.
    """
    if not reading.fields.has(KEY):
        return original
    fields = Fields(reading.fields.take(KEY), reading.fields.at(KEY), reading.fields.faults)
    share = fields.percentage("share") or 0
    changes = {key: fields.take(key) for key in kind.json_schema() if fields.has(key)}
    fields.finish()
    faults: list[Fault] = []
    whole = Fields(_changed(kind, reading.fields.written, changes), fields.place, faults)
    variation = kind.parse(replace(reading, fields=whole))
    reading.faults.extend(_new(faults, reading.fields, fields, changes))
    return replace(
        original,
        arm="original",
        ab_test=AbTest(
            share=share,
            changes=changes,
            variation=replace(variation, condition=original.condition, arm="variation"),
        ),
    )


def document(message: MessageStep) -> dict[str, Any]:
    """Return the test of a message as its document has it; empty if it has none."""
    test = message.ab_test
    return {} if test is None else {KEY: {"share": test.share, **test.changes}}


def json_schema(kind: type[MessageStep]) -> dict[str, Any]:
    """Return the JSON Schema of a test of this kind of message."""
    share = {
        "type": "number",
        "minimum": 0,
        "maximum": 100,
        "description": "Per cent of the journeys that get the variation. Default: 0.",
    }
    return {
        "type": "object",
        "properties": {"share": share, **kind.json_schema()},
        "additionalProperties": False,
        "description": "An A/B test: what is different about the variation. All other keys are the original's.",
    }


def _changed(kind: type[MessageStep], original: Mapping[Any, Any], changes: Mapping[str, Any]) -> dict[Any, Any]:
    """Return the document of the variation.

    One that brings a text of its own brings all of it: a new `body` must not go out with the `text` of the original.
    """
    texts = set(kind.file_fields) if changes.keys() & set(kind.file_fields) else set()
    left_out = {"if", KEY} | texts
    return {key: value for key, value in original.items() if key not in left_out} | dict(changes)


def _new(faults: list[Fault], original: Fields, test: Fields, changes: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of a variation without those that it has from its original, where they were found already."""
    found = {(fault.place, fault.problem) for fault in original.faults}
    new = []
    for fault in faults:
        key = fault.place.removeprefix(f"{test.place}.")
        if re.split(r"[.\[]", key, maxsplit=1)[0] in changes or (original.at(key), fault.problem) not in found:
            new.append(fault)
    return new
