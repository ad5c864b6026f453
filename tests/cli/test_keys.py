"""`sojourn keys`: a key opens what it was made for, its secret is shown once, and a revoked one opens nothing."""

from __future__ import annotations

import asyncio
import os
import re

import pytest
from typer.testing import CliRunner

from cli.commands import app
from engine.errors import InputError, NotFound
from storage import keys
from storage.database import Pool


class Terminal:
    """Types commands, in a thread: a command has an event loop of its own."""

    async def __call__(self, *words: str) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, app, ["keys", *words])
        if result.exception is not None:
            raise result.exception
        return result.stdout


@pytest.fixture
def sojourn(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in [name for name in os.environ if name.startswith("SOJOURN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SOJOURN_DATABASE_URL", database_url)
    return Terminal()


async def opens(pool: Pool, surface: keys.Surface, secret: str, site_id: str | None) -> bool:
    async with pool.acquire() as connection:
        return await keys.workspace_of(connection, surface, keys.hashed(secret), site_id) is not None


def secret_in(output: str) -> str:
    found = re.search(r"^secret: +(\S+)$", output, re.MULTILINE)
    assert found is not None
    return found[1]


async def test_a_track_key_opens_the_track_api_with_its_site_id(sojourn: Terminal, pool: Pool) -> None:
    output = await sojourn("create", "track", "--site-id", "shop")

    assert "site id: shop" in output
    assert await opens(pool, "track", secret_in(output), "shop")
    assert not await opens(pool, "app", secret_in(output), None)


async def test_an_app_key_opens_the_app_api(sojourn: Terminal, pool: Pool) -> None:
    output = await sojourn("create", "app")

    assert "site id" not in output
    assert await opens(pool, "app", secret_in(output), None)


async def test_a_list_shows_keys_and_no_secret(sojourn: Terminal) -> None:
    secret = secret_in(await sojourn("create", "track", "--site-id", "shop", "--workspace", "north"))

    listed = await sojourn("list")

    assert "north" in listed
    assert "shop" in listed
    assert secret not in listed


async def test_a_revoked_key_opens_nothing_and_is_not_listed(sojourn: Terminal, pool: Pool) -> None:
    secret = secret_in(await sojourn("create", "app"))
    async with pool.acquire() as connection:
        [key] = await keys.living(connection)

    await sojourn("revoke", str(key.id))

    assert not await opens(pool, "app", secret, None)
    with pytest.raises(NotFound, match=f"There is no key {key.id} that still opens anything"):
        await sojourn("revoke", str(key.id))


async def test_a_surface_that_is_none_is_refused(sojourn: Terminal) -> None:
    with pytest.raises(InputError, match="'tracks' is no surface"):
        await sojourn("create", "tracks")
