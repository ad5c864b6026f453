"""Official clients send whole Unix seconds; hand-written callers send milliseconds, texts and nonsense (api 2.6).

The rule is stated and simple, because a silently wrong instant shows up months later as a campaign that did not start.
"""

from __future__ import annotations

import re
from typing import Final

from engine.errors import InputError

_LARGEST_SECONDS: Final = 100_000_000_000
"""The year 5138. As milliseconds it is 1973, so that no real instant is ambiguous."""

_YEAR_10000: Final = 253_402_300_800

_DIGITS: Final = re.compile("[0-9]{1,18}")


def unix_seconds(value: object, place: str) -> float:
    """Return Unix seconds for a number or a text of digits; beyond 100 000 000 000 it is read as milliseconds.

    Raises InputError naming the place for everything else: other texts, negative numbers, instants after the year 9999.
    """
    seconds = _number(value)
    if seconds is not None and seconds > _LARGEST_SECONDS:
        seconds /= 1000
    if seconds is None or not 0 <= seconds < _YEAR_10000:
        raise InputError(place, f"{_shown(value)} is not an instant.", "Send Unix seconds as a number.")
    return seconds


def _number(value: object) -> float | None:
    if isinstance(value, str):
        return float(value) if _DIGITS.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
