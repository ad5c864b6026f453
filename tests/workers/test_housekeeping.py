"""Partitions are made ahead whatever becomes of the old ones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storage.database import Pool
from workers.housekeeping import tidy

MARCH = datetime(2026, 3, 10, tzinfo=UTC)
MAY = datetime(2026, 5, 10, tzinfo=UTC)


@pytest.fixture
async def march(pool: Pool) -> Pool:
    """Events are kept since March."""
    await tidy(pool, now=MARCH, retention_days=None)
    return pool


async def partitions(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass")
    return sorted(row[0] for row in rows)


async def test_what_is_past_its_time_is_dropped_and_the_next_month_made(march: Pool) -> None:
    await tidy(march, now=MAY, retention_days=30)

    assert ["events_2026_04", "events_2026_05", "events_2026_06"] == await partitions(march)


async def test_without_a_retention_everything_is_kept(march: Pool) -> None:
    await tidy(march, now=MAY, retention_days=None)

    assert [f"events_2026_0{month}" for month in (3, 4, 5, 6)] == await partitions(march)


async def test_old_events_that_are_being_read_do_not_keep_the_next_month_from_being_made(
    march: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    async with march.acquire() as reader, reader.transaction():
        await reader.execute("SELECT FROM events_2026_03")
        await tidy(march, now=MAY, retention_days=30)

    assert ["old events are being read; they are dropped later"] == caplog.messages
    assert [f"events_2026_0{month}" for month in (3, 4, 5, 6)] == await partitions(march)


async def test_old_events_that_something_depends_on_are_reported_and_kept(
    march: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    await march.execute("CREATE VIEW report AS SELECT count(*) FROM events_2026_03")
    await tidy(march, now=MAY, retention_days=30)

    assert [True] == ["old events cannot be dropped" in message for message in caplog.messages]
    assert [f"events_2026_0{month}" for month in (3, 4, 5, 6)] == await partitions(march)


async def test_partitions_that_cannot_be_made_now_are_made_later(march: Pool, caplog: pytest.LogCaptureFixture) -> None:
    async with march.acquire() as holder, holder.transaction():
        await holder.execute("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE")
        await tidy(march, now=MAY, retention_days=None)

    assert ["somebody holds the events; partitions are made ahead later"] == caplog.messages
