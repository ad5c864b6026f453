"""A pattern written in a campaign runs against every person: it must not be able to hang or fill a worker.

RE2 matches in time linear in the text and refuses what it cannot match so: look-around and back-references. Linear is
still much where a pattern is large, so documents count the instructions of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import re2

LONGEST_PATTERN: Final = 1000

_MEMORY: Final = 1 << 20
"""Bytes that one compiled pattern and its cache may take: room for any pattern that is not built to be large, and
little for a worker that holds hundreds of them."""


class PatternError(ValueError):
    """The pattern cannot be used."""


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> Callable[[Any], bool]:
    """Return the test whether a value is a text that the pattern matches from end to end (behaviour 5.12).

    Raises:
        PatternError: the pattern is not of RE2's dialect, or is too large; the message says which.
    """
    fullmatch = _compiled(pattern).fullmatch

    def matches(value: object) -> bool:
        if not isinstance(value, str):
            return False
        try:
            return fullmatch(value) is not None
        except UnicodeEncodeError:  # half of a surrogate pair, which JSON can smuggle in and UTF-8 cannot write
            return False

    return matches


def instructions_of(pattern: str) -> int:
    """Return how many instructions a pattern has: for each character of a text, at worst all of them are tried.

    Raises what `compile_pattern` raises.
    """
    return int(_compiled(pattern).programsize)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "it is not a regular expression"
        raise PatternError(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None
    except UnicodeEncodeError:
        raise PatternError("it is not valid Unicode") from None
