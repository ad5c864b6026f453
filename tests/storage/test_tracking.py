"""Clicks meet opens and the deletion of the person in any order: times stay true, and who was deleted stays unknown."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

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


async def _opens_and_clicks(pool: Pool) -> tuple[datetime, datetime, bool]:
    row = await pool.fetchrow("SELECT times, open_is_synthetic FROM deliveries")
    assert row is not None
    opened, clicked = (datetime.fromisoformat(row["times"][state]) for state in ("opened", "clicked"))
    return opened, clicked, row["open_is_synthetic"]


@pytest.mark.spec("7.12")
async def test_a_click_that_is_written_after_a_later_open_was_the_first_open(pool: Pool, delivery: str) -> None:
    """The two come in within a millisecond, and the database serves the later one first."""
    async with pool.acquire() as connection:
        await tracking.opened(connection, delivery, now=NOW + timedelta(milliseconds=1))
        await tracking.clicked(connection, delivery, ADDRESS, now=NOW)

    assert (NOW, NOW, False) == await _opens_and_clicks(pool)


@pytest.mark.spec("7.12")
async def test_of_two_clicks_the_earlier_counts_whichever_is_written_first(pool: Pool, delivery: str) -> None:
    later = NOW + timedelta(milliseconds=1)
    async with pool.acquire() as connection:
        for now in (later, NOW, later):
            await tracking.clicked(connection, delivery, ADDRESS, now=now)

    assert (NOW, NOW, True) == await _opens_and_clicks(pool)
    assert (NOW, later) == tuple(await pool.fetchrow("SELECT first_at, last_at FROM clicked_links") or ())


@pytest.mark.spec("7.12")
async def test_an_open_in_the_midst_of_a_click_waits_for_it_and_is_not_the_first(pool: Pool, delivery: str) -> None:
    async with pool.acquire() as clicking, pool.acquire() as opening:
        async with clicking.transaction():
            await tracking.clicked(clicking, delivery, ADDRESS, now=NOW)
            loading = asyncio.create_task(tracking.opened(opening, delivery, now=NOW + timedelta(milliseconds=1)))
            while not await _is_waiting(pool):
                assert not loading.done()
        await loading

    assert (NOW, NOW, False) == await _opens_and_clicks(pool)


@pytest.mark.spec("7.12")
async def test_a_click_long_after_the_open_leaves_it_when_it_was(pool: Pool, delivery: str) -> None:
    async with pool.acquire() as connection:
        await tracking.opened(connection, delivery, now=NOW)
        await tracking.clicked(connection, delivery, ADDRESS, now=NOW + timedelta(hours=1))

    assert (NOW, NOW + timedelta(hours=1), False) == await _opens_and_clicks(pool)


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
