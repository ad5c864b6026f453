"""Partitions are there when an event comes, and go when their time is over."""

from __future__ import annotations

from datetime import UTC, datetime

from intake.retention import drop_partitions, make_partitions
from tests.intake.scene import Scene


async def partitions(scene: Scene) -> list[str]:
    query = "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'events'::regclass ORDER BY 1"
    return [row["name"] for row in await scene.rows(query)]


async def make(scene: Scene) -> None:
    async with scene.pool.acquire() as connection, connection.transaction():
        await make_partitions(connection, now=scene.now)


async def drop(scene: Scene, days: int) -> list[str]:
    async with scene.pool.acquire() as connection, connection.transaction():
        return await drop_partitions(connection, now=scene.now, retention_days=days)


async def test_this_month_and_the_next_are_made_ahead(scene: Scene) -> None:
    scene.now = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)

    await make(scene)
    await make(scene)

    assert ["events_2026_12", "events_2027_01"] == await partitions(scene)


async def test_an_event_makes_the_partition_of_its_month(scene: Scene) -> None:
    late = scene.event("ada", "bought")
    scene.now = datetime(2026, 5, 31, 23, 59, 59, 999999, tzinfo=UTC)
    last = scene.event("ada", "bought")
    scene.now = datetime(2026, 6, 1, tzinfo=UTC)

    await scene.send(late, last, scene.event("ada", "bought"))
    await scene.send(scene.event("ada", "bought"))

    assert ["events_2026_03", "events_2026_05", "events_2026_06"] == await partitions(scene)
    assert [1, 1, 2] == [await scene.one(f"SELECT count(*) FROM {name}") for name in await partitions(scene)]


async def test_events_past_their_time_are_dropped_by_the_month(scene: Scene) -> None:
    await scene.send(scene.event("ada", "bought", id="march"))
    scene.now = datetime(2026, 5, 10, tzinfo=UTC)
    await scene.send(scene.event("ada", "bought", id="may"))

    assert [] == await drop(scene, 60)
    assert ["events_2026_03"] == await drop(scene, 39)

    assert ["may"] == [row["key"] for row in await scene.rows("SELECT key FROM event_keys")]
    assert 1 == await scene.one("SELECT count(*) FROM events")
