"""People's time zones come as texts from anywhere; only names of regions say when it is nine o'clock there.

`Canada/Pacific` is one. `EST5EDT` and `(GMT-08:00) Pacific Time` are not: an offset is no place, and a text for people
is no name (behaviour 1.63).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from engine.documents import Fields, shown

_SECOND: Final = timedelta(seconds=1)


def zone_of(name: object) -> ZoneInfo | None:
    """Return the time zone of this name; None if there is none. Never raises."""
    return _loaded(name) if isinstance(name, str) and name in _names() else None


def read_zone(fields: Fields, key: str) -> str | None:
    """Read the name of a time zone from a document; None, with a fault unless it is not there, if it is none."""
    value = fields.take(key)
    if value is None:
        return None
    if zone_of(value) is None:
        remedy = "Write a region such as Europe/Zurich or America/New_York, or UTC."
        fields.fault(key, f"{shown(value)} is not a time zone.", remedy)
        return None
    return str(value)


def instant_in(zone: ZoneInfo, local: datetime) -> datetime | None:
    """Return the UTC instant at which clocks in a zone show `local`, which has no zone; None beyond the years we know.

    Of a time that they show twice, the first; of one that they skip, the first instant after it (behaviour 1.66).
    """
    try:
        at = local.replace(tzinfo=zone).astimezone(UTC)
        return at if at.astimezone(zone).replace(tzinfo=None) == local else _after_the_gap(zone, local, at)
    except OverflowError:
        return None


def _after_the_gap(zone: ZoneInfo, local: datetime, late: datetime) -> datetime:
    """Return the first whole second whose local time is not before `local`.

    The change lies between the readings of `local` by the clocks of after it, and by those of before it.
    """
    early = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while late - early > _SECOND:
        middle = early + (late - early) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).replace(tzinfo=None) < local:
            early = middle
        else:
            late = middle
    return late


@cache
def _names() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


@cache
def _loaded(name: str) -> ZoneInfo:
    return ZoneInfo(name)
