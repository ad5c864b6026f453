"""What pydantic says of a wrong value is meant for programmers; people get the same as one plain sentence."""

from __future__ import annotations

_PREFIX = "Value error, "


def sentence(said: str) -> str:
    """Return pydantic's message about a value without its prefix, and with one full stop."""
    return f"{said.removeprefix(_PREFIX).rstrip('.')}."
