"""The `date` filter, the same on every machine: UTC unless a time zone is named, and "now" is the scope's now."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import RenderError
from engine.instants import parse_instant

_FORMAT_LENGTH: Final = 200  # a format may ask for padding, so its length bounds the result


def formatted(value: object, form: str, zone: str | None, now: datetime) -> str:
    """A date, an ISO 8601 text, Unix seconds, "now" or "today", in strftime's notation.

    A text that is no date comes back as it is, as in every implementation of Liquid.

    Raises:
        RenderError: the format is too long, or the time zone does not exist.
    """
    if len(form) > _FORMAT_LENGTH:
        raise RenderError(f"a date format has more than {_FORMAT_LENGTH} characters")
    instant = now if value in ("now", "today") else parse_instant(value)
    return str(value) if instant is None else instant.astimezone(_zone(zone)).strftime(form)


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RenderError(f"there is no time zone {name!r}: name one like Europe/Paris") from error
