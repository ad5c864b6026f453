"""Clicks meet the deletion of the person in any order, and nothing that says who they were stays."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from storage import erasure, tracking
from storage.database import Connection, Pool
from tests.records import add_delivery

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ADDRESS = "https://shop.example/?email=ada@example.com"


@pytest.fixture
async def delivery(pool: Pool) -> str:
    """A message to person 1."""
    campaign = await pool.fetchval(
        """
        INSERT INTO campaigns (workspace_id, key, name, state, latest_version, created_at, updated_at)
        VALUES (1, 'x', 'x', 'running', 1, $1, $1) RETURNING id
        """,
        NOW,
    )
    return await add_delivery(pool, 1, campaign, 1, 1, NOW)


async def _is_waiting(pool: Pool) -> bool:
    """Whether one of the two waits for the other."""
    return bool(
        await pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    )


async def _erase(connection: Connection) -> None:
    await erasure.erase(connection, [1])


async def _kept(pool: Pool) -> tuple[int, set[str]]:
    times = await pool.fetchval("SELECT times FROM deliveries")
    return await pool.fetchval("SELECT count(*) FROM clicked_links"), set(times)


async def test_where_links_led_is_deleted_with_the_person_and_that_they_were_clicked_stays(
    pool: Pool, delivery: str
) -> None:
    async with pool.acquire() as connection:
        await tracking.clicked(connection, delivery, ADDRESS, now=NOW)
        assert (1, {"opened", "clicked"}) == await _kept(pool)
        await _erase(connection)

    assert (0, {"opened", "clicked"}) == await _kept(pool)


async def test_a_click_after_the_deletion_says_nothing_about_anybody(pool: Pool, delivery: str) -> None:
    async with pool.acquire() as connection:
        await _erase(connection)
        await tracking.clicked(connection, delivery, ADDRESS, now=NOW)

    assert (0, {"opened", "clicked"}) == await _kept(pool)


async def test_a_click_in_the_midst_of_the_deletion_leaves_no_address(pool: Pool, delivery: str) -> None:
    async with pool.acquire() as deleting, pool.acquire() as clicking:
        async with deleting.transaction():
            await _erase(deleting)
            click = asyncio.create_task(tracking.clicked(clicking, delivery, ADDRESS, now=NOW))
            while not await _is_waiting(pool):
                assert not click.done()
        await click

    assert (0, {"opened", "clicked"}) == await _kept(pool)


async def test_a_deletion_in_the_midst_of_a_click_leaves_no_address(pool: Pool, delivery: str) -> None:
    async with pool.acquire() as deleting, pool.acquire() as clicking:
        async with clicking.transaction():
            await tracking.clicked(clicking, delivery, ADDRESS, now=NOW)
            deletion = asyncio.create_task(_erase(deleting))
            while not await _is_waiting(pool):
                assert not deletion.done()
        await deletion

    assert (0, {"opened", "clicked"}) == await _kept(pool)


async def test_each_installation_has_a_secret_of_its_own_and_one_only(pool: Pool) -> None:
    async with pool.acquire() as connection:
        secret = await tracking.link_secret(connection)

    assert 32 == len(secret)
    assert 1 == await pool.fetchval("SELECT count(*) FROM link_secret")
