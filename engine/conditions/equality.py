"""The same fact arrives as `5`, `"5"` or `5.0`, as `true` or `"1"`, as a Unix second or an ISO text. What equals what?

The rules (behaviour 5.20-5.24), for a value of a person or event and an operand written in a document:

- Text equals text byte for byte. A number equals a number of the same size, and a text that is a decimal form of it.
- The operand `true` equals `true`, `"true"`, `1` and `"1"`; `false` likewise. No other operand equals a boolean value.
- Two timestamps are equal if they denote the same second. Two plain numbers are compared as numbers, so at least one of
  the two must be written in ISO 8601.
- An object, a list, null and an absent value equal nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from engine.instants import parse_instant, parse_iso, unix

Scalar = str | int | float | bool
Test = Callable[[object], bool]

# No leading zeros: "007" and "0041 79…" are names of things, not sizes. The length keeps int() cheap.
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{1,40})?")
_SPELLINGS: Final = {True: ("true", "1"), False: ("false", "0")}


def as_number(value: object) -> int | float | None:
    """Return the number that a value is or is the decimal form of; None if there is none. A boolean is no number."""
    if isinstance(value, int | float):
        return None if isinstance(value, bool) else value
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        whole, _, fraction = value.partition(".")
        return float(value) if fraction.strip("0") else int(whole)
    return None


def as_unix(value: object) -> int | None:
    """Return the whole Unix seconds of a value that is a timestamp; None if it is not."""
    instant = parse_instant(value)
    return None if instant is None else unix(instant)


def is_boolean(value: object, *, wanted: bool) -> bool:
    """Whether a value says true, or says false, in one of the spellings of behaviour 5.22."""
    if isinstance(value, str):
        return value in _SPELLINGS[wanted]
    return isinstance(value, int | float) and value == int(wanted)


def equals_any(operands: Iterable[Scalar]) -> Test:
    """Build the test whether a value equals one of the operands. Its cost does not grow with their number."""
    written = tuple(operands)
    booleans = tuple(one for one in written if isinstance(one, bool))
    numbers = frozenset(one for one in written if isinstance(one, int | float) and not isinstance(one, bool))
    texts = frozenset(one for one in written if isinstance(one, str))
    sizes = numbers | {size for text in texts if (size := as_number(text)) is not None}
    iso_seconds = frozenset(unix(instant) for text in texts if (instant := parse_iso(text)))
    all_seconds = iso_seconds | {second for one in (*numbers, *texts) if (second := as_unix(one)) is not None}

    if texts and not (booleans or sizes or all_seconds):
        return lambda value: isinstance(value, str) and value in texts

    def text_equals(value: str) -> bool:
        if value in texts or (numbers and as_number(value) in numbers):
            return True
        if not all_seconds:
            return False
        instant = parse_iso(value)
        # Two texts of digits were compared as texts already; as seconds they would be "7" and "007".
        return unix(instant) in all_seconds if instant else as_unix(value) in iso_seconds

    def equals(value: object) -> bool:
        if booleans and any(is_boolean(value, wanted=wanted) for wanted in booleans):
            return True
        if isinstance(value, str):
            return text_equals(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return value in sizes or (bool(iso_seconds) and as_unix(value) in iso_seconds)

    return equals
