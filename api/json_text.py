"""JSON readers shrug at what a database cannot store, or what a caller cannot have meant.

NaN, a key given twice, integers beyond 64 bits, half a surrogate pair, NUL, ten thousand brackets: each gets a clear
400 here instead of a 500 or a silent loss later. The standard library's decoder takes the hooks that this needs, and
others are no faster once they have to look at keys.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, Final

from engine.errors import InputError

DEEPEST: Final = 100
"""Levels of nesting: far more than clients use, and less than what the JSON writer and Postgres can take."""


def parse(text: bytes) -> object:
    """Read a JSON text in UTF-8. Raises InputError naming the position, the key or the number."""
    try:
        unicode = text.decode("utf-8-sig")
        value = _DECODER.decode(unicode)
    except UnicodeDecodeError as error:
        raise InputError("", f"Byte {error.start} is not UTF-8.", "Send JSON encoded in UTF-8.") from None
    except json.JSONDecodeError as error:
        place = f"Line {error.lineno}, column {error.colno}"
        raise InputError("", f"{place}: this is not valid JSON: {error.msg}.", "Send valid JSON.") from None
    except RecursionError:
        raise _too_deep() from None
    # Only an escape can bring a NUL or half a surrogate pair: as they are, they are invalid JSON and invalid UTF-8.
    if "\\u" in unicode or unicode.count("{") + unicode.count("[") > DEEPEST:
        _check(value, DEEPEST)
    return value


def _check(value: object, depth: int) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict | list):
        if depth == 0:
            raise _too_deep()
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth - 1)
        if isinstance(value, dict):
            for key in value:
                _check_text(key)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise InputError("", "A text contains the character \\u0000, which cannot be stored.", "Leave it out.")
    try:
        text.encode()
    except UnicodeEncodeError:
        problem = "A text contains half a surrogate pair (\\ud800 to \\udfff alone), which is no character."
        raise InputError("", problem, "Send whole characters.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        times = Counter(key for key, _ in pairs)  # one look at each: a megabyte holds a hundred thousand
        twice = next(key for key in times if times[key] > 1)
        raise InputError("", f"The key {twice[:60]!a} appears twice in one object.", "Send each key once.")
    return result


def _integer(digits: str) -> int:
    # Nineteen digits with a sign are the most that can be read without looking.
    if len(digits) < 19:
        return int(digits)
    if len(digits) > 20 or not -(2**63) <= (value := int(digits)) < 2**64:
        problem = f"The integer {digits[:25]}{'…' * (len(digits) > 25)} does not fit into 64 bits."
        raise InputError("", problem, "Send large numbers as text.")
    return value


def _fraction(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise InputError("", f"The number {digits[:25]} is too large.", "Send large numbers as text.")
    return value


def _constant(name: str) -> float:
    raise InputError("", f"{name} is not a JSON value.", "Send null, or leave the key out.")


def _too_deep() -> InputError:
    return InputError("", f"The body is nested deeper than {DEEPEST} levels.", "Send flatter data.")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)
