"""The record can start every open journey again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.moves import JourneyStart, Wait
from intake import recovery
from intake.recovery import Sweep, requeue
from storage.database import Pool
from tests.activities.passage import NOW, Passage, email


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
        from storage.queries import load

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
