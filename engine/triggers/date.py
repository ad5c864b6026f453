"""A birthday is a date that the person brings along; when the message is due is the campaign's to say, once for all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import Any, ClassVar, Final, Literal, Self, cast

from engine.conditions.paths import LONGEST_PATH, Path, parse_path
from engine.documents import Fields, shown
from engine.zones import read_zone

Every = Literal["once", "month", "year"]

EVERY: Final = ("once", "month", "year")
PERSON: Final = "person"
MOST_DAYS: Final = 365
"""Behaviour 1.55."""

_TIME: Final = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])")
_OFFSETS: Final = {"days_before": -1, "days_after": 1}
_NOWHERE: Final = Path(("",))


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTrigger:
    """A time of day, on a date of the person or some days from it (behaviour 1.50-1.73); see `engine/dates.py`."""

    type: ClassVar[Literal["date"]] = "date"
    keys: ClassVar[tuple[str, ...]] = ("date",)
    beside: ClassVar[tuple[str, ...]] = ("every", *_OFFSETS, "at", "timezone", "fallback_timezone")

    path: Path
    """Of the attribute with the date. Leads to one value, and begins with a name."""
    every: Every
    offset_days: int = 0
    """Days from the date to the journey; negative is before it."""
    at: time
    """By the clocks of the time zone."""
    zone: str | None
    """Name of the time zone; None is the person's own, from the attribute `timezone`."""
    fallback: str | None = None
    """Name of the time zone of people who have none, or none that exists (behaviour 1.64, 1.65)."""

    @property
    def entered_by(self) -> str:
        """What a journey of the campaign was entered by, in words."""
        return f"date {self.path}"

    @classmethod
    def parse(cls, fields: Fields, key: str) -> Self:
        """Read `{date: birthday, every: year, at: "09:00", timezone: Europe/Zurich}`."""
        fields.require("every", "Write once, month or year: how often the date comes round.")
        zone = _zone(fields)
        return cls(
            path=_path(fields, key),
            every=cast("Every", fields.choice("every", EVERY) or "once"),
            offset_days=_offset(fields),
            at=_time(fields),
            zone=zone,
            fallback=_fallback(fields, zone),
        )

    def document(self) -> dict[str, Any]:
        """Return the form that `parse` reads back."""
        offset = {"days_before" if self.offset_days < 0 else "days_after": abs(self.offset_days)}
        return {
            "date": str(self.path),
            "every": self.every,
            **(offset if self.offset_days else {}),
            "at": f"{self.at:%H:%M}",
            "timezone": self.zone or PERSON,
            **({"fallback_timezone": self.fallback} if self.fallback else {}),
        }


def json_schemas() -> list[dict[str, Any]]:
    """Return the JSON Schemas of the trigger."""
    days = {"type": "integer", "minimum": 1, "maximum": MOST_DAYS}
    zone = {"type": "string", "pattern": "^(UTC|[^/ ]+/[^ ]+)$"}
    shared = {
        "date": {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_PATH,
            "description": "The person's attribute with the date: birthday, subscription.ends_at. ISO 8601 or Unix "
            "seconds; its time of day does not count.",
        },
        "every": {"enum": list(EVERY), "description": "Whether it comes once, or round every month or year."},
        "at": {
            "type": "string",
            "pattern": f"^{_TIME.pattern}$",
            "description": 'Time of day, "09:00".',
        },
    }
    offsets = [{}, *({key: days | {"description": _OFFSET_HELP[key]}} for key in _OFFSETS)]
    zones = [
        {"timezone": zone | {"description": "Region whose clocks count: Europe/Zurich."}},
        {
            "timezone": {"const": PERSON, "description": "The region in the person's attribute `timezone`."},
            "fallback_timezone": zone | {"description": "For people who have no such attribute, or a wrong one."},
        },
    ]
    return [
        {
            "type": "object",
            "properties": {**shared, **offset, **zone_keys},
            "required": [*shared, *offset, *zone_keys],
            "additionalProperties": False,
        }
        for zone_keys in zones
        for offset in offsets
    ]


_OFFSET_HELP: Final = {
    "days_before": "How many days before the date: 1 to 365.",
    "days_after": "How many days after the date: 1 to 365.",
}


def _path(fields: Fields, key: str) -> Path:
    path = parse_path(fields.take(key), fields.at(key), fields.faults)
    if path is None:
        return _NOWHERE
    if path.is_many or not isinstance(path.steps[0], str):
        problem = f"`{path}` is not one attribute of a person."
        fields.fault(key, problem, "Write the name of the one with the date, such as birthday.")
    return path


def _offset(fields: Fields) -> int:
    given = [key for key in _OFFSETS if fields.has(key)]
    if len(given) > 1:
        fields.fault("days_after", "It stands beside `days_before`.", "Write one of the two.")
    for key in given:
        days = fields.take(key)
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MOST_DAYS:
            remedy = f"Write a whole number from 1 to {MOST_DAYS}; leave it out for the day itself."
            fields.fault(key, f"{shown(days)} is not a number of days.", remedy)
            return 0
        return _OFFSETS[key] * days
    return 0


def _time(fields: Fields) -> time:
    remedy = 'Write hours and minutes, such as "09:00" or "18:30".'
    fields.require("at", remedy)
    value = fields.take("at")
    written = _TIME.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        if value is not None:
            fields.fault("at", f"{shown(value)} is not a time of day.", remedy)
        return time()
    return time(int(written[1]), int(written[2]))


def _zone(fields: Fields) -> str | None:
    fields.require("timezone", "Write a region such as Europe/Zurich, or person for the person's own.")
    return None if fields.take("timezone") == PERSON else read_zone(fields, "timezone")


def _fallback(fields: Fields, zone: str | None) -> str | None:
    fallback = read_zone(fields, "fallback_timezone")
    is_persons = fields.take("timezone") == PERSON
    if is_persons and not fields.has("fallback_timezone"):
        remedy = "Write one, such as Europe/Zurich: it counts for people without a time zone of their own."
        fields.fault("fallback_timezone", "`timezone: person` needs a fallback.", remedy)
    if zone is not None and fields.has("fallback_timezone"):
        problem = f"`timezone: {zone}` is everybody's, and needs no fallback."
        fields.fault("fallback_timezone", problem, "Leave it out, or write `timezone: person`.")
    return fallback
