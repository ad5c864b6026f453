"""The record can start every open journey again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.moves import JourneyStart, RedeliveryStart, Wait
from intake import recovery
from intake.recovery import Sweep, requeue, requeue_untaken
from storage.database import Pool
from storage.queries import load
from tests.activities.passage import NOW, Passage, email
from tests.records import add_delivery


@pytest.fixture
async def passage(pool: Pool) -> Passage:
    passage = await Passage.begin(pool)
    await passage.campaign({"delay": "1d"}, email())
    for person in ("ada", "bob", "cem"):
        await passage.identify(person)
        await passage.event(person=person)
    await pool.execute("DELETE FROM outbox")
    return passage


async def _starts(passage: Passage) -> list[JourneyStart]:
    rows = await passage.pool.fetch("SELECT payload FROM outbox ORDER BY id")
    return [JourneyStart.model_validate(row["payload"]["argument"]) for row in rows]


async def test_open_journeys_are_started_where_they_stand_page_by_page(
    passage: Passage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PAGE", 2)
    async with passage.pool.acquire() as connection:
        found, after = await requeue(connection, now=NOW)
        assert 2 == found
        found, after = await requeue(connection, after=after, now=NOW)
        assert 1 == found
        assert (0, after) == await requeue(connection, after=after, now=NOW)
    starts = await _starts(passage)
    assert [1, 1, 1] == [start.turn for start in starts]
    assert {NOW + timedelta(days=1)} == {start.first.until for start in starts if isinstance(start.first, Wait)}


async def test_an_ended_journey_is_left_alone(passage: Passage) -> None:
    await passage.pool.execute("UPDATE journeys SET state = 'finished'")
    async with passage.pool.acquire() as connection:
        assert 0 == (await requeue(connection, now=NOW))[0]


async def test_an_event_that_waits_for_its_filters_is_started_again_too(passage: Passage) -> None:
    await passage.pool.execute("UPDATE journeys SET state = 'finished'")
    await passage.segment("paying", {"attribute": "plan", "equals": "pro"})
    await passage.campaign({"delay": "1d"}, email(), filters={"in": "paying"})
    await passage.event()
    await passage.pool.execute("DELETE FROM outbox")
    async with passage.pool.acquire() as connection:
        await requeue(connection, now=NOW)
    (start,) = await _starts(passage)
    assert isinstance(start.first, Wait)
    assert (0, NOW + timedelta(minutes=30)) == (start.turn, start.first.until)


async def test_the_sweep_finds_what_is_long_overdue_and_comes_round(
    passage: Passage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PAGE", 2)
    sweep = Sweep()
    async with passage.pool.acquire() as connection:
        assert 0 == await sweep.look(connection, now=NOW + timedelta(days=1, minutes=9))
        late = NOW + timedelta(days=1, minutes=11)
        assert [2, 1, 2] == [await sweep.look(connection, now=late) for _ in range(3)]


async def test_the_sweep_looks_by_index(passage: Passage) -> None:
    async with passage.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.fetch(
            f"EXPLAIN {load('journeys').overdue}".replace("$1", "now()")
            .replace("$2", "now()")
            .replace("$3", "1")
            .replace("$4", "10")
        )
    assert any("journeys_due" in row[0] for row in plan)


async def test_an_end_that_was_asked_for_is_carried_into_the_new_start(passage: Passage) -> None:
    await passage.pool.execute("UPDATE journeys SET ending = 'manual'")
    async with passage.pool.acquire() as connection:
        await requeue(connection, now=NOW)
    assert {"manual"} == {start.ending for start in await _starts(passage)}


async def _swept(passage: Passage, **later: float) -> list[JourneyStart]:
    """Return what one look of the sweep starts, so much later."""
    await passage.pool.execute("DELETE FROM outbox")
    async with passage.pool.acquire() as connection:
        await Sweep().look(connection, now=NOW + timedelta(**later))
    return await _starts(passage)


async def test_the_sweep_finds_what_stands_at_a_message_and_has_not_moved(pool: Pool) -> None:
    passage = await Passage.begin(pool)
    await passage.campaign(email())
    await passage.identify()
    journey = await passage.event()

    assert [] == await _swept(passage, minutes=14)
    (start,) = await _swept(passage, minutes=16)
    assert (journey, 1, "send") == (start.journey, start.turn, start.first.kind if start.first else None)


async def test_the_sweep_leaves_alone_a_message_that_was_just_tried(pool: Pool) -> None:
    passage = await Passage.begin(pool)
    await passage.campaign(email())
    await passage.identify()
    row = await passage.journey(await passage.event())
    delivery = await add_delivery(pool, passage.workspace, row["campaign_id"], row["person_id"], row["id"], NOW)
    tried = "UPDATE deliveries SET state = 'attempted', updated_at = $1 WHERE public_id = $2"
    await pool.execute(tried, NOW + timedelta(minutes=10), delivery)

    assert [] == await _swept(passage, minutes=24)
    assert [row["id"]] == [start.journey for start in await _swept(passage, minutes=26)]


async def test_the_sweep_finds_events_whose_filters_had_their_time(pool: Pool) -> None:
    passage = await Passage.begin(pool)
    await passage.segment("paying", {"attribute": "plan", "equals": "pro"})
    await passage.campaign(email(), filters={"in": "paying"})
    await passage.identify()
    await passage.event()

    assert [] == await _swept(passage, minutes=44)
    assert [0] == [start.turn for start in await _swept(passage, minutes=46)]


async def test_the_sweep_goes_through_what_stands_still_page_by_page(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PAGE", 2)
    passage = await Passage.begin(pool)
    await passage.campaign(email())
    for person in ("ada", "bob", "cem"):
        await passage.identify(person)
        await passage.event(person=person)
    sweep = Sweep()

    async with pool.acquire() as connection:
        late = NOW + timedelta(minutes=16)
        assert [2, 1, 2] == [await sweep.look(connection, now=late) for _ in range(3)]


async def test_the_sweep_looks_for_what_stands_still_by_index(passage: Passage) -> None:
    async with passage.pool.acquire() as connection, connection.transaction():
        # Empty tables say nothing of what is cheap, so what would be slow in large ones is ruled out.
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE stuck (timestamptz, bigint, integer) AS {load('journeys').stuck}")
        plan = "\n".join(row[0] for row in await connection.fetch("EXPLAIN EXECUTE stuck (now(), 0, 10)"))
    assert "journeys_due" in plan
    assert "Index Cond: (due_at IS NULL)" in plan
    assert "Seq Scan" not in plan, plan


async def _untaken(passage: Passage, count: int) -> None:
    """Write webhooks that are to be tried again, besides an email that is."""
    journey = await passage.pool.fetchrow("SELECT id, campaign_id, person_id FROM journeys ORDER BY id LIMIT 1")
    assert journey is not None
    for number in range(count + 1):
        ids = (passage.workspace, journey["campaign_id"], journey["person_id"], journey["id"])
        public = await add_delivery(passage.pool, *ids, NOW, state="attempted")
        channel = "webhook" if number else "email"
        await passage.pool.execute("UPDATE deliveries SET channel = $2 WHERE public_id = $1", public, channel)


async def _redeliveries(passage: Passage) -> list[RedeliveryStart]:
    rows = await passage.pool.fetch("SELECT payload FROM outbox ORDER BY id")
    starts = [row["payload"] for row in rows if row["payload"]["type"] == "redelivery"]
    return [RedeliveryStart.model_validate(start["argument"]) for start in starts]


async def test_webhooks_that_nobody_took_are_tried_again_page_by_page(
    passage: Passage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PAGE", 2)
    await _untaken(passage, 3)
    now = NOW + timedelta(seconds=1)
    async with passage.pool.acquire() as connection:
        found, after = await requeue_untaken(connection, now=now)
        assert 2 == found
        found, after = await requeue_untaken(connection, after=after, now=now)
        assert (1, (0, after)) == (found, await requeue_untaken(connection, after=after, now=now))
    assert [(NOW, now)] * 3 == [(start.since, start.due) for start in await _redeliveries(passage)]


async def test_the_sweep_finds_webhooks_that_were_not_tried_for_hours(passage: Passage) -> None:
    await passage.pool.execute("UPDATE journeys SET state = 'finished'")
    await _untaken(passage, 1)
    async with passage.pool.acquire() as connection:
        assert 0 == await Sweep().look(connection, now=NOW + timedelta(hours=1))
        assert 1 == await Sweep().look(connection, now=NOW + timedelta(hours=3))
