"""The one clock of a test world: it runs like any other, and jumps when the test says so."""

from __future__ import annotations

import time
from datetime import datetime, timedelta


class WorldClock:
    """Called, it says the present instant. It never goes back."""

    def __init__(self, now: datetime) -> None:
        self._base = now
        self._mark = time.monotonic()

    def __call__(self) -> datetime:
        return self._base + timedelta(seconds=time.monotonic() - self._mark)

    def jump(self, instant: datetime) -> None:
        """Go to an instant; stay where it is already later."""
        self._base = max(instant, self())
        self._mark = time.monotonic()
