"""What pydantic says of a wrong value is meant for programmers; people get the same as one plain sentence."""

from __future__ import annotations

import re
from typing import Final

_PREFIX: Final = "Value error, "
_PLAIN: Final = (
    (re.compile(r"Input should be a valid integer\b.*"), "Write a whole number"),
    (re.compile(r"Input should be a valid number\b.*"), "Write a number"),
    (re.compile(r"Input should be greater than or equal to (\S+)"), r"Write \1 or more"),
    (re.compile(r"Input should be less than or equal to (\S+)"), r"Write \1 or less"),
)
"""What a person who types numbers is told most, in our words."""


def sentence(said: str) -> str:
    """Return pydantic's message about a value without its prefix, and with one full stop."""
    said = said.removeprefix(_PREFIX).rstrip(".")
    return f"{next((match.expand(words) for form, words in _PLAIN if (match := form.fullmatch(said))), said)}."
