"""The embedded Temporal and the way to it: what it knows is on disk, and a namespace is made ready once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.ports import free_ports
from engine.errors import ConfigurationError
from runtime.embedded import EmbeddedTemporal
from runtime.settings import Settings
from runtime.temporal import SEARCH_ATTRIBUTES, connect, missing_search_attributes, prepare

DATABASE = "postgresql://nobody@nowhere.example/nothing"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedTemporal]:
    """A dev server of our own, with its data in a file."""
    async with EmbeddedTemporal(tmp_path, port=free_ports(1)[0]) as server:
        yield server


async def test_a_namespace_is_prepared_once_and_any_number_of_times(server: EmbeddedTemporal) -> None:
    client = await connect(Settings(database_url=DATABASE, temporal_address=server.address))
    assert list(SEARCH_ATTRIBUTES) == await missing_search_attributes(client)

    await prepare(client)
    await prepare(client)

    assert [] == await missing_search_attributes(client)


async def test_a_workflow_that_waits_is_there_after_a_kill(server: EmbeddedTemporal) -> None:
    settings = Settings(database_url=DATABASE, temporal_address=server.address)
    await (await connect(settings)).start_workflow("journey", id="journey:1:2:3:e4", task_queue="nobody")

    server.child.kill()
    await server.child.wait()
    await server.start()

    description = await (await connect(settings)).get_workflow_handle("journey:1:2:3:e4").describe()
    assert ("RUNNING") == description.status.name if description.status else None


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "temporal.db").mkdir()

    with pytest.raises(ConfigurationError, match=r"Temporal did not start:\n.*database"):
        await EmbeddedTemporal(tmp_path, port=free_ports(1)[0]).start()
