from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from storage.database import Pool
from tests.activities.passage import Passage
from tests.activities.starting import PRO, Started
from tests.intake.scene import START, Scene
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


@pytest.fixture
async def started(pool: Pool) -> Started:
    """Five people who are pro, one who is not."""
    query = "INSERT INTO workspaces (name, created_at) VALUES ('test', $1) RETURNING id"
    scene = Scene(pool, await pool.fetchval(query, START))
    await scene.segment("pro", PRO)
    await scene.send(*[scene.identify(f"p{n}", plan="pro" if n < 5 else "free") for n in range(6)])
    scene.now += timedelta(hours=1)
    return Started(pool, scene)
