"""When is this person's next birthday mail due? Months differ in length, years leap, and clocks skip and repeat hours.

The date comes round first, clamped to the end of the month, then the days before or after are counted, and then the
campaign's time of day is looked for on the clocks of the zone (behaviour 1.50-1.66).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from engine.conditions import MISSING
from engine.conditions.paths import read
from engine.documents import shown
from engine.instants import parse_date
from engine.triggers.date import DateTrigger
from engine.zones import instant_in, zone_of

ZONE_ATTRIBUTE: Final = "timezone"
"""Of a person: the name of a region (behaviour 1.62)."""

_FARTHEST: Final = 3
"""Days that a local date and the UTC date of its instant can lie apart: one for the zone, one for a day that a zone
skips altogether as Samoa did, and one to spare."""
_UTC: Final = ZoneInfo("UTC")
_LAST: Final = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Fire:
    """The next instant at which a date of a person starts a journey."""

    at: datetime
    """Aware UTC."""
    date: date
    """The date as it came round, clamped, before the days were counted: it fires once (behaviour 1.69)."""


@dataclass(frozen=True, slots=True)
class NoFire:
    """There is no such instant, and why (behaviour 1.73)."""

    reason: Literal["missing", "unrecognised", "past"]
    text: str
    """One sentence for people to read."""


def next_fire(trigger: DateTrigger, attributes: Mapping[str, Any], *, after: datetime) -> Fire | NoFire:
    """Return the first fire strictly after an instant, aware UTC. Never raises.

    Args:
        trigger: of the campaign.
        attributes: of the person. The zone is that of `timezone` if the trigger says so, or else the fallback.
        after: a date set, or a campaign started, at the very time of the fire is too late (behaviour 1.67, 1.71).
    """
    first, *inside = trigger.path.steps
    value = read(tuple(inside), attributes.get(str(first), MISSING))
    if value is MISSING or value is None or value == "":
        return NoFire("missing", f"The person has no `{trigger.path}`.")
    written = parse_date(value)
    if written is None:
        wanted = "neither an ISO 8601 date, such as 2027-03-01, nor a Unix timestamp in seconds"
        return NoFire("unrecognised", f"`{trigger.path}` is {shown(value)}: {wanted}.")
    zone = _zone(trigger, attributes)
    for day in _coming_round(trigger, written, after.toordinal() - trigger.offset_days - _FARTHEST):
        at = _fire_at(trigger, day, zone)
        if at is not None and at > after:
            return Fire(at, day)
    return NoFire("past", f"`{trigger.path}` is {written.isoformat()}, and the time for that is over.")


def _coming_round(trigger: DateTrigger, written: date, earliest: int) -> Iterator[date]:
    """Yield the dates that can be the next one, in order; none before the day with the number `earliest`."""
    if trigger.every == "once":
        yield written
        return
    near = date.fromordinal(min(max(earliest, 1), _LAST))
    step, month = (12, written.month) if trigger.every == "year" else (1, near.month)
    first = near.year * 12 + month - 1
    # The one of the month or year that `near` lies in and the one after it may both be over, the third cannot.
    for months in (first, first + step, first + 2 * step):
        year, month = divmod(months, 12)
        if year > MAXYEAR:
            return
        day = date(year, month + 1, min(written.day, monthrange(year, month + 1)[1]))
        if day.toordinal() >= earliest:
            yield day


def _fire_at(trigger: DateTrigger, day: date, zone: ZoneInfo) -> datetime | None:
    try:
        local = datetime.combine(day + timedelta(days=trigger.offset_days), trigger.at)
    except OverflowError:
        return None
    return instant_in(zone, local)


def _zone(trigger: DateTrigger, attributes: Mapping[str, Any]) -> ZoneInfo:
    own = zone_of(attributes.get(ZONE_ATTRIBUTE) if trigger.zone is None else trigger.zone)
    return own or zone_of(trigger.fallback) or _UTC
