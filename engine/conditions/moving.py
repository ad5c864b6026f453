"""`last_seen before {ago: 30d}` moves with the clock. For one value it turns exactly once, and this file says when.

Both the evaluation and the schedule of the next look use this one formula, so they cannot disagree (behaviour 5.10).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from engine.conditions.equality import as_unix
from engine.conditions.tree import Relative

_SECOND: Final = timedelta(seconds=1)


def offset_seconds(operand: Relative) -> int:
    """Return the offset in seconds, negative for `ago`."""
    return operand.offset // _SECOND


def turning_second(operator: str, offset: int, value: object) -> int | None:
    """Return the first Unix second of a new answer; None for a value that is not a timestamp.

    From that second on `before` is true and `after` is false; until then it is the other way round. Timestamps are
    compared by the second (behaviour 5.23).
    """
    second = as_unix(value)
    if second is None:
        return None
    return second - offset + 1 if operator == "before" else second - offset


def moving_truth(operator: str, turning: int | None, now: int) -> bool:
    """Return whether the operator holds in the Unix second `now`."""
    return turning is not None and (now >= turning) == (operator == "before")
