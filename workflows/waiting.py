"""The only place that waits for an instant. Timers follow from absolute instants, so they survive any new start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from temporalio import workflow


async def until(instant: datetime, *, now: datetime, news: Callable[[], bool], text: str) -> None:
    """Return at the instant, or as soon as there is news. Why it returned is read from state, never from here.

    `now` is the journey's clock, which may be ahead of Temporal's; `text` labels the timer in the Web UI.
    """
    if news() or now >= instant:
        return
    try:
        await workflow.wait_condition(news, timeout=instant - workflow.now(), timeout_summary=text)
    except TimeoutError:
        return
