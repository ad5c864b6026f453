"""Waits, windows and offsets are written by people: `45m`, `2d`, `1h30m`. One reader, one writer, one wording.

A duration is a whole number of minutes from nothing to ten years; a day is 24 hours.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from engine.errors import Fault

LONGEST: Final = timedelta(days=3650)
"""Ten years: longer than any campaign lives, and far from where adding it to a date overflows."""

_REMEDY: Final = 'Write minutes, hours, days or weeks, such as "45m", "1h30m", "2d" or "1w"; "0" is no time at all.'
_COUNT: Final = "[0-9]{1,7}"
_TEXT: Final = re.compile(
    f"(?:(?P<weeks>{_COUNT})w)?(?:(?P<days>{_COUNT})d)?(?:(?P<hours>{_COUNT})h)?(?:(?P<minutes>{_COUNT})m)?"
)
_UNITS: Final = {
    "weeks": timedelta(weeks=1),
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
}
_ENOUGH: Final = 9_999_999  # minutes that are more than ten years; larger counts would only overflow


def parse_duration(value: object, place: str, faults: list[Fault]) -> timedelta | None:
    """Read `"1h30m"`, `{"hours": 1, "minutes": 30}` or `0`; append a fault and return None if it is none of these."""
    counts = _counts(value)
    if counts is None:
        faults.append(Fault(place=place, problem=f"{reprlib.repr(value)} is not a duration.", remedy=_REMEDY))
        return None
    duration = sum((_UNITS[unit] * min(n, _ENOUGH) for unit, n in counts.items()), timedelta())
    if duration > LONGEST:
        faults.append(
            Fault(
                place=place,
                problem=f"{reprlib.repr(value)} is longer than ten years.",
                remedy="Write at most 3650 days.",
            )
        )
        return None
    return duration


def format_duration(duration: timedelta) -> str:
    """Return the document form, `"1d12h"`, that `parse_duration` reads back.

    Raises:
        ValueError: the duration is negative or has seconds, which a document cannot say.
    """
    days, hours, minutes, seconds = _split(duration)
    if seconds or duration.microseconds:
        raise ValueError(f"{duration} is not a whole number of minutes")
    return "".join(f"{n}{unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if n) or "0"


def plain(duration: timedelta) -> str:
    """Return the duration in words, `"1 hour 30 minutes"`, for people to read. Fractions of a second are dropped."""
    units = zip(_split(duration), ("day", "hour", "minute", "second"), strict=True)
    return " ".join(f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in units if n) or "0 minutes"


def span(duration: timedelta) -> str:
    """Return the duration as it stands behind "the last": `"30 days"`, but `"hour"` for a single one."""
    words = plain(duration)
    number, _, unit = words.partition(" ")
    return unit if number == "1" and " " not in unit else words


def _counts(value: object) -> dict[str, int] | None:
    if value == 0 and type(value) is int:
        return {}
    if isinstance(value, str):
        match = _TEXT.fullmatch(value)
        counts = {unit: int(n) for unit, n in match.groupdict().items() if n} if match else {}
        return {} if value == "0" else counts or None
    if isinstance(value, Mapping):
        whole = all(
            unit in _UNITS and isinstance(n, int) and not isinstance(n, bool) and n >= 0 for unit, n in value.items()
        )
        return dict(value) if value and whole else None
    return None


def _split(duration: timedelta) -> tuple[int, int, int, int]:
    if duration < timedelta():
        raise ValueError(f"{duration} is negative")
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return duration.days, hours, minutes, seconds
