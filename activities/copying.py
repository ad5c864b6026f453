"""Separate copies of an email, each with a subject that says whose it is (behaviour 6.11).

They leave after the email itself was taken and that was written down, so nothing that happens to a copy can touch it.
Each is tried once; how it went stands in the journey's log and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from activities.handing_over import Outcome, hand_over
from channels.channel import Channel, Email
from engine.decisions import Note


async def hand_over_copies(channel: Channel[Email], copies: Sequence[Email], *, block: str) -> list[Note]:
    """Hand copies over, all at once; return how it went."""
    outcomes = await asyncio.gather(*(hand_over(channel, copy) for copy in copies))
    return [_note(block, copy, outcome) for copy, outcome in zip(copies, outcomes, strict=True)]


def _note(block: str, copy: Email, outcome: Outcome) -> Note:
    if outcome.kind == "sent":
        return Note(kind="copied", block=block, text=f"Message {block}: a copy was handed over", seen={"to": copy.to})
    said = "nobody knows whether a copy left" if outcome.kind == "unknown" else "a copy failed"
    seen = {"to": copy.to, "reason": outcome.reason}
    return Note(kind="copy_failed", block=block, text=f"Message {block}: {said}", seen=seen)
