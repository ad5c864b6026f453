"""When somebody has entered is when everybody else can see it, not when a clock was read on the way there."""

from __future__ import annotations

import asyncio
import time
from typing import Self

from bench.stack import Measured

_LOOK = 0.02
_ENTERED = """
SELECT j.id, c.key, p.external_id
FROM journeys AS j
JOIN campaigns AS c ON c.id = j.campaign_id
JOIN people AS p ON p.id = j.person_id
WHERE j.id > $1
ORDER BY j.id
"""


class Watch:
    """Looks for new journeys fifty times a second, so an entry is seen at most so much later than it was committed.

    The stack's connection to the record is the watch's own meanwhile.
    """

    def __init__(self, stack: Measured) -> None:
        self._database = stack.database
        self.seen: dict[tuple[str, str], float] = {}
        """Campaign and person to the instant (time.time) at which the journey was first seen."""

    async def __aenter__(self) -> Self:
        self._last = await self._database.fetchval("SELECT coalesce(max(id), 0) FROM journeys")
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._looking.cancel()
        await asyncio.wait([self._looking])

    async def saw(self, journeys: int, patience: float) -> None:
        """Return when that many were seen. Raises TimeoutError after `patience` seconds, and what broke the watch."""
        async with asyncio.timeout(patience):
            while len(self.seen) < journeys:
                if self._looking.done():
                    self._looking.result()
                await asyncio.sleep(_LOOK)

    async def _look(self) -> None:
        while True:
            rows = await self._database.fetch(_ENTERED, self._last)
            at = time.time()
            for row in rows:
                self._last = row["id"]
                self.seen[row["key"], row["external_id"]] = at
            await asyncio.sleep(_LOOK)
