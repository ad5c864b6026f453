"""Who stops matching for a moment should not lose their place: their message waits, and is then decided about.

Only in condition campaigns, and only for a lack of match; a met goal is no reason to wait (behaviour 10.3). In words:
`docs/grace.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine import exits
from engine.decisions import Decision, Note, Situation
from engine.durations import plain
from engine.leaving import leave
from engine.moves import Wait

SHORTEST: Final = timedelta(hours=24)
LONGEST: Final = timedelta(days=31)


def look(situation: Situation, block: str, notes: Sequence[Note] = ()) -> Decision | None:
    """Look, right before the message of `block`, whether the journey leaves or waits instead; None lets it go.

    While a grace period runs, the look is at its end only; with `early_return` also before, whenever the journey is
    woken (behaviour 10.54, 10.55). Its end stays what it was, whatever is edited meanwhile (15.35).
    """
    campaign, is_over = situation.campaign, True
    if situation.state == "grace" and situation.due_at is not None:
        is_over = situation.now >= situation.due_at
    if not is_over and campaign.grace != "early_return":
        return _wait_on(situation, block, notes)
    met = exits.check(situation)
    if met is None:
        return None if is_over or exits.matches(situation) else _wait_on(situation, block, notes)
    if met.reason == exits.STOPPED_MATCHING and not is_over:
        return _wait_on(situation, block, notes)
    if met.reason == exits.STOPPED_MATCHING and situation.state != "grace" and _has_grace(situation):
        return _begin(situation, block, met, notes)
    return leave(met.reason, text=met.text, block=block, seen=met.seen, notes=notes)


def after_wait(situation: Situation, since: datetime, until: datetime) -> Situation:
    """Return the situation once a delay, a window or a wait is over: time was spent in it, perhaps that of a change."""
    if until <= since or not situation.campaign.is_condition:
        return situation
    spent = until - since
    stopped_at = situation.unmatched_at
    is_in_it = stopped_at is not None and since <= stopped_at < until and not _never_matched(situation)
    return replace(situation, last_wait=spent, unmatched_wait=spent if is_in_it else situation.unmatched_wait)


def length(situation: Situation) -> timedelta:
    """Return how long a grace period that begins now is (behaviour 10.51-10.53).

    Half of the wait in which the person stopped matching; of the latest wait if they have never matched yet; and 24 h
    if there is none. At least 24 h, at most 31 days.
    """
    wait = _counted(situation)
    return SHORTEST if wait is None else min(max(wait / 2, SHORTEST), LONGEST)


def _counted(situation: Situation) -> timedelta | None:
    if situation.unmatched_at is None:  # an edit made the difference, or something of this very moment
        return None
    return situation.unmatched_wait or (situation.last_wait if _never_matched(situation) else None)


def _never_matched(situation: Situation) -> bool:
    return situation.unmatched_at is not None and situation.unmatched_at <= situation.started_at


def _has_grace(situation: Situation) -> bool:
    """Whether there is any: not for events, dates and forms, nor where it is switched off (behaviour 10.56, 10.60)."""
    return situation.campaign.is_condition and situation.campaign.grace != "off"


def _begin(situation: Situation, block: str, met: exits.Met, notes: Sequence[Note]) -> Decision:
    planned, wait, now = length(situation), _counted(situation), situation.now
    until = now + planned
    period = {"length": plain(planned), "until": until.isoformat(), "half_of": None if wait is None else plain(wait)}
    text = f"Does not match: grace period of {plain(planned)}, until {until:%Y-%m-%d %H:%M} UTC"
    note = Note(kind="grace", block=block, text=text, seen={**met.seen, "grace": period})
    return _paused(block, since=now, until=until, notes=(*notes, note))


def _wait_on(situation: Situation, block: str, notes: Sequence[Note]) -> Decision:
    assert situation.due_at is not None  # only a period that has an end is waited for
    since = situation.arrived_at or situation.now
    return _paused(block, since=since, until=situation.due_at, notes=notes)


def _paused(block: str, *, since: datetime, until: datetime, notes: Sequence[Note]) -> Decision:
    text = f"Grace period before {block} ({plain(until - since)}), until {until:%Y-%m-%d %H:%M} UTC"
    move = Wait(turn=0, until=until, text=text)
    return Decision(move=move, state="grace", block=block, arrived_at=since, due_at=until, notes=tuple(notes))
