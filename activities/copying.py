"""Separate copies of an email, each with a subject that says whose it is (behaviour 6.11).

They leave after the email itself was taken and that was written down, so nothing that happens to a copy can touch it.
Each is tried once; how it went stands in the journey's log and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from activities.handing_over import Outcome, hand_over
from channels.channel import Channel, Email
from storage import journeys
from storage.database import Pool
from storage.journeys import LogLine


async def hand_over_copies(
    pool: Pool, channel: Channel, copies: Sequence[Email], *, journey: int, block: str, now: datetime
) -> None:
    """Hand copies over, all at once, and write down how it went. No copies cost nothing."""
    if not copies:
        return
    outcomes = await asyncio.gather(*(hand_over(channel, copy) for copy in copies))
    lines = [_line(block, copy, outcome) for copy, outcome in zip(copies, outcomes, strict=True)]
    async with pool.acquire() as connection:
        await journeys.append(connection, journey, lines, now=now)


def _line(block: str, copy: Email, outcome: Outcome) -> LogLine:
    seen = {"to": copy.to}
    if outcome.kind == "sent":
        return LogLine(kind="copied", block=block, text=f"Message {block}: a copy was handed over", seen=seen)
    said = "nobody knows whether a copy left" if outcome.kind == "unknown" else "a copy failed"
    return LogLine(kind="copy_failed", block=block, text=f"Message {block}: {said}", seen={**seen, "reason": outcome.reason})
