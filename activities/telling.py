"""Telling many journeys one thing, as quickly as Temporal takes it, and so that nobody is left out.

What has no workflow, because it is not told yet or because Temporal lost it, is left to the outbox: it is started where
the record says and told then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from temporalio.client import Client
from temporalio.service import RPCError

from intake.hearing import nobody_hears
from intake.recovery import start_of, workflow_id
from storage import outbox
from storage.database import Pool
from storage.journeys import OpenJourney

_AT_ONCE: Final = 20
"""Signals on their way: a server with one shard stalls under a hundred, and twenty are as quick."""


async def tell(
    client: Client,
    pool: Pool,
    journeys: Sequence[OpenJourney],
    signal: str,
    argument: dict[str, Any] | str,
    *,
    now: datetime,
) -> None:
    """Signal the workflows of journeys. Raises the RPCError of one that could not be told; the others were."""
    gate = asyncio.Semaphore(_AT_ONCE)
    told = await asyncio.gather(*(_signal(client, journey, signal, argument, gate) for journey in journeys))
    missing = [journey for journey, heard in zip(journeys, told, strict=True) if not heard]
    if not missing:
        return
    async with pool.acquire() as connection:
        for journey in missing:
            messages = [start_of(journey, now=now), outbox.signal(workflow_id(journey), signal, argument)]
            await outbox.add(connection, messages, now=now)


async def _signal(
    client: Client, journey: OpenJourney, signal: str, argument: dict[str, Any] | str, gate: asyncio.Semaphore
) -> bool:
    """Signal one journey; return whether there is a workflow that heard it."""
    async with gate:
        try:
            await client.get_workflow_handle(workflow_id(journey)).signal(signal, argument)
        except RPCError as error:
            if nobody_hears(error):
                return False
            raise
    return True
