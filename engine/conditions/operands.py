"""What may stand to the right of an operator: each kind with its reader, its document form, its wording and its schema.

YAML hands over dates, numbers and booleans where the writer saw only text. Readers settle the type once, when the
document is read, so that evaluation never guesses.
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from engine.conditions.equality import Scalar, as_number
from engine.conditions.patterns import LONGEST_PATTERN, PatternError, compile_pattern
from engine.conditions.tree import Relative
from engine.durations import format_duration, parse_duration, plain
from engine.errors import Fault
from engine.instants import parse_instant

T = TypeVar("T")

MOST_LISTED: Final = 1000

_SMALLEST, _LARGEST = -(2**63), 2**64 - 1  # what JSON readers take as a whole number without losing digits
_BAR: Final = re.compile(r"(?<!\\)\|")
_MOST_SAID: Final = 10


class RefusedError(ValueError):
    """A reader cannot take the value."""

    def __init__(self, problem: str, remedy: str, *, inside: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        self.inside = inside
        """Where in the operand, such as `[3]`; empty for the whole of it."""
        super().__init__(problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of operand."""

    read: Callable[[Any], Any]
    """From the document to the operand kept in the tree; raises `RefusedError`."""
    write: Callable[[Any], Any]
    """Back to the document: JSON values only, and `read(write(x)) == x`."""
    say: Callable[[Any], str]
    """In words, after the operator's own."""
    schema: Mapping[str, Any]
    """JSON Schema of what `read` takes."""


def _shown(value: object) -> str:
    return reprlib.repr(value)


def _number(value: object) -> int | float:
    number = as_number(value)
    if number is None or not math.isfinite(number):
        raise RefusedError(
            f"{_shown(value)} is not a number.", "Write a number; for dates use `before`, `after` or `between`."
        )
    if not _SMALLEST <= number <= _LARGEST:
        raise RefusedError(
            f"{_shown(value)} is too large a number.", "If it is the name of something, write it in quotes."
        )
    # PostgreSQL holds 5 and 5.0 to be the same document, so they are one number here too.
    return int(number) if number == int(number) else number


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise RefusedError(f"{_shown(value)} is not a text.", "Write a text of at least one character, in quotes.")
    return value


def _scalar(value: object) -> Scalar:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, datetime):
        return _iso(_moment(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value)
    if value is None:
        raise RefusedError(
            "Nothing is not a value.", "To ask whether there is a value write `exists: true` or `exists: false`."
        )
    raise RefusedError(f"{_shown(value)} is not a single value.", "Write a text, a number, true, false or a date.")


def _scalars(value: object) -> tuple[Scalar, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_LISTED:
        raise RefusedError(
            "This is not a list of values.", f"Write a list of 1 to {MOST_LISTED} values, such as [de, at, ch]."
        )
    return tuple(_inside(_scalar, one, place) for place, one in enumerate(value))


def _terms(value: object) -> tuple[str, ...]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (format(Decimal(repr(_number(value))), "f").removesuffix(".0"),)
    terms = tuple(term.replace(r"\|", "|") for term in _BAR.split(_text(value)))
    if "" in terms:
        raise RefusedError(
            "There is nothing on one side of a bar.", r"Write a text on both sides; a bar that is meant is \|."
        )
    return terms


def _moment(value: object) -> datetime:
    instant = parse_instant(value)
    if instant is None:
        raise RefusedError(
            f"{_shown(value)} is not a date.",
            "Write an ISO 8601 date or date-time, Unix seconds, {ago: 7d} or {from_now: 3d}.",
        )
    return instant.replace(microsecond=0)


def _moment_or_relative(value: object) -> datetime | Relative:
    if not isinstance(value, Mapping):
        return _moment(value)
    if len(value) != 1 or not set(value) <= {"ago", "from_now"}:
        raise RefusedError("A moving date is either `ago` or `from_now`.", "Write {ago: 7d} or {from_now: 3d}.")
    [(direction, duration)] = value.items()
    faults: list[Fault] = []
    offset = parse_duration(duration, "", faults)
    if offset is None:
        raise RefusedError(faults[0].problem, faults[0].remedy, inside=f".{direction}")
    return Relative(-offset if direction == "ago" else offset)


def _range(value: object) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise RefusedError("This is not a range.", "Write two numbers or two dates, the smaller first: [10, 20].")
    read: Callable[[Any], Any] = _number if all(as_number(end) is not None for end in value) else _dated
    low, high = (_inside(read, end, place) for place, end in enumerate(value))
    if low > high:
        raise RefusedError("The range begins after its end.", "Write the smaller number or the earlier date first.")
    return low, high


def _dated(value: object) -> datetime:
    if as_number(value) is not None or parse_instant(value) is None:
        raise RefusedError(f"{_shown(value)} is not a date.", "Write two numbers, or two ISO 8601 dates.")
    return _moment(value)


def _pattern(value: object) -> str:
    pattern = _text(value)
    if len(pattern) > LONGEST_PATTERN:
        raise RefusedError("The pattern is too long.", f"Write at most {LONGEST_PATTERN} characters.")
    try:
        compile_pattern(pattern)
    except PatternError as error:
        raise RefusedError(
            f"The pattern cannot be used: {error}.", "Write a regular expression in RE2 syntax, without look-around."
        ) from None
    return pattern


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise RefusedError(f"{_shown(value)} is neither true nor false.", "Write true or false.")
    return value


def _only_true(value: object) -> bool:
    if value is not True:
        raise RefusedError("This operator takes only true.", "Write true; for the opposite use another operator.")
    return value


def _inside(read: Callable[[Any], T], value: object, place: int) -> T:
    try:
        return read(value)
    except RefusedError as refused:
        raise RefusedError(refused.problem, refused.remedy, inside=f"[{place}]{refused.inside}") from None


def _iso(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


def _moment_document(moment: datetime | Relative) -> str | dict[str, str]:
    if isinstance(moment, datetime):
        return _iso(moment)
    return {"ago" if moment.offset < timedelta() else "from_now": format_duration(abs(moment.offset))}


def _quoted(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _listed(values: tuple[Any, ...]) -> str:
    said = " or ".join(_quoted(value) for value in values[:_MOST_SAID])
    return said if len(values) <= _MOST_SAID else f"{said} or {len(values) - _MOST_SAID} more"


def _moment_words(moment: datetime | Relative) -> str:
    if isinstance(moment, datetime):
        return _quoted(moment)
    words = plain(abs(moment.offset))
    return f"{words} ago" if moment.offset < timedelta() else f"{words} from now"


_SCALAR_SCHEMA: Final = {"type": ["string", "number", "boolean"]}
_END_SCHEMA: Final = {"type": ["string", "number"]}
DURATION_SCHEMA: Final = {"type": ["string", "integer", "object"], "description": "A duration such as 45m, 12h or 7d."}

FLAG: Final = Kind(read=_flag, write=bool, say=lambda _: "", schema={"type": "boolean"})
ONLY_TRUE: Final = Kind(read=_only_true, write=bool, say=lambda _: "", schema={"const": True})
SCALAR: Final = Kind(read=_scalar, write=lambda operand: operand, say=_quoted, schema=_SCALAR_SCHEMA)
SCALARS: Final = Kind(
    read=_scalars,
    write=list,
    say=_listed,
    schema={"type": "array", "items": _SCALAR_SCHEMA, "minItems": 1, "maxItems": MOST_LISTED},
)
TERMS: Final = Kind(
    read=_terms,
    write=lambda terms: "|".join(term.replace("|", r"\|") for term in terms),
    say=_listed,
    schema={"type": ["string", "number"], "minLength": 1},
)
TEXT: Final = Kind(read=_text, write=str, say=_quoted, schema={"type": "string", "minLength": 1})
NUMBER: Final = Kind(read=_number, write=lambda operand: operand, say=_quoted, schema=_END_SCHEMA)
MOMENT: Final = Kind(
    read=_moment_or_relative,
    write=_moment_document,
    say=_moment_words,
    schema={
        "anyOf": [
            {"type": ["string", "number"], "description": "ISO 8601, or Unix seconds."},
            *(
                {
                    "type": "object",
                    "properties": {direction: DURATION_SCHEMA},
                    "required": [direction],
                    "additionalProperties": False,
                }
                for direction in ("ago", "from_now")
            ),
        ]
    },
)
RANGE: Final = Kind(
    read=_range,
    write=lambda ends: [_iso(end) if isinstance(end, datetime) else end for end in ends],
    say=lambda ends: " and ".join(_quoted(end) for end in ends),
    schema={"type": "array", "items": _END_SCHEMA, "minItems": 2, "maxItems": 2},
)
PATTERN: Final = Kind(
    read=_pattern,
    write=str,
    say=lambda pattern: f"/{pattern}/",
    schema={"type": "string", "minLength": 1, "maxLength": LONGEST_PATTERN},
)
