"""How late people enter for whom time alone has changed something, a thousand twice over in the same minute."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bench.figures import Figure, percentile
from bench.stack import Measured, address, event, identify
from bench.watching import Watch

_MINUTE = 60.0
_WINDOW = 3600.0
_AHEAD = 20.0  # seconds that the preparations may take
_EMAIL = [{"email": {"id": "hello", "subject": "Hello", "body": "<p>Hello {{customer.id}}.</p>"}}]
_QUIET: dict[str, Any] = {
    "name": "Gone quiet",
    "key": "quiet",
    "trigger": {"condition": {"all": [{"in": "came-once"}, {"not_in": "came-lately"}]}},
    "workflow": _EMAIL,
}


async def due(stack: Measured, *, each: int) -> list[Figure]:
    """Let as many memberships change as dates come in one minute: the former evenly, the latter all as it begins.

    A date has a time of day in hours and minutes, so that a thousand of them come at one instant is the ordinary case.
    """
    await stack.segment("came-once", {"performed": {"event": "came"}})
    await stack.segment("came-lately", {"performed": {"event": "came", "within": "1h"}})
    begins = _whole_minute()
    leaving = {f"q{number}": begins + number * _MINUTE / each for number in range(each)}
    dated = [f"r{number}" for number in range(each)]
    day = datetime.fromtimestamp(begins, UTC)
    renewal = day.date().isoformat()
    await stack.send([identify(person, {"email": address(person)}) for person in leaving])
    await stack.send([event(person, "came", at=at - _WINDOW) for person, at in leaving.items()])
    await stack.send([identify(person, {"email": address(person), "renews": renewal}) for person in dated])
    await stack.campaign("quiet", _QUIET)
    await stack.campaign("renewal", _renewal(f"{day:%H:%M}"))
    await _all_waits(stack, each, begins)
    mails = stack.mails.received
    async with Watch(stack) as watch:
        await watch.saw(2 * each, patience=begins - time.time() + 2 * _MINUTE)
    await stack.arrived(mails + 2 * each)
    return [
        _figure("time-only membership changes", [watch.seen["quiet", person] - at for person, at in leaving.items()]),
        _figure("date triggers", [watch.seen["renewal", person] - begins for person in dated]),
    ]


def _whole_minute() -> float:
    return ((time.time() + _AHEAD) // _MINUTE + 1) * _MINUTE


def _renewal(at: str) -> dict[str, Any]:
    trigger = {"date": "renews", "every": "once", "at": at, "timezone": "UTC"}
    return {"name": "Renewal", "key": "renewal", "trigger": trigger, "workflow": _EMAIL}


async def _all_waits(stack: Measured, each: int, until: float) -> None:
    """Return when every date is a row. Raises RuntimeError if the minute comes too soon."""
    await stack.drained()
    while time.time() < until:
        if await stack.database.fetchval("SELECT count(*) FROM date_fires") == each:
            return
    raise RuntimeError("The minute began before everything was prepared.")


def _figure(what: str, late: Sequence[float]) -> Figure:
    return Figure(
        name=f"{what}, {len(late):,} in one minute: entered late by, p95",
        value=percentile(late, 0.95),
        unit="s",
        goal=1.0,
        goal_for="value",
        details={
            "p50_s": round(percentile(late, 0.5), 3),
            "max_s": round(max(late), 3),
            "min_s": round(min(late), 3),
        },
    )
