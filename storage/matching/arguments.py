"""What a document says goes to the database as arguments of the query, never as a part of its text."""

from __future__ import annotations

from typing import Any


class Arguments:
    """The arguments of one query, in order, and the names that are made up for it."""

    def __init__(self, *given: Any) -> None:
        self.values: list[Any] = list(given)
        self._names = 0

    def name(self) -> str:
        """Return a name for rows that nothing else in the query has."""
        self._names += 1
        return f"r{self._names}"

    def add(self, value: Any, kind: str) -> str:
        """Add an argument of a type of Postgres; return how the query names it."""
        self.values.append(value)
        return f"${len(self.values)}::{kind}"
