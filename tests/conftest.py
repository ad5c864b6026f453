"""What every test may ask for: a database of its own on a real PostgreSQL, and a real Temporal."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from runtime.postgres import DATABASE, EmbeddedPostgres
from runtime.temporal import prepare
from storage.database import Pool, open_pool
from storage.migrations import migrate

pytest_plugins = ["tests.statements"]

_TEMPLATE = "sojourn_template"
_numbers = count(1)


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """URL of a real PostgreSQL for this run. It does not wait for the disk: tests of durability start their own."""
    async with EmbeddedPostgres(tmp_path_factory.mktemp("postgres")) as server:
        connection = await asyncpg.connect(server.url)
        await connection.execute("ALTER SYSTEM SET fsync = off")
        await connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.execute(f"CREATE DATABASE {_TEMPLATE}")
        await connection.close()
        connection = await asyncpg.connect(_database(server.url, _TEMPLATE))
        await migrate(connection, now=datetime(2026, 1, 1, tzinfo=UTC))
        await connection.close()
        yield server.url


def _database(url: str, name: str) -> str:
    return url.replace(f"/{DATABASE}?", f"/{name}?")


@pytest.fixture
async def database_url(postgres: str) -> AsyncIterator[str]:
    """URL of a fresh, migrated, empty database."""
    name = f"test_{next(_numbers)}"
    connection = await asyncpg.connect(postgres)
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    yield _database(postgres, name)
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on a fresh, migrated, empty database."""
    pool = await open_pool(database_url, name="test")
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """The real Temporal server, in memory, with a clock per workflow that tests move by `fast_forward`."""
    flags = {
        "frontend.WorkflowTimeSkippingEnabled": "true",
        "history.timerProcessorMaxTimeShift": '"1ms"',  # a hop costs 20 ms in place of a second
        "matching.numTaskqueueReadPartitions": "1",
        "matching.numTaskqueueWritePartitions": "1",
    }
    extra = [argument for key, value in flags.items() for argument in ("--dynamic-config-value", f"{key}={value}")]
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_log_level="error",
        dev_server_extra_args=extra,
    )
    async with environment:
        await prepare(environment.client)
        yield environment
