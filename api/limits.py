"""One caller's mistake must not become everybody's slow row: the documented sizes of the Track API (api 2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from engine.errors import InputError

IDENTIFIER_BYTES: Final = 150
"""A person's id, email or cio_id, an anonymous id, and an event's id."""
ATTRIBUTE_NAME_BYTES: Final = 150
ATTRIBUTE_VALUE_BYTES: Final = 1_000
"""A text as UTF-8; a list or object as JSON."""
ATTRIBUTES: Final = 300
EVENT_NAME_BYTES: Final = 100
PAGE_NAME_BYTES: Final = 1_000
"""The name of a page or screen is its address, which is longer than a name."""
EVENT_DATA_BYTES: Final = 100_000
STRUCTURE_BYTES: Final = 100_000
"""The reserved attributes that are structures of their own."""
DEVICE_TOKEN_BYTES: Final = 1_000

_STRUCTURES: Final = frozenset({"cio_relationships", "cio_subscription_preferences"})


def check_size(place: str, what: str, text: str, most: int) -> None:
    """Raise InputError when a text is longer than `most` bytes of UTF-8."""
    if _exceeds(text, most):
        raise InputError(place, f"{what} is {len(text.encode())} bytes long.", f"Send at most {most} bytes.")


def check_json_size(place: str, what: str, value: object, most: int) -> None:
    """Raise InputError when a value is longer than `most` bytes of JSON."""
    size = len(orjson.dumps(value))
    if size > most:
        raise InputError(place, f"{what} is {size:,} bytes of JSON.", f"Send at most {most:,} bytes.")


def check_attributes(attributes: Mapping[str, object], *, inside: str = "") -> None:
    """Check the names and values of attributes. `inside` is the place of the object that holds them.

    Raises InputError naming the attribute.
    """
    if len(attributes) > ATTRIBUTES:
        problem = f"There are {len(attributes)} attributes."
        raise InputError(inside, problem, f"Send at most {ATTRIBUTES} at once.")
    for name, value in attributes.items():
        if not name or _exceeds(name, ATTRIBUTE_NAME_BYTES):
            problem = f"The name of an attribute is {len(name.encode())} bytes long."
            remedy = f"Use names of 1 to {ATTRIBUTE_NAME_BYTES} bytes."
            raise InputError(_inside(inside, name[:40]), problem, remedy)
        if isinstance(value, str):
            if _exceeds(value, ATTRIBUTE_VALUE_BYTES):
                check_size(_inside(inside, name), "The value", value, ATTRIBUTE_VALUE_BYTES)
        elif isinstance(value, dict | list):
            most = STRUCTURE_BYTES if name in _STRUCTURES else ATTRIBUTE_VALUE_BYTES
            check_json_size(_inside(inside, name), "The value", value, most)


def _exceeds(text: str, most: int) -> bool:
    return len(text) > most or (not text.isascii() and len(text.encode()) > most)


def _inside(inside: str, name: str) -> str:
    plain = name.replace("_", "").replace("-", "").isalnum()
    part = name if plain else f"[{orjson.dumps(name).decode()}]"
    return f"{inside}.{part}" if inside and plain else f"{inside}{part}"
