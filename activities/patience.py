"""What became of a hand-over is known once, here: if the database is away at that moment, it is worth some waiting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg

from runtime import metrics

Written = TypeVar("Written")

_PAUSES: Final = (0.1, 0.3, 1.0, 2.0, 3.0)
"""Seconds between tries to write down an outcome while the database is away. What is never written becomes unknown."""

_AWAY: Final = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection ended between two answers
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)

_log = logging.getLogger(__name__)


async def patiently(delivery: int, write: Callable[[], Awaitable[Written]]) -> Written:
    """Write down how the hand-over of a delivery went, and try again for some seconds while the database is away."""
    for pause in _PAUSES:
        try:
            return await write()
        except _AWAY:
            metrics.record_failed("outcomes")
            _log.warning("delivery %s: its outcome cannot be written down yet", delivery, exc_info=True)
            await asyncio.sleep(pause)
    return await write()
