from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.database import Pool
from tests.activities.passage import Passage
from tests.receiver import Receiver


@pytest.fixture
async def passage(pool: Pool) -> AsyncIterator[Passage]:
    passage = await Passage.begin(pool)
    yield passage
    await passage.webhooks.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Whoever webhooks are sent to."""
    async with Receiver() as receiver:
        yield receiver
