"""A window of 90 days over ten thousand events must cost neither ten thousand rows nor a slow query.

Whether somebody did a thing at least three times in a window depends on nothing but their third newest instant. So a
person and a question are one row: how often, and the few newest instants that the question needs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MOST_UPCOMING: Final = 1000
"""Instants from the future that are remembered, the nearest ones: far more than clocks that run ahead can make."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How often one person did what one question asks about. Instants are aware UTC."""

    total: int = 0
    """Events whose time had come when the tally was last brought up to date."""
    newest: tuple[datetime, ...] = ()
    """The newest of these, newest first, at most as many as the question needs."""
    upcoming: tuple[datetime, ...] = ()
    """Events from the future, earliest first: each counts once its time has come (behaviour 1.39)."""

    def plus(self, at: datetime, *, now: datetime, newest: int) -> Tally:
        """Return the tally with one more event, which happened at `at`. `newest` is that of the question."""
        if at > now:
            return Tally(self.total, self.newest, tuple(sorted((*self.upcoming, at))[:MOST_UPCOMING]))
        return Tally(self.total + 1, _newest_of((*self.newest, at), newest), self.upcoming)

    def and_those_of(self, other: Tally, *, newest: int) -> Tally:
        """Return the tally of both: what two turn out to have done who are one person."""
        upcoming = tuple(sorted((*self.upcoming, *other.upcoming))[:MOST_UPCOMING])
        return Tally(self.total + other.total, _newest_of((*self.newest, *other.newest), newest), upcoming)

    def up_to(self, now: datetime, *, newest: int) -> Tally:
        """Return the tally after the upcoming events whose time has come by now are counted; itself if none has."""
        come = bisect_right(self.upcoming, now)
        if not come:
            return self
        counted = _newest_of((*self.newest, *self.upcoming[:come]), newest)
        return Tally(self.total + come, counted, self.upcoming[come:])

    def within(self, window: timedelta, now: datetime) -> int:
        """Return how many of the newest instants lie in (now - window, now]: all that the question can tell apart.

        The tally must be up to date.
        """
        start = now - window
        return bisect_left(self.newest, x=True, key=lambda at: at <= start)


NEVER: Final = Tally()


def _newest_of(instants: tuple[datetime, ...], newest: int) -> tuple[datetime, ...]:
    return tuple(sorted(instants, reverse=True)[:newest])
