"""What became of a hand-over: how the journey's log says it, and when it is tried again, by whomever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from engine.decisions import Note, NoteKind

GIVE_UP_AFTER: Final = timedelta(hours=24)
"""A message that nobody took for a day fails (behaviour 6.41)."""

CUT_OFF: Final = "The worker stopped between hand-over and record; nobody knows whether the message left."

NOT_DUE: Final = "It is not due any more."

_LONGEST_PAUSE: Final = timedelta(minutes=10)
_FIRST_PAUSE_ALONE: Final = timedelta(seconds=10)
_LONGEST_PAUSE_ALONE: Final = timedelta(hours=1)

_NOTES: Final[Mapping[str, tuple[NoteKind, str]]] = {
    "sent": ("sent", "handed over"),
    "attempted": ("attempted", "not taken yet; it is tried again while the journey goes on"),
    "failed": ("failed", "failed"),
    "suppressed": ("suppressed", "not sent, the address is suppressed"),
    "unknown": ("unknown", "nobody knows whether it left; an operator settles it"),
}


def note_of(block: str, state: str, why: str | None) -> Note:
    """Return the line of the log that says in which state a delivery was left."""
    kind, said = _NOTES[state]
    return Note(kind=kind, block=block, text=f"Message {block}: {said}", seen={"reason": why} if why else {})


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after so many hand-overs that were not taken: a second, doubled up to ten minutes."""
    return min(timedelta(seconds=2 ** min(attempts - 1, 10)), _LONGEST_PAUSE)


def next_attempt(attempts: int, asked: timedelta | None, *, since: datetime, now: datetime) -> datetime:
    """Return when a message is tried again that its journey does not wait for: the last time a day after the first.

    `asked` is how long the receiver asks us to wait. Otherwise it is ten seconds, doubled up to an hour.
    """
    pause = asked or min(_FIRST_PAUSE_ALONE * 2 ** min(attempts - 1, 10), _LONGEST_PAUSE_ALONE)
    return min(now + pause, since + GIVE_UP_AFTER)
