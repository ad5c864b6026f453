"""What PostgreSQL says about an error quotes people's data: `Key (email_key)=(ada@…) already exists`.

Logs and reasons are read by many and kept for long, so such an error is told without the values: its type, its SQLSTATE
and what was wrong stay.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Final

import asyncpg

_VALUE: Final = re.compile(r"""\s*[:"'(].*""", re.DOTALL)
"""In messages about data (class 22) values come behind a colon, in quotes or in parentheses; others name no value."""


def hush(error: BaseException) -> None:
    """Take the values out of an exception, and out of whatever it was caused by or consists of."""
    for one in _chain(error):
        if isinstance(one, asyncpg.PostgresError):
            text = str(one.args[0]) if one.args else ""
            if f"[{one.sqlstate}]" not in text:
                data = str(one.sqlstate).startswith("22")
                one.args = (f"{_VALUE.sub('', text) if data else text} [{one.sqlstate}]",)
            one.detail = one.hint = None


class Hush(logging.Filter):
    """Takes the values out of every exception that a record is about to tell, before anything renders it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        told = [record.exc_info, record.args, record.msg]
        while told:
            match told.pop():
                case BaseException() as error:
                    hush(error)
                case tuple() as several:
                    told += several
                case Mapping() as fields:
                    told += fields.values()
        return True


def _chain(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        parts = one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        waiting += [other for other in (one.__cause__, one.__context__, *parts) if other is not None]
