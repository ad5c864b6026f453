"""Partitions are made ahead whatever becomes of the old ones, and what is old is forgotten a little at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from intake import retention
from storage.database import Pool
from workers.housekeeping import forget, tidy

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


@pytest.fixture
async def refused(pool: Pool) -> Pool:
    """Somebody was refused a hundred times, once a day until the tenth of May."""
    await pool.execute(
        """
        INSERT INTO workspaces (name, created_at) VALUES ('shop', '2026-01-01');
        INSERT INTO campaigns (workspace_id, key, name, state, latest_version, created_at, updated_at)
        VALUES (1, 'thanks', 'Thanks', 'running', 1, '2026-01-01', '2026-01-01');
        INSERT INTO refusals (campaign_id, person_id, occurrence, workspace_id, at, reason, seen)
        SELECT 1, 7, 'e' || n, 1, timestamptz '2026-05-10' - n * interval '1 day', 'stale', '{}'
        FROM generate_series(0, 99) AS n;
        """
    )
    return pool


async def test_refusals_past_their_time_are_forgotten_and_others_kept(refused: Pool) -> None:
    assert await forget(refused, now=MAY, retention_days=30)

    rows = await refused.fetch("SELECT at FROM refusals ORDER BY at")
    assert [MAY - timedelta(days=days) for days in range(30, -1, -1)] == [row["at"] for row in rows]


async def test_many_old_refusals_are_forgotten_a_little_at_a_time(
    refused: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_REFUSALS", 2)
    done = [await forget(refused, now=MAY, retention_days=30) for _ in range(4)]

    assert [False, False, False, True] == done
    assert 31 == await refused.fetchval("SELECT count(*) FROM refusals")


async def test_a_refusal_that_somebody_is_at_work_on_keeps_nobody_waiting(refused: Pool) -> None:
    async with refused.acquire() as holder, holder.transaction():
        await holder.execute("SELECT FROM refusals WHERE occurrence = 'e99' FOR UPDATE")
        await forget(refused, now=MAY, retention_days=30)

    rows = await refused.fetch("SELECT occurrence FROM refusals WHERE at < $1", MAY - timedelta(days=30))
    assert ["e99"] == [row["occurrence"] for row in rows]
