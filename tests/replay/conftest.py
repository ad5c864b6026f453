"""`pytest tests/replay --record-histories` writes the corpus anew: after adding a shape, or a patched change."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from storage.database import Pool
from tests.world import World, open_world


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-histories", action="store_true", help="Write tests/replay/histories anew.")


@pytest.fixture
async def world(pool: Pool, temporal: WorkflowEnvironment) -> AsyncIterator[World]:
    """One whole Sojourn; see tests/world.py."""
    async with open_world(pool, temporal) as world:
        yield world
