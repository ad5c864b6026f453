"""A mail that says "Hello ," is worse than no mail: what the person lacks stops the message, with a name and a remedy.

Absent and null are the same lack. An empty text is a value: it renders as nothing (behaviour 8.07).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from engine.errors import RenderError

_PLAIN: Final = re.compile(r"[^\W\d][\w-]*")
_SHOWN: Final = 200  # characters of a name; the message is kept with the delivery


def missing(name: str, line: int | None = None) -> RenderError:
    """The error that names a variable which has no value and no fallback."""
    where = f"Line {line}: " if line else ""
    name = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
    return RenderError(f'{where}{name} is missing: add `| default: "…"` to it, or test it with `if` first')


def written(path: Iterable[object]) -> str:
    """A path as its writer wrote it: `event.items[0].name`."""
    text = ""
    for segment in path:
        if isinstance(segment, str) and _PLAIN.fullmatch(segment):
            text += f".{segment}" if text else segment
        else:
            text += f"[{segment!r}]"
    return text
