from __future__ import annotations

import pytest

from storage.database import Pool
from tests.activities.passage import Passage


@pytest.fixture
async def passage(pool: Pool) -> Passage:
    return await Passage.begin(pool)
