"""How often one person may enter an event campaign (behaviour 2.2)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from intake.loop import Intake
from tests.world import World, email

PURCHASE: dict[str, Any] = {"trigger": {"event": "purchase"}, "workflow": [email("thanks")]}


async def entered(world: World, person: str = "ada") -> list[Any]:
    """Return what the events said by which a person entered."""
    return [one["event_data"].get("at") for one in await world.journeys(person)]


@pytest.mark.spec("2.20")
async def test_by_default_every_event_is_an_entry(world: World) -> None:
    await world.campaign(**PURCHASE)
    await world.identify("ada")
    for at, pause in {"first": 0, "at once": 0, "soon": 1, "later": 90_000}.items():
        await world.advance(minutes=pause)
        await world.event("ada", "purchase", {"at": at})

    assert (["first", "at once", "soon", "later"], 4) == (await entered(world), len(world.mails))


@pytest.mark.spec("2.21")
async def test_once_is_once_ever(world: World) -> None:
    await world.campaign(frequency="once", trigger={"event": "purchase"}, workflow=[{"delay": "1h"}, email("thanks")])
    await world.identify("ada")
    for at, pause in {"first": 0, "meanwhile": 0, "after the end": 2, "a year later": 365 * 24}.items():
        await world.advance(hours=pause)
        await world.event("ada", "purchase", {"at": at})
    await world.event("bob", "purchase", {"at": "somebody else"})

    assert (["first"], ["somebody else"]) == (await entered(world), await entered(world, "bob"))
    assert ["frequency"] * 3 == [one["reason"] for one in await world.refusals("ada")]


@pytest.mark.spec("2.22")
async def test_once_in_24_hours_is_a_window_that_rolls(world: World) -> None:
    await world.campaign(frequency={"once_per": "24h"}, **PURCHASE)
    await world.advance(hours=10)  # 19:00: a calendar day ends inside the first window
    minutes = {"0:00": 0, "1:00": 60, "23:59": 1439, "24:01": 1441, "48:00": 2880, "48:02": 2882}
    passed = 0
    for at, minute in minutes.items():
        await world.advance(minutes=minute - passed)
        await world.event("ada", "purchase", {"at": at})
        passed = minute

    assert ["0:00", "24:01", "48:02"] == await entered(world)


@pytest.mark.spec("2.22")
@pytest.mark.parametrize(("period", "units"), [("30m", {"minutes": 30}), ("6h", {"hours": 6}), ("7d", {"days": 7})])
async def test_a_period_is_minutes_hours_or_days(world: World, period: str, units: dict[str, float]) -> None:
    await world.campaign(frequency={"once_per": period}, **PURCHASE)
    for at, share in {"first": 0, "within it": 0.99, "after it": 0.01, "within the next": 0.99}.items():
        await world.advance(**{unit: share * length for unit, length in units.items()})
        await world.event("ada", "purchase", {"at": at})

    assert ["first", "after it"] == await entered(world)


@pytest.mark.spec("2.23")
async def test_what_frequency_holds_back_is_not_made_up_for(world: World) -> None:
    await world.campaign(frequency={"once_per": "1h"}, **PURCHASE)
    await world.identify("ada")
    await world.event("ada", "purchase", {"at": "first"})
    await world.event("ada", "purchase", {"at": "held back"})

    await world.advance(days=3)
    await world.identify("ada", plan="pro")

    (refusal,), (journey,) = await world.refusals("ada"), await world.journeys("ada")
    assert (["first"], ["thanks"]) == (await entered(world), world.subjects())
    assert ("frequency", journey["started_at"].rstrip("Z")) == (
        refusal["reason"],
        refusal["seen"]["last_entered_at"].removesuffix("+00:00"),
    )


@pytest.mark.spec("2.24", "2.27")
async def test_only_an_entry_uses_the_allowance_up_and_not_an_event_whose_data_does_not_match(world: World) -> None:
    trigger = {"event": "purchase", "where": [{"path": "total", "at_least": 10}]}
    await world.campaign(frequency="once", trigger=trigger, workflow=[email("thanks")])
    for at, total in [("too little", 9), ("enough", 10), ("more", 11)]:
        await world.event("ada", "purchase", {"at": at, "total": total})

    assert ["enough"] == await entered(world)


@pytest.mark.spec("2.24")
async def test_an_event_that_frequency_holds_back_does_not_use_the_allowance_up_again(world: World) -> None:
    await world.campaign(frequency={"once_per": "1h"}, **PURCHASE)
    for minute in range(0, 100, 20):
        await world.event("ada", "purchase", {"at": minute})
        await world.advance(minutes=20, seconds=1)

    assert [0, 60] == await entered(world)


@pytest.mark.spec("2.27")
async def test_a_limit_and_segment_filters_are_refused_together(world: World) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.campaign(frequency="once", **PURCHASE)

    answer = await world.http.put(
        "/sojourn/v1/campaigns/campaign",
        json={"name": "campaign", "frequency": "once", "filters": {"in": "pro"}, **PURCHASE},
    )

    assert (422, ["frequency"]) == (answer.status_code, [fault["place"] for fault in answer.json()["faults"]])
    assert 1 == (await world.get("campaigns/campaign"))["version"]


@pytest.mark.spec("2.25")
@pytest.mark.parametrize("frequency", ["once", {"once_per": "24h"}])
async def test_of_simultaneous_events_exactly_one_enters(world: World, frequency: Any) -> None:
    await world.campaign(frequency=frequency, **PURCHASE)
    await world.identify("ada")
    intakes = [Intake(world.pool, world.clock, batch=size) for size in (1, 2, 2000)]

    async def tell(number: int) -> httpx.Response:
        body = {"name": "purchase", "data": {"at": number}}
        return await world.http.post("/api/v1/customers/ada/events", json=body)

    answers = await asyncio.gather(*(tell(number) for number in range(12)), *(one.settle() for one in intakes))
    await asyncio.gather(*(one.settle() for one in intakes))
    await world.settle()

    assert {200} == {answer.status_code for answer in answers if answer is not None}
    assert (1, 11) == (len(await world.journeys("ada")), len(await world.refusals("ada")))
    assert ["thanks"] == world.subjects()


@pytest.mark.spec("2.26")
async def test_a_changed_setting_counts_for_later_events_and_earlier_entries_count_for_it(world: World) -> None:
    at_minute: dict[int, Any] = {
        0: "every_time",  # enters
        30: "every_time",  # enters
        60: "once",
        90: {"once_per": "2h"},
        120: {"once_per": "1h"},  # enters: the last entry was at 30
        150: {"once_per": "1h"},
        180: "once",
        210: "every_time",  # enters
    }
    await world.campaign(**PURCHASE)
    for minute, frequency in at_minute.items():
        await world.campaign(start=False, frequency=frequency, **PURCHASE)
        await world.event("ada", "purchase", {"at": minute})
        await world.advance(minutes=30)

    assert [0, 30, 120, 210] == await entered(world)


@pytest.mark.parametrize("mode", ["now", "finish"])
async def test_who_has_entered_is_remembered_over_a_stop_and_a_restart(world: World, mode: str) -> None:
    """Behaviour 2.28, as far as there are campaigns that are archived."""
    await world.campaign(frequency="once", **PURCHASE)
    await world.event("ada", "purchase", {"at": "before"})
    await world.stop(mode=mode)
    await world.advance(days=1)
    await world.start()

    await world.event("ada", "purchase", {"at": "after"})
    await world.event("bob", "purchase", {"at": "after"})

    assert (["before"], ["after"]) == (await entered(world), await entered(world, "bob"))
