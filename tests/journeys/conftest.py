"""Scenarios play in a whole world each."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from storage.database import Pool
from tests.world import World, open_world


@pytest.fixture
async def world(pool: Pool, temporal: WorkflowEnvironment) -> AsyncIterator[World]:
    """One whole Sojourn; see tests/world.py."""
    async with open_world(pool, temporal) as world:
        yield world
