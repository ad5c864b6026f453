from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from storage import keys
from storage.database import Connection, Pool

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.acquire() as connection:
        yield connection


async def test_a_workspace_is_made_once(connection: Connection) -> None:
    first = await keys.open_workspace(connection, "shop", now=NOW)

    again = await keys.open_workspace(connection, "shop", now=NOW)

    assert first == again
    assert first != await keys.open_workspace(connection, "other", now=NOW)
    assert 2 == await connection.fetchval("SELECT count(*) FROM definitions")


async def test_a_secret_opens_its_workspace_until_it_is_revoked(connection: Connection) -> None:
    workspace = await keys.open_workspace(connection, "shop", now=NOW)
    await keys.add(connection, workspace, "track", "secret", site_id="site", now=NOW)
    await keys.add(connection, workspace, "track", "secret", site_id="site", now=NOW)
    digest = keys.hashed("secret")

    assert workspace == await keys.workspace_of(connection, "track", digest, "site")
    assert workspace == await keys.workspace_of(connection, "track", digest, None)
    assert await keys.workspace_of(connection, "track", digest, "other") is None
    assert await keys.workspace_of(connection, "app", digest, None) is None
    assert await keys.workspace_of(connection, "track", keys.hashed("wrong"), "site") is None

    await keys.revoke(connection, "track", "secret", site_id="site", now=NOW)

    assert await keys.workspace_of(connection, "track", digest, "site") is None
    assert await keys.workspace_of(connection, "track", digest, None) is None


async def test_no_secret_is_stored(connection: Connection) -> None:
    workspace = await keys.open_workspace(connection, "shop", now=NOW)
    secret = keys.new_secret()
    await keys.add(connection, workspace, "app", secret, now=NOW)

    stored = await connection.fetchval("SELECT api_keys::text FROM api_keys")

    assert secret not in stored


async def test_a_development_key_is_noticed_until_it_is_revoked(connection: Connection) -> None:
    workspace = await keys.open_workspace(connection, "shop", now=NOW)
    await keys.add(connection, workspace, "app", "random", now=NOW)
    assert not await keys.development_key_exists(connection)

    await keys.add(connection, workspace, "app", "dev", is_development=True, now=NOW)
    assert await keys.development_key_exists(connection)

    await keys.revoke(connection, "app", "dev", now=NOW)
    assert not await keys.development_key_exists(connection)


def test_secrets_are_long_and_survive_every_encoding_of_clients() -> None:
    secret = keys.new_secret()

    assert secret.startswith("sk_")
    assert len(secret) > 40
    assert not set(secret) & set(">?~:/ %")
    assert secret != keys.new_secret()
