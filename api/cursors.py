"""A page says where the next one begins. Callers hand that back and must not build on its form, so it is opaque."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Final

import orjson
from fastapi import Query

from engine.errors import InputError

_LARGEST: Final = (1 << 63) - 1

Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=1000)]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many items. A filtered page may hold fewer.")]


def encode(position: Sequence[str | int] | None) -> str | None:
    """Return a position in a list as a cursor; None at the end."""
    return None if position is None else urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


def decode(cursor: str, kinds: Sequence[type]) -> list[str | int]:
    """Read a cursor of this list, whose positions have parts of these types. Raises InputError for anything else."""
    try:
        position = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        position = None
    if not isinstance(position, list) or [type(part) for part in position] != list(kinds):
        raise _foreign()
    if any(isinstance(part, int) and abs(part) > _LARGEST for part in position):
        raise _foreign()
    return position


def after_key(cursor: str | None) -> str:
    """Read the cursor of a list ordered by key: the last key seen, empty at the beginning."""
    return "" if cursor is None else str(decode(cursor, [str])[0])


def number(cursor: str | None, first: int) -> int:
    """Read the cursor of a list ordered by a number; `first` is the position before its first page."""
    return first if cursor is None else int(decode(cursor, [int])[0])


def pair(cursor: str | None, first: tuple[int, int]) -> tuple[int, int]:
    """Read the cursor of a list ordered by two numbers."""
    if cursor is None:
        return first
    one, two = decode(cursor, [int, int])
    return int(one), int(two)


def refusal(cursor: str | None, latest: tuple[int, int, str]) -> tuple[int, int, str]:
    """Read the cursor of a list of refusals."""
    if cursor is None:
        return latest
    at, other, occurrence = decode(cursor, [int, int, str])
    return int(at), int(other), str(occurrence)


def _foreign() -> InputError:
    return InputError("cursor", "This is no cursor of this list.", "Hand back `next` of the page before, unchanged.")
