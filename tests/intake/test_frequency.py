"""How often a person may enter, also when two intakes are asked at once (behaviour 2.20-2.27)."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from intake.processor import Processor
from storage import entries
from tests.intake.scene import Scene


@pytest.mark.spec("2.20")
async def test_every_event_enters_by_default(scene: Scene) -> None:
    await scene.campaign("thanks")

    await scene.send(*[scene.event("ada", "bought") for _ in range(3)])

    assert 3 == len(await scene.entered("thanks"))


@pytest.mark.spec("2.21", "2.23")
@pytest.mark.parametrize("at_once", [True, False])
async def test_once_is_the_first_entry_only(scene: Scene, at_once: bool) -> None:
    await scene.campaign("thanks", frequency="once")
    inputs = [scene.event("ada", "bought", data={"n": n}) for n in range(3)]

    for items in [inputs] if at_once else [[item] for item in inputs]:
        await scene.send(*items)
    await scene.advance(days=400)
    await scene.send(scene.event("ada", "bought"), scene.event("bob", "bought"))

    assert [0, None] == [
        row["n"] for row in await scene.rows("SELECT (trigger_data->>'n')::int AS n FROM journeys ORDER BY id")
    ]
    assert ["frequency"] * 3 == await scene.refused("thanks")


@pytest.mark.spec("2.22", "2.23")
@pytest.mark.parametrize("at_once", [True, False])
async def test_once_in_24_hours_looks_back_from_each_event(scene: Scene, at_once: bool) -> None:
    await scene.campaign("thanks", frequency={"once_per": "24h"})
    start, inputs = scene.now, []

    for hours, minutes in [(0, 0), (1, 0), (23, 59), (24, 1)]:
        await scene.advance(seconds=(start - scene.now).total_seconds() + hours * 3600 + minutes * 60)
        inputs.append(scene.event("ada", "bought"))
        if not at_once:
            await scene.send(inputs[-1])
    if at_once:
        await scene.send(*inputs)

    assert [0, 24 * 60 + 1] == [(at - start).total_seconds() / 60 for at in await scene.entered("thanks")]
    assert ["frequency", "frequency"] == await scene.refused("thanks")


@pytest.mark.spec("2.23")
async def test_a_refusal_by_frequency_says_when_the_person_last_entered(scene: Scene) -> None:
    await scene.campaign("thanks", frequency="once")

    await scene.send(scene.event("ada", "bought"))
    await scene.advance(hours=1)
    await scene.send(scene.event("ada", "bought"))

    refusal = (await scene.rows("SELECT * FROM refusals"))[0]
    assert ({"last_entered_at": "2026-03-01T12:00:00+00:00"}, scene.now) == (refusal["seen"], refusal["at"])


@pytest.mark.spec("2.24", "2.27")
async def test_an_event_that_failed_its_data_filter_uses_nothing_up(scene: Scene) -> None:
    trigger = {"event": "bought", "where": [{"path": "price", "at_least": 10}]}
    await scene.campaign("thanks", trigger=trigger, frequency="once")

    await scene.send(*[scene.event("ada", "bought", data={"price": price}) for price in (5, 20, 30)])

    assert [20] == [row["trigger_data"]["price"] for row in await scene.rows("SELECT trigger_data FROM journeys")]


@pytest.mark.spec("2.26")
async def test_a_changed_frequency_counts_the_entries_before_it(scene: Scene) -> None:
    await scene.campaign("thanks")
    await scene.send(scene.event("ada", "bought"))

    await scene.campaign("thanks", start=False, frequency="once")
    await scene.send(scene.event("ada", "bought"))
    await scene.campaign("thanks", start=False, frequency={"once_per": "1h"})
    await scene.advance(minutes=59)
    await scene.send(scene.event("ada", "bought"))
    await scene.advance(minutes=1)
    await scene.send(scene.event("ada", "bought"))

    assert 2 == len(await scene.entered("thanks"))


@pytest.mark.spec("2.25")
@pytest.mark.parametrize("frequency", ["once", {"once_per": "1d"}])
@pytest.mark.parametrize("known", [True, False], ids=["known person", "unknown person"])
async def test_two_simultaneous_events_give_one_journey(scene: Scene, frequency: Any, known: bool) -> None:
    """Two intakes, each in its own transaction, begin before either ends."""
    await scene.campaign("thanks", frequency=frequency)
    if known:
        await scene.send(scene.identify("ada"))

    async def one() -> None:
        async with scene.pool.acquire() as connection:
            for _ in range(3):
                try:
                    async with connection.transaction():
                        await Processor().process(connection, [scene.event("ada", "bought")], now=scene.now)
                except asyncpg.UniqueViolationError:
                    continue  # somebody else has just made the same person: intake tries again
                return

    await asyncio.gather(*[one() for _ in range(6)])

    assert 1 == await scene.one("SELECT count(*) FROM journeys")
    assert 5 == await scene.one("SELECT count(*) FROM refusals")
    assert 6 == await scene.one("SELECT count(DISTINCT id) FROM events")
    assert 1 == await scene.one("SELECT count(*) FROM people")


@pytest.mark.spec("2.25")
async def test_the_rows_decide_even_if_nobody_holds_the_person(scene: Scene) -> None:
    """`entries.claim` is right by itself: the lock of the person is not what makes once be once."""
    campaign = await scene.campaign("thanks", frequency="once")
    claim = entries.Claim(campaign_id=campaign, person_id=7, at=scene.now, is_limited=True, allowed_until=None)

    async def one() -> bool:
        async with scene.pool.acquire() as connection, connection.transaction():
            (verdict,) = await entries.claim(connection, [claim])
            return verdict.is_entered

    assert 1 == sum(await asyncio.gather(*[one() for _ in range(8)]))
