"""Instants arrive in a dozen spellings; everything that compares dates must read them the same way.

Accepted (behaviour 1.57, 5.08): Unix seconds as a number or a text of digits, and ISO 8601 calendar dates and
date-times. What carries no time zone is read as UTC. Numbers beyond 100 000 000 000 are milliseconds sent by mistake:
not an instant (behaviour 1.59).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

LARGEST_UNIX: Final = 100_000_000_000
"""The year 5138. The same number read as milliseconds is 1973, so a real count of milliseconds lies above it."""

_SECOND: Final = timedelta(seconds=1)
_DIGITS: Final = re.compile(r"-?[0-9]{1,12}")
# `datetime.fromisoformat` alone would take any character between date and time, and eight digits as a date.
_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)?)?"
    r"|\d{8}[Tt]\d{4}(?:\d\d(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)


def just_before(instant: datetime) -> datetime:
    """Return the latest instant before another one that can be told from it."""
    return instant - timedelta.resolution


def parse_instant(value: object) -> datetime | None:
    """Read a value as an aware UTC instant; None if it is not one. Never raises.

    Takes what JSON and YAML can hold: numbers, text, and the `date` and `datetime` objects of a YAML reader.
    """
    if isinstance(value, str):
        return parse_iso(value) or _from_digits(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_unix(value)
    if isinstance(value, datetime):
        return _in_utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def parse_iso(text: str) -> datetime | None:
    """Read an ISO 8601 text as an aware UTC instant; None if it is not one, a text of digits included."""
    if len(text) < len("2024-01-01") or not _ISO.fullmatch(text):
        return None
    try:
        return _in_utc(datetime.fromisoformat(text.upper()))
    except ValueError:
        return None


def parse_date(value: object) -> date | None:
    """Read the calendar date of a value; None if it is no instant. Never raises.

    A text counts as it is written, whatever its offset from UTC; Unix seconds are read in UTC (behaviour 1.61).
    """
    if isinstance(value, str) and _ISO.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).date()
        except ValueError:
            return None
    instant = parse_instant(value)
    return None if instant is None else instant.date()


def unix(instant: datetime) -> int:
    """Return the whole Unix seconds of an aware instant, rounded down."""
    return (instant - EPOCH) // _SECOND


def _from_digits(text: str) -> datetime | None:
    return _from_unix(int(text)) if _DIGITS.fullmatch(text) else None


def _from_unix(seconds: float) -> datetime | None:
    # A comparison with NaN is false, so NaN leaves here too.
    if not -LARGEST_UNIX <= seconds <= LARGEST_UNIX:
        return None
    try:
        return EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _in_utc(instant: datetime) -> datetime | None:
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        return None
