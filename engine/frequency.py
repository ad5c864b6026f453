"""How often may one person enter one campaign?

What consumes the allowance is an entry, not an event or a match (behaviour 2.24). The caller holds the latest entry
under a lock, so that two simultaneous events cannot both find the allowance unused (2.25).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from engine.documents import Fields, shown
from engine.durations import format_duration, parse_duration, span
from engine.errors import Fault
from engine.triggers import TriggerType


@dataclass(frozen=True, slots=True)
class EveryTime:
    """Every event, submission or date starts a journey (behaviour 2.20)."""

    refusal = ""

    def allows(self, last_entered_at: datetime | None, at: datetime) -> bool:  # noqa: ARG002 - one shape for all
        """Whether a person who last entered at this instant may enter at `at`."""
        return True

    def again_at(self, last_entered_at: datetime | None) -> datetime | None:  # noqa: ARG002 - one shape for all
        """Return from when a person who last entered at this instant may enter again; None if that is never or now."""
        return None


@dataclass(frozen=True, slots=True)
class Once:
    """One entry, ever (behaviour 2.01, 2.21, 17.10)."""

    refusal = "The person has entered before, and may enter once."

    def allows(self, last_entered_at: datetime | None, at: datetime) -> bool:  # noqa: ARG002 - one shape for all
        """Whether a person who last entered at this instant may enter at `at`."""
        return last_entered_at is None

    def again_at(self, last_entered_at: datetime | None) -> datetime | None:  # noqa: ARG002 - one shape for all
        """Return from when a person who last entered at this instant may enter again; None if that is never or now."""
        return None


@dataclass(frozen=True, slots=True)
class OncePer:
    """At most one entry within any period of this length: a rolling window (behaviour 2.22)."""

    period: timedelta

    @property
    def refusal(self) -> str:
        """Why an event was held back, in words."""
        return _too_soon(self.period)

    def allows(self, last_entered_at: datetime | None, at: datetime) -> bool:
        """Whether a person who last entered at this instant may enter at `at`. The end of the period is outside it."""
        return _is_over(self.period, last_entered_at, at)

    def again_at(self, last_entered_at: datetime | None) -> datetime | None:
        """Return from when a person who last entered at this instant may enter again; None if that is never or now."""
        return _over_at(self.period, last_entered_at)


@dataclass(frozen=True, slots=True)
class EveryMatch:
    """Whoever stopped matching and matches again enters again, if the last entry is long enough ago (2.02, 2.03)."""

    apart: timedelta | None = None

    @property
    def refusal(self) -> str:
        """Why a match was held back, in words."""
        return _too_soon(self.apart or timedelta())

    def allows(self, last_entered_at: datetime | None, at: datetime) -> bool:
        """Whether a person who last entered at this instant may enter at `at`."""
        return self.apart is None or _is_over(self.apart, last_entered_at, at)

    def again_at(self, last_entered_at: datetime | None) -> datetime | None:
        """Return from when a person who last entered at this instant may enter again; None if that is never or now."""
        return None if self.apart is None else _over_at(self.apart, last_entered_at)


@dataclass(frozen=True, slots=True)
class Interval:
    """Whoever still matches enters again when this time has passed since the last entry (behaviour 2.04-2.06)."""

    every: timedelta

    @property
    def refusal(self) -> str:
        """Why a match was held back, in words."""
        return _too_soon(self.every)

    def allows(self, last_entered_at: datetime | None, at: datetime) -> bool:
        """Whether a person who last entered at this instant may enter at `at`."""
        return _is_over(self.every, last_entered_at, at)

    def again_at(self, last_entered_at: datetime | None) -> datetime | None:
        """Return from when a person who last entered at this instant may enter again; None if that is never or now."""
        return _over_at(self.every, last_entered_at)


Frequency = EveryTime | Once | OncePer | EveryMatch | Interval

EVERY_TIME: Final = EveryTime()
ONCE: Final = Once()
EVERY_MATCH: Final = EveryMatch()

_PLAIN: Final[Mapping[str, Frequency]] = {"every_time": EVERY_TIME, "once": ONCE, "every_match": EVERY_MATCH}
_WITH_A_TIME: Final = {"once_per": OncePer, "every_match": EveryMatch, "every": Interval}
_OF_CONDITIONS: Final = (Once, EveryMatch, Interval)
_OF_OCCURRENCES: Final = (EveryTime, Once, OncePer)
_REMEDY: Final = "Write every_time, once, or {once_per: 24h}."
_REMEDY_OF_CONDITIONS: Final = "Write once, every_match, {every_match: 7d}, or {every: 30d}."


def default_of(trigger: TriggerType | None) -> Frequency:
    """Return the frequency of a campaign that says nothing about it (behaviour 2.01, 2.20, 17.11)."""
    return ONCE if trigger == "condition" else EVERY_TIME


def parse(value: object, place: str, faults: list[Fault], *, trigger: TriggerType | None) -> Frequency:
    """Read the `frequency` of a campaign. `trigger` is the type of its trigger; None, after a fault, takes any."""
    remedy = _REMEDY_OF_CONDITIONS if trigger == "condition" else _REMEDY
    if value is None:
        return default_of(trigger)
    if isinstance(value, str) and value in _PLAIN:
        chosen = _PLAIN[value]
    elif isinstance(value, Mapping):
        timed = _with_a_time(Fields(value, place, faults), remedy)
        if timed is None:
            return default_of(trigger)
        chosen = timed
    else:
        faults.append(Fault(place=place, problem=f"{shown(value)} is not a frequency.", remedy=remedy))
        return default_of(trigger)
    if trigger is not None and not isinstance(chosen, _OF_CONDITIONS if trigger == "condition" else _OF_OCCURRENCES):
        written = value if isinstance(value, str) else next(iter(value))
        faults.append(Fault(place=place, problem=f"`{written}` is not for a trigger of this type.", remedy=remedy))
    return chosen


def document(frequency: Frequency) -> str | dict[str, str]:
    """Return the form that `parse` reads back."""
    match frequency:
        case OncePer(period):
            return {"once_per": format_duration(period)}
        case EveryMatch(timedelta() as apart):
            return {"every_match": format_duration(apart)}
        case Interval(every):
            return {"every": format_duration(every)}
    return next(word for word, plainly in _PLAIN.items() if plainly == frequency)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `frequency`."""
    duration = {"$ref": "#/$defs/duration"}
    return {
        "description": "How often one person may enter. Events, forms and dates: every_time (the default), once ever, "
        "or once per period. Conditions: once (the default), on every_match, or every so often while they match. "
        "Only the default can be combined with segment filters.",
        "anyOf": [
            {"enum": list(_PLAIN)},
            *(
                {
                    "type": "object",
                    "properties": {key: duration},
                    "required": [key],
                    "additionalProperties": False,
                }
                for key in _WITH_A_TIME
            ),
        ],
    }


def _with_a_time(fields: Fields, remedy: str) -> Frequency | None:
    given = [key for key in _WITH_A_TIME if fields.has(key)]
    fields.finish()
    if len(given) != 1:
        fields.fault("", "This does not say how often.", remedy)
        return None
    [key] = given
    known = len(fields.faults)
    time = parse_duration(fields.take(key), fields.at(key), fields.faults)
    if time == timedelta():
        fields.fault(key, "A time of no length holds nobody back.", "Write at least 1m.")
    return None if time is None or len(fields.faults) > known else _WITH_A_TIME[key](time)


def _is_over(period: timedelta, last_entered_at: datetime | None, at: datetime) -> bool:
    return last_entered_at is None or at - last_entered_at >= period


def _over_at(period: timedelta, last_entered_at: datetime | None) -> datetime | None:
    return None if last_entered_at is None else last_entered_at + period


def _too_soon(period: timedelta) -> str:
    return f"The person has entered within the last {span(period)}."
