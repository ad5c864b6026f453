"""SQL kept as SQL: named, commented queries in `storage/sql/*.sql`, read once into plain strings.

A block starts with `-- name: claim_delivery`; the comment lines under the name say what it does and stay out of the
text that is sent. A name that a module asks for and no file has is an AttributeError at import, not at three at night.
"""

from __future__ import annotations

import re
from importlib import resources
from types import SimpleNamespace

_HEADER = re.compile(r"^-- name: *([a-z_]+) *$", re.MULTILINE)
_COMMENT = re.compile(r"^\s*--.*\n", re.MULTILINE)


class Queries(SimpleNamespace):
    """The queries of one file, each an attribute holding its text."""

    def __getattr__(self, name: str) -> str:
        raise AttributeError(f"No query named {name!r}; known are: {', '.join(sorted(vars(self)))}.")


def load(file: str) -> Queries:
    """Read `storage/sql/{file}.sql`. Raises ValueError for a name used twice or an empty block."""
    text = resources.files("storage.sql").joinpath(f"{file}.sql").read_text(encoding="utf-8")
    parts = _HEADER.split(text)
    queries: dict[str, str] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        statement = _COMMENT.sub("", body).strip()
        if name in queries or not statement:
            fault = "defined twice" if statement else "empty"
            raise ValueError(f"storage/sql/{file}.sql: query {name!r} is {fault}.")
        queries[name] = statement
    return Queries(**queries)
