"""How often somebody did a thing within a window changes with every event and with the clock, several times over.

The evaluation and the schedule of the next look share this file, so they cannot disagree (behaviour 3.08-3.11).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from engine.conditions.facts import Facts
from engine.conditions.tree import Performed
from engine.tallies import NEVER, Tally

_LAST: Final = datetime.max.replace(tzinfo=UTC)


def tally_of(asked: Performed, facts: Facts) -> Tally:
    """Return how often the person did it, events whose time has come by now included."""
    return facts.tallies.get(asked.question, NEVER).up_to(facts.now, newest=asked.question.newest)


def performed(asked: Performed) -> Callable[[Facts], bool]:
    """Return the condition as a function."""
    enough, window = _enough(asked), asked.within
    if window is None:
        return lambda facts: enough(tally_of(asked, facts).total)
    if not asked.negative:
        return lambda facts: enough(tally_of(asked, facts).within(window, facts.now))

    def not_performed(facts: Facts) -> bool:
        known_since = facts.known_since
        if known_since is not None and known_since > facts.now - window:
            return False
        return enough(tally_of(asked, facts).within(window, facts.now))

    return not_performed


def outlook(asked: Performed) -> Callable[[Facts], tuple[bool, datetime | None]]:
    """Return the condition as a function that also says when time alone changes the truth; None if it never does.

    Intake asks this of every window that an event falls into, so what nearly always is so is settled without counting:
    nothing comes from the future, and then the newest instants alone decide.
    """
    holds, window, least = performed(asked), asked.within, asked.at_least

    def generally(facts: Facts) -> tuple[bool, datetime | None]:
        return holds(facts), turning_instant(asked, facts)

    def ever(facts: Facts) -> tuple[bool, datetime | None]:
        return generally(facts) if tally_of(asked, facts).upcoming else (holds(facts), None)

    def often(facts: Facts) -> tuple[bool, datetime | None]:
        assert window is not None
        tally = tally_of(asked, facts)
        if tally.upcoming:
            return generally(facts)
        if len(tally.newest) < least or (ends_at := tally.newest[least - 1] + window) <= facts.now:
            return False, None
        return True, ends_at

    if window is None:
        return ever
    is_plain = not asked.negative and asked.at_most is None and least > 0
    return often if is_plain else generally


def turning_instant(asked: Performed, facts: Facts) -> datetime | None:
    """Return the first instant after now at which time alone changes the truth; None if it never does."""
    enough, window, now = _enough(asked), asked.within, facts.now
    tally = tally_of(asked, facts)
    count = tally.total if window is None else tally.within(window, now)
    known_at = _known_at(asked, facts)
    steps = [(at, change) for at, change in _steps(tally, window) if at > now]
    if known_at > now:
        steps.append((known_at, 0))
    held = enough(count) and known_at <= now
    for at, together in groupby(sorted(steps), key=_instant):
        count += sum(change for _, change in together)
        if (enough(count) and known_at <= at) != held:
            return at
    return None


def _enough(asked: Performed) -> Callable[[int], bool]:
    least, most = asked.at_least, asked.at_most
    if asked.negative:
        return lambda count: count == 0
    if most is None:
        return lambda count: count >= least
    return lambda count: least <= count <= most


def _known_at(asked: Performed, facts: Facts) -> datetime:
    """Return from when on the person is known for long enough; now if they are, or need not be."""
    if asked.negative and asked.within is not None and facts.known_since is not None:
        return max(facts.now, facts.known_since + asked.within)
    return facts.now


def _steps(tally: Tally, window: timedelta | None) -> Iterator[tuple[datetime, int]]:
    """Yield when the count goes up or down."""
    for at in tally.upcoming:
        yield at, 1
    if window is not None:
        last = _LAST - window
        for at in (*tally.newest, *tally.upcoming):
            if at <= last:
                yield at + window, -1


def _instant(step: tuple[datetime, int]) -> datetime:
    return step[0]
