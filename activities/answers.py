"""What a webhook's receiver answers may be worth keeping: mapped values become attributes of the person (6.40).

They go the way of a client's call, so segments follow. That locks the person, and people are locked before journeys: so
it comes first in the transaction that writes down the hand-over, and nothing of it stays if that fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import asyncpg
import orjson

from activities.handing_over import Outcome
from engine.decisions import Note
from engine.errors import InputError
from engine.steps.webhook_content import values_in
from intake.processor import Processor
from storage.database import Connection
from storage.inbox import Input
from storage.journeys import JourneyRow

LARGEST_VALUE: Final = 1_000
"""Bytes of JSON of one attribute, as for clients of the Track API."""

_UNFIT: Final = (InputError, ValueError, TypeError, KeyError, asyncpg.DataError)


async def keep_answer(
    connection: Connection,
    processor: Processor,
    row: JourneyRow,
    block: str,
    content: Mapping[str, Any],
    outcome: Outcome,
    *,
    now: datetime,
) -> list[Note]:
    """Write the mapped values of an answer to the person of a journey; return what there is to say of it.

    Args:
        connection: in a transaction that has locked nothing yet.
        processor: applies the change.
        row: the journey; as it was looked at, not held.
        block: of the message.
        content: that was sent; its `save` says what is kept.
        outcome: of the hand-over.
        now: the journey's instant.
    """
    save: Mapping[str, str] = content.get("save") or {}
    if not save or outcome.kind != "sent" or row.cio_id is None:
        return []
    values = {
        name: value
        for name, value in values_in(outcome.answer, save).items()
        if len(orjson.dumps(value)) <= LARGEST_VALUE
    }
    missing = [name for name in save if name not in values]
    notes = []
    if missing:
        text = f"Message {block}: the answer has no such value, or too large a one"
        notes.append(Note(kind="failed", block=block, text=text, seen={"attributes": missing}))
    if not values:
        return notes
    payload = {"who": {"cio_id": row.cio_id}, "attributes": values, "depth": row.depth + 1}
    item = Input(workspace_id=row.workspace_id, kind="identify", payload=payload, received_at=now)
    try:
        async with connection.transaction():
            await processor.process(connection, [item], now=now)
    except _UNFIT as error:
        text = f"Message {block}: values of the answer could not be written"
        return [*notes, Note(kind="failed", block=block, text=text, seen={"reason": str(error)})]
    text = f"Message {block}: values of the answer are written"
    return [*notes, Note(kind="changed", block=block, text=text, seen={"set": values})]
