"""How often may one person enter one campaign?

What consumes the allowance is an entry, not an event (behaviour 2.24). The caller holds the latest entry under a lock,
so that two simultaneous events cannot both find the allowance unused (2.25).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from engine.documents import Fields, shown
from engine.durations import format_duration, parse_duration, plain
from engine.errors import Fault


@dataclass(frozen=True, slots=True)
class EveryTime:
    """Every event starts a journey (behaviour 2.20)."""

    limited = False
    refusal = ""

    def allows(self, last_entered_at: datetime | None, at: datetime) -> bool:  # noqa: ARG002 - one shape for all three
        """Whether a person who last entered at this instant may enter at `at`."""
        return True


@dataclass(frozen=True, slots=True)
class Once:
    """One entry, ever (behaviour 2.21, 17.10)."""

    limited = True
    refusal = "The person has entered before, and may enter once."

    def allows(self, last_entered_at: datetime | None, at: datetime) -> bool:  # noqa: ARG002 - one shape for all three
        """Whether a person who last entered at this instant may enter at `at`."""
        return last_entered_at is None


@dataclass(frozen=True, slots=True)
class OncePer:
    """At most one entry within any period of this length: a rolling window (behaviour 2.22)."""

    period: timedelta

    limited = True

    @property
    def refusal(self) -> str:
        """Why an event was held back, in words."""
        return f"The person has entered within the last {plain(self.period)}."

    def allows(self, last_entered_at: datetime | None, at: datetime) -> bool:
        """Whether a person who last entered at this instant may enter at `at`. The end of the period is outside it."""
        return last_entered_at is None or at - last_entered_at >= self.period


Frequency = EveryTime | Once | OncePer

EVERY_TIME: Final = EveryTime()
ONCE: Final = Once()

_REMEDY: Final = "Write every_time, once, or {once_per: 24h}."


def parse(value: object, place: str, faults: list[Fault]) -> Frequency:
    """Read the `frequency` of a campaign; every event if there is none."""
    if value is None or value == "every_time":
        return EVERY_TIME
    if value == "once":
        return ONCE
    if not isinstance(value, Mapping):
        faults.append(Fault(place=place, problem=f"{shown(value)} is not a frequency.", remedy=_REMEDY))
        return EVERY_TIME
    fields = Fields(value, place, faults)
    fields.require("once_per", _REMEDY)
    period = parse_duration(fields.take("once_per"), fields.at("once_per"), faults) if fields.has("once_per") else None
    if period == timedelta():
        fields.fault("once_per", "A period of no length allows everything.", "Write at least 1m, or every_time.")
    fields.finish()
    return OncePer(period) if period else EVERY_TIME


def document(frequency: Frequency) -> str | dict[str, str]:
    """Return the form that `parse` reads back."""
    if isinstance(frequency, OncePer):
        return {"once_per": format_duration(frequency.period)}
    return "once" if isinstance(frequency, Once) else "every_time"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `frequency`."""
    return {
        "description": "How often one person may enter: on every event (the default), once ever, or once per period. "
        "A limit cannot be combined with segment filters.",
        "anyOf": [
            {"enum": ["every_time", "once"]},
            {
                "type": "object",
                "properties": {"once_per": {"$ref": "#/$defs/duration"}},
                "required": ["once_per"],
                "additionalProperties": False,
            },
        ],
    }
