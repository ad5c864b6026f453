"""A hand-over is never cut in half: whoever stops the worker or ends the journey waits for the provider's answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, TypeVar

from temporalio import activity

from channels.channel import Channel, Message, OutcomeUnknown, Refused, TryLater

Result = TypeVar("Result")

_BEAT: Final = 3.0
"""Seconds between heartbeats: a third of the silence after which Temporal takes the worker for dead. A hand-over that
is quicker, as nearly all are, beats not once."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a hand-over. `after` is how long the provider asked us to wait, with `later` only."""

    kind: Literal["sent", "refused", "later", "unknown"]
    reason: str | None = None
    provider_id: str | None = None
    after: timedelta | None = None
    status: int | None = None
    """HTTP status of a receiver's answer."""
    answer: Any = None
    """What it answered, if that was JSON."""


async def hand_over(channel: Channel[Any], message: Message) -> Outcome:
    """Give a message to its channel; never raises."""
    try:
        accepted = await channel.hand_over(message)
    except TryLater as error:
        return Outcome(kind="later", reason=error.reason, after=error.after, status=error.status)
    except Refused as error:
        return Outcome(kind="refused", reason=error.reason, status=error.status)
    except OutcomeUnknown as error:
        return Outcome(kind="unknown", reason=error.reason)
    except Exception as error:
        # A channel promises to raise nothing else; if one does, nobody can say how far it had come.
        _log.exception("channel %s broke its promise", channel.name)
        return Outcome(kind="unknown", reason=f"The channel failed in an unforeseen way ({type(error).__name__}).")
    return Outcome(kind="sent", provider_id=accepted.provider_id, status=accepted.status, answer=accepted.answer)


async def to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Await work to its end, also if this activity is cancelled meanwhile, telling Temporal that we are alive."""
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.wait({task}, timeout=_BEAT)
        except asyncio.CancelledError:
            this = asyncio.current_task()
            assert this is not None
            this.uncancel()
        if not task.done():
            activity.heartbeat()
    return task.result()
