"""No process starts on a record that is not there, not migrated, or open to everybody."""

from __future__ import annotations

import re

import asyncpg
import pytest

from cli import readiness
from cli.ports import free_ports
from engine.errors import ConfigurationError
from runtime.clock import system_clock
from runtime.settings import Settings
from storage import keys
from storage.database import Pool


async def refusal(settings: Settings) -> str:
    with pytest.raises(ConfigurationError) as refused:
        await readiness.check(settings)
    return refused.value.message


async def add_development_key(pool: Pool) -> None:
    async with pool.acquire() as connection:
        workspace = await keys.open_workspace(connection, "default", now=system_clock())
        await keys.add(connection, workspace, "app", "dev", is_development=True, now=system_clock())


async def test_a_migrated_and_safe_record_is_ready(database_url: str) -> None:
    await readiness.check(Settings(database_url=database_url))


async def test_a_record_that_is_not_migrated_is_refused_with_the_command(postgres: str) -> None:
    message = await refusal(Settings(database_url=postgres))

    assert "0001_the_record.sql is missing" in message
    assert "Run `sojourn migrate`." in message


async def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"

    message = await refusal(Settings(database_url=f"postgresql://sojourn:s3cret@{address}/sojourn"))

    assert "PostgreSQL at 127.0.0.1/sojourn cannot be used" in message
    assert "s3cret" not in message


async def test_a_temporal_that_does_not_answer_is_named() -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"

    with pytest.raises(ConfigurationError, match=f"Temporal at {address} cannot be used"):
        await readiness.temporal(Settings(database_url="postgresql://", temporal_address=address))


async def test_production_refuses_the_keys_of_development(pool: Pool, database_url: str) -> None:
    await add_development_key(pool)

    assert "`sojourn keys revoke`" in await refusal(Settings(database_url=database_url, environment="production"))
    await readiness.check(Settings(database_url=database_url, environment="development"))


async def test_production_takes_a_development_key_that_was_revoked(pool: Pool, database_url: str) -> None:
    await add_development_key(pool)
    async with pool.acquire() as connection:
        [key] = await keys.living(connection)
        assert await keys.revoke_number(connection, key.id, now=system_clock())

    await readiness.check(Settings(database_url=database_url))


@pytest.mark.parametrize("password", ["postgres", "changeme", "CHANGE-ME", "sojourn", ""])
async def test_production_refuses_a_password_that_everybody_tries(pool: Pool, password: str) -> None:
    settings = Settings(database_url=f"postgresql://sojourn:{password}@127.0.0.1/sojourn")
    async with pool.acquire() as connection:
        with pytest.raises(ConfigurationError, match="SOJOURN_DATABASE_URL is one that everybody tries"):
            await readiness.refuse_defaults(settings, connection)


async def test_a_password_of_ones_own_and_a_socket_without_one_are_fine(pool: Pool) -> None:
    async with pool.acquire() as connection:
        for url in ("postgresql://sojourn:9f2c7d@127.0.0.1/sojourn", "postgresql://postgres@/sojourn?host=/run"):
            await readiness.refuse_defaults(Settings(database_url=url), connection)


async def test_a_database_that_does_not_exist_is_named(postgres: str) -> None:
    with pytest.raises(ConfigurationError, match='database "nowhere" does not exist') as refused:
        await readiness.check(Settings(database_url=re.sub(r"/\w+\?", "/nowhere?", postgres)))

    assert isinstance(refused.value.__cause__, asyncpg.InvalidCatalogNameError)
