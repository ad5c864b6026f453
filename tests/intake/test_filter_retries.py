"""An event whose filters do not match yet waits for them for 30 minutes (behaviour 4.10-4.15)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from intake import interventions
from intake.last_look import last_look
from tests.intake.scene import START, Scene


@pytest.fixture
async def shop(scene: Scene) -> Scene:
    """A campaign for people with the plan `pro`."""
    await scene.segment("vip", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("thanks", filters={"in": "vip"})
    return scene


async def told(scene: Scene) -> list[tuple[str, Any]]:
    """Return what the workflows of journeys are told: the first move of a start, or the signal."""
    rows = await scene.rows("SELECT kind, payload FROM outbox WHERE workflow_id LIKE 'journey:%' ORDER BY id")
    return [
        (row["kind"], row["payload"]["argument"]["first"] if row["kind"] == "start" else row["payload"]["signal"])
        for row in rows
    ]


async def look_a_last_time(scene: Scene) -> None:
    """Do what the workflow does when its wait is over."""
    async with scene.pool.acquire() as connection, connection.transaction():
        for row in await connection.fetch("SELECT id FROM filter_retries"):
            await last_look(connection, scene.intake.processor, row["id"], now=scene.now)


@pytest.mark.spec("4.10", "4.11", "9.03")
async def test_an_event_whose_filters_do_not_match_waits_and_is_no_journey(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought", data={"n": 1}))

    (retry,) = await shop.rows("SELECT * FROM filter_retries")
    assert (START, START + timedelta(minutes=30), {"n": 1}) == (
        retry["received_at"],
        retry["expires_at"],
        retry["trigger_data"],
    )
    text = "Waits for the filters to match, until 2026-03-01 12:30:00 UTC"
    assert [("start", {"kind": "wait", "turn": 0, "until": "2026-03-01T12:30:00Z", "text": text})] == await told(shop)
    assert [] == await shop.entered("thanks")
    assert 0 == await shop.one("SELECT count(*) FROM entry_history")


@pytest.mark.spec("4.10", "4.12", "9.02")
async def test_a_person_who_matches_within_30_minutes_enters_then(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought"))
    retry_id = await shop.one("SELECT id FROM filter_retries")
    await shop.advance(minutes=29)

    await shop.send(shop.identify("ada", plan="pro"))

    (journey,) = await shop.rows("SELECT * FROM journeys")
    assert (retry_id, 1, shop.now, shop.now + timedelta(hours=1)) == (
        journey["id"],
        journey["turn"],
        journey["started_at"],
        journey["due_at"],
    )
    assert ("signal", "look_again") == (await told(shop))[-1]
    assert 2 == len(await told(shop))
    assert 0 == await shop.one("SELECT count(*) FROM filter_retries")


@pytest.mark.spec("4.10")
async def test_a_match_in_the_same_batch_enters_without_waiting(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought"), shop.identify("ada", plan="pro"))

    assert [("start", "wait")] == [(kind, move["kind"]) for kind, move in await told(shop)]
    assert [1] == [row["turn"] for row in await shop.rows("SELECT turn FROM journeys")]


@pytest.mark.spec("4.11", "4.12")
async def test_a_change_after_30_minutes_does_not_let_the_event_in(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought"))
    await shop.advance(minutes=31)

    await shop.send(shop.identify("ada", plan="pro"))

    assert [] == await shop.entered("thanks")


@pytest.mark.spec("4.12", "9.03")
async def test_the_last_look_refuses_whoever_never_matched(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought"))
    await shop.advance(minutes=30)

    await look_a_last_time(shop)

    (refusal,) = await shop.rows("SELECT * FROM refusals")
    assert ("filters_never_matched", shop.now, False) == (
        refusal["reason"],
        refusal["at"],
        refusal["seen"]["filters"]["holds"],
    )
    assert 0 == await shop.one("SELECT count(*) FROM filter_retries")
    assert [] == await shop.entered("thanks")


@pytest.mark.spec("4.12")
async def test_the_last_look_lets_in_whoever_matches_by_then(shop: Scene) -> None:
    """Nothing but a filter that was edited can make that true without a change of the person."""
    await shop.segment("other", {"attribute": "plan", "not_equals": "pro"})
    await shop.send(shop.event("ada", "bought"))
    await shop.campaign("thanks", start=False, filters={"in": "other"})
    await shop.advance(minutes=30)
    messages = len(await told(shop))

    await look_a_last_time(shop)

    assert [shop.now] == await shop.entered("thanks")
    assert messages == len(await told(shop))


@pytest.mark.spec("4.13")
async def test_each_event_has_a_retry_of_its_own(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought", data={"n": 1}))
    await shop.advance(minutes=20)
    await shop.send(shop.event("ada", "bought", data={"n": 2}))
    await shop.advance(minutes=5)

    await shop.send(shop.identify("ada", plan="pro"))

    assert [{"n": 1}, {"n": 2}] == [
        row["trigger_data"] for row in await shop.rows("SELECT * FROM journeys ORDER BY id")
    ]


@pytest.mark.spec("4.14")
async def test_a_campaign_that_is_not_running_any_more_lets_nobody_in(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought"))
    await shop.stop("thanks")

    await shop.send(shop.identify("ada", plan="pro"))
    await look_a_last_time(shop)

    assert [] == await shop.entered("thanks")
    assert ["campaign_not_running"] == await shop.refused("thanks")


async def test_a_refusal_keeps_the_number_under_which_its_event_waited(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought"))
    await shop.advance(minutes=30)
    await look_a_last_time(shop)
    await shop.send(shop.event("bob", "bought"))
    await shop.stop("thanks")

    waited = [row["argument"]["journey"] for row in await started(shop)]
    assert waited == [row["retry_id"] for row in await shop.rows("SELECT retry_id FROM refusals ORDER BY occurrence")]


async def started(scene: Scene) -> list[Any]:
    """Return what the workflows of journeys are started with."""
    query = "SELECT payload FROM outbox WHERE workflow_id LIKE 'journey:%' AND kind = 'start' ORDER BY id"
    return [row["payload"] for row in await scene.rows(query)]


@pytest.mark.spec("4.14")
async def test_a_retry_of_a_campaign_that_does_not_run_is_left_to_its_workflow(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought"))
    await shop.pool.execute("UPDATE campaigns SET state = 'stopping'")
    await shop.pool.execute("UPDATE definitions SET version = version + 1")

    await shop.send(shop.identify("ada", plan="pro"))
    assert 1 == await shop.one("SELECT count(*) FROM filter_retries")
    await look_a_last_time(shop)

    assert [] == await shop.entered("thanks")
    assert ["campaign_not_running"] == await shop.refused("thanks")


@pytest.mark.spec("4.15")
async def test_the_payload_is_that_of_the_event_although_the_person_has_changed(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought", data={"total": 5}), shop.identify("ada", total=1))
    await shop.advance(minutes=10)
    await shop.send(shop.event("ada", "looked", data={"total": 7}), shop.identify("ada", plan="pro", total=2))

    assert [{"total": 5}] == [row["trigger_data"] for row in await shop.rows("SELECT trigger_data FROM journeys")]


@pytest.mark.spec("4.10", "4.12")
async def test_a_membership_that_changes_by_time_lets_the_event_in(scene: Scene) -> None:
    await scene.segment("rested", {"attribute": "last_seen", "before": {"ago": "1h"}})
    await scene.campaign("thanks", filters={"in": "rested"})
    await scene.send(
        scene.identify("ada", last_seen=(START - timedelta(minutes=45)).isoformat()), scene.event("ada", "bought")
    )
    assert [] == await scene.entered("thanks")

    await scene.advance(minutes=20)

    ((at,),) = [await scene.entered("thanks")]
    assert timedelta(minutes=15) <= at - START <= timedelta(minutes=15, seconds=2)


@pytest.mark.spec("4.12")
async def test_inputs_that_waited_in_the_inbox_are_judged_by_when_they_came(shop: Scene) -> None:
    """Intake was away for an hour: the event and the change that followed it came within 30 minutes."""
    event = shop.event("ada", "bought")
    await shop.advance(minutes=10)
    change = shop.identify("ada", plan="pro")
    await shop.advance(minutes=50)

    await shop.send(event, change)

    assert [START + timedelta(minutes=10)] == await shop.entered("thanks")


async def test_other_changes_do_not_let_the_event_in(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought"), shop.event("bob", "bought"))

    await shop.send(shop.identify("ada", plan="basic"), shop.event("ada", "looked"), shop.identify("eve", plan="pro"))

    assert [] == await shop.entered("thanks")
    assert 2 == await shop.one("SELECT count(*) FROM filter_retries")


async def end_by_hand(scene: Scene, retry_id: int) -> None:
    async with scene.pool.acquire() as connection:
        await interventions.end_journey(connection, scene.workspace, retry_id, note=None, now=scene.now)


async def until_somebody_waits_for_a_lock(scene: Scene) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not await scene.one(query):
        await asyncio.sleep(0.01)


async def test_a_wait_that_an_operator_is_just_ending_lets_nobody_in(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought"))
    retry_id = await shop.one("SELECT id FROM filter_retries")

    async with shop.pool.acquire() as connection, connection.transaction():
        await interventions.end_journey(connection, shop.workspace, retry_id, note=None, now=shop.now)
        changing = asyncio.create_task(shop.send(shop.identify("ada", plan="pro")))
        await until_somebody_waits_for_a_lock(shop)
    await changing

    assert ([], ["manual"]) == (await shop.entered("thanks"), await shop.refused("thanks"))


async def test_who_is_just_entering_when_an_operator_ends_the_wait_is_ended_as_a_journey(shop: Scene) -> None:
    await shop.send(shop.event("ada", "bought"))
    retry_id = await shop.one("SELECT id FROM filter_retries")

    async with shop.pool.acquire() as connection, connection.transaction():
        change = shop.identify("ada", plan="pro")
        await shop.intake.processor.process(connection, [change], now=shop.now)
        ending = asyncio.create_task(end_by_hand(shop, retry_id))
        await until_somebody_waits_for_a_lock(shop)
    await ending

    assert "manual" == await shop.one("SELECT ending FROM journeys WHERE id = $1", retry_id)
    assert [] == await shop.refused("thanks")


@pytest.mark.spec("4.10", "4.12")
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_last_look_that_comes_late_lets_nobody_in_who_matched_after_the_time(
    shop: Scene, at_once: bool
) -> None:
    event = shop.event("ada", "bought")
    if not at_once:
        await shop.send(event)
    await shop.advance(minutes=31)
    change = shop.identify("ada", plan="pro")
    await shop.send(*([event, change] if at_once else [change]))
    await shop.advance(minutes=60)

    await look_a_last_time(shop)

    assert [] == await shop.entered("thanks")
    assert ["filters_never_matched"] == await shop.refused("thanks")
    assert {} == await shop.one("SELECT seen FROM refusals")


@pytest.mark.spec("4.10", "4.12")
async def test_a_membership_that_ends_by_time_alone_after_the_time_lets_nobody_in(scene: Scene) -> None:
    await scene.segment("fresh", {"attribute": "last_seen", "after": {"ago": "1h"}})
    await scene.campaign("thanks", filters={"not_in": "fresh"})
    seen = (START - timedelta(minutes=25)).isoformat()
    await scene.send(scene.identify("ada", last_seen=seen), scene.event("ada", "bought"))
    await scene.advance(minutes=40)
    assert [] == await scene.members("fresh")

    await look_a_last_time(scene)

    assert [] == await scene.entered("thanks")


@pytest.mark.spec("4.10", "4.12")
async def test_filters_that_are_edited_after_the_time_let_nobody_in(shop: Scene) -> None:
    await shop.segment("other", {"attribute": "plan", "not_equals": "pro"})
    await shop.send(shop.event("ada", "bought"))
    await shop.advance(minutes=31)
    await shop.campaign("thanks", start=False, filters={"in": "other"})

    await look_a_last_time(shop)

    assert [] == await shop.entered("thanks")


@pytest.mark.spec("4.12")
async def test_a_last_look_that_comes_late_lets_in_who_has_not_changed_since(shop: Scene) -> None:
    await shop.segment("other", {"attribute": "plan", "not_equals": "pro"})
    await shop.send(shop.event("ada", "bought"))
    await shop.campaign("thanks", start=False, filters={"in": "other"})
    await shop.advance(minutes=50)

    await look_a_last_time(shop)

    assert [START + timedelta(minutes=30)] == await shop.entered("thanks")
