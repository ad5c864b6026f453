"""Events whose filters do not match yet are retried for 30 minutes (behaviour 4.10-4.15)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import World, email

PURCHASE: dict[str, Any] = {"trigger": {"event": "purchase"}, "filters": {"in": "pro"}, "workflow": [email("thanks")]}


@pytest.fixture
async def purchases(world: World) -> World:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.campaign(**PURCHASE)
    return world


@pytest.mark.spec("4.10", "4.12", "9.02")
async def test_a_person_who_matches_after_29_minutes_enters(purchases: World) -> None:
    await purchases.event("ada", "purchase")
    await purchases.advance(minutes=29)
    await purchases.identify("ada", plan="pro")
    assert ["thanks"] == purchases.subjects()


@pytest.mark.spec("4.10", "9.03")
async def test_who_does_not_match_within_30_minutes_never_enters_for_that_event(purchases: World) -> None:
    await purchases.event("ada", "purchase")
    await purchases.advance(minutes=31)
    await purchases.identify("ada", plan="pro")
    assert ([], [], ["filters_never_matched"]) == (
        purchases.subjects(),
        await purchases.journeys("ada"),
        [refusal["reason"] for refusal in await purchases.refusals("ada")],
    )


async def reasons(world: World, person: str = "ada") -> list[str]:
    """Return why a person did not enter."""
    return [refusal["reason"] for refusal in await world.refusals(person)]


@pytest.mark.spec("4.10", "9.02")
async def test_the_journey_starts_at_the_moment_the_filters_match(purchases: World) -> None:
    received = purchases.now
    await purchases.event("ada", "purchase")
    await purchases.advance(minutes=12)
    waiting = await purchases.journey("ada")
    await purchases.identify("ada", plan="pro")

    journey = await purchases.journey("ada")
    started_after = datetime.fromisoformat(journey["started_at"]) - received
    assert ("waiting_for_filters", waiting["id"]) == (waiting["state"], journey["id"])
    assert ["thanks"] == purchases.subjects()
    assert timedelta(minutes=12) <= started_after < timedelta(minutes=13)


@pytest.mark.spec("4.11")
@pytest.mark.parametrize("said", [-20, 20, None], ids=["20 minutes ago", "in 20 minutes", "nothing"])
@pytest.mark.parametrize(("matches_after", "subjects"), [(29, ["thanks"]), (31, [])])
async def test_the_30_minutes_run_from_receipt_whatever_the_timestamp_and_the_workflow_say(
    purchases: World, said: int | None, matches_after: int, subjects: list[str]
) -> None:
    await purchases.campaign(**PURCHASE | {"workflow": [{"delay": "1d"}, email("thanks")]}, start=False)
    await purchases.advance(hours=1)
    when: dict[str, Any] = {} if said is None else {"timestamp": int(purchases.now.timestamp()) + 60 * said}
    await purchases.event("ada", "purchase", **when)

    await purchases.advance(minutes=matches_after)
    await purchases.identify("ada", plan="pro")
    await purchases.advance(days=2)

    assert subjects == purchases.subjects()


@pytest.mark.spec("4.12")
async def test_every_change_of_the_person_is_looked_at_until_one_matches(purchases: World) -> None:
    await purchases.segment(
        "big", {"all": [{"attribute": "plan", "equals": "pro"}, {"attribute": "seats", "at_least": 5}]}
    )
    await purchases.campaign(**PURCHASE | {"filters": {"in": "big"}}, start=False)
    await purchases.event("ada", "purchase")
    seen = []
    for attributes in ({"seats": 9}, {"plan": "pro", "seats": 4}, {"name": "Ada"}, {"seats": 5}):
        await purchases.advance(minutes=5)
        await purchases.identify("ada", **attributes)
        seen.append(len(purchases.mails))

    assert [0, 0, 0, 1] == seen


@pytest.mark.spec("4.12")
async def test_a_last_look_at_minute_30_sees_what_came_without_a_change_of_the_person(purchases: World) -> None:
    await purchases.identify("ada", plan="free")
    await purchases.event("ada", "purchase")
    await purchases.advance(minutes=10)
    await purchases.campaign(**PURCHASE | {"filters": {"not_in": "pro"}}, start=False)

    await purchases.advance(minutes=19)
    before = purchases.subjects()
    await purchases.advance(minutes=1)

    assert ([], ["thanks"]) == (before, purchases.subjects())


@pytest.mark.spec("4.13", "9.07")
async def test_two_events_in_the_period_give_two_journeys(purchases: World) -> None:
    thanks = email("thanks", subject="Order {{event.order}}")
    await purchases.campaign(**PURCHASE | {"workflow": [thanks]}, start=False)
    for order in (1, 2):
        await purchases.event("ada", "purchase", {"order": order})
        await purchases.advance(minutes=10)
    await purchases.identify("ada", plan="pro")

    assert ["Order 1", "Order 2"] == sorted(purchases.subjects())
    assert [1, 2] == [one["event_data"]["order"] for one in await purchases.journeys("ada")]


@pytest.mark.spec("4.13")
async def test_each_event_has_30_minutes_of_its_own(purchases: World) -> None:
    for order in (1, 2):
        await purchases.event("ada", "purchase", {"order": order})
        await purchases.advance(minutes=20)
    await purchases.identify("ada", plan="pro")

    assert [2] == [one["event_data"]["order"] for one in await purchases.journeys("ada")]
    assert ["filters_never_matched"] == await reasons(purchases)


@pytest.mark.spec("4.14", "13.07", "13.10")
@pytest.mark.parametrize("mode", ["now", "finish"])
async def test_a_stop_drops_what_waits_and_a_restart_does_not_bring_it_back(purchases: World, mode: str) -> None:
    await purchases.identify("bob", plan="pro")
    await purchases.campaign(**PURCHASE | {"workflow": [{"delay": "1h"}, email("thanks")]}, start=False)
    await purchases.event("bob", "purchase")  # inside, so that `finish` leaves the campaign stopping
    await purchases.event("ada", "purchase")
    await purchases.advance(minutes=10)
    await purchases.stop(mode=mode)
    dropped = await reasons(purchases)
    await purchases.identify("ada", plan="pro")
    await purchases.start()
    await purchases.identify("ada", plan="pro", seats=2)
    await purchases.advance(hours=2)

    assert (["campaign_not_running"], []) == (dropped, await purchases.journeys("ada"))
    assert [] == purchases.subjects("ada@example.com")


@pytest.mark.spec("4.15", "8.02")
async def test_the_journey_has_the_data_of_the_event_that_waited(purchases: World) -> None:
    thanks = email("thanks", subject="{{event.order}} for {{customer.first_name}}")
    await purchases.campaign(**PURCHASE | {"workflow": [thanks]}, start=False)
    await purchases.identify("ada", first_name="A.", order="of the person")
    await purchases.event("ada", "purchase", {"order": "socks"})
    await purchases.advance(minutes=10)
    await purchases.event("ada", "refund", {"order": "hat"})
    await purchases.identify("ada", first_name="Ada", order="changed", plan="pro")

    assert ["socks for Ada"] == purchases.subjects()
    assert {"order": "socks"} == (await purchases.journey("ada"))["event_data"]


@pytest.mark.spec("9.03")
async def test_a_refusal_says_what_the_last_look_saw(purchases: World) -> None:
    await purchases.event("ada", "purchase")
    await purchases.advance(minutes=31)

    (refusal,) = await purchases.refusals("ada")
    seen = refusal["seen"]["filters"]
    assert ("filters_never_matched", "campaign", "ada") == (
        refusal["reason"],
        refusal["campaign"]["key"],
        refusal["person"]["id"],
    )
    assert (False, True) == (seen["holds"], "pro" in str(seen))
