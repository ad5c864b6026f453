"""A whole stack for each file of tests: they leave it settled, so one serves many."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.faults.stack import RunningStack, running_stack


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """The whole stack, running."""
    async with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack
