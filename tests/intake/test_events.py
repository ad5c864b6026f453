"""Events are stored once each, and start what they should start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.instants import unix
from engine.moves import JourneyStart
from storage import inbox
from tests.intake.scene import START, Scene


async def stored(scene: Scene) -> list[tuple[str, str, Any]]:
    rows = await scene.rows("SELECT kind, name, data FROM events ORDER BY id")
    return [(row["kind"], row["name"], row["data"]) for row in rows]


async def test_an_event_of_an_unknown_person_creates_them(scene: Scene) -> None:
    await scene.send(scene.event("ada", "bought", data={"price": 3}), scene.event({"email": "b@x.test"}, "bought"))

    assert [("ada", None, {}), (None, "b@x.test", {})] == await scene.people()
    assert [("event", "bought", {"price": 3}), ("event", "bought", {})] == await stored(scene)


@pytest.mark.spec("1.30")
async def test_an_event_of_the_triggers_name_starts_a_journey(scene: Scene) -> None:
    campaign = await scene.campaign("thanks")

    await scene.send(scene.event("ada", "bought", data={"price": 3}), scene.event("ada", "sold"))

    (journey,) = await scene.rows("SELECT * FROM journeys")
    event_id = await scene.one("SELECT id FROM events WHERE name = 'bought'")
    (start,) = await scene.rows("SELECT * FROM outbox WHERE workflow_id LIKE 'journey:%'")
    assert (campaign, f"e{event_id}", "running", {"price": 3}, 1, 1) == (
        journey["campaign_id"],
        journey["occurrence"],
        journey["state"],
        journey["trigger_data"],
        journey["version"],
        journey["turn"],
    )
    assert (event_id, "bought", START) == (journey["event_id"], journey["event_name"], journey["event_at"])
    assert (START, START + timedelta(hours=1)) == (journey["started_at"], journey["due_at"])
    assert f"journey:{scene.workspace}:{campaign}:{journey['person_id']}:e{event_id}" == start["workflow_id"]
    told = JourneyStart.model_validate(start["payload"]["argument"])
    assert (journey["id"], 1, START) == (told.journey, told.turn, told.at)
    assert told.first is not None
    assert journey["move"] == told.first.model_dump(mode="json")
    assert {
        "Campaign": "thanks",
        "CampaignId": str(campaign),
        "PersonKey": str(journey["person_id"]),
        "WorkspaceId": str(scene.workspace),
    } == start["payload"]["search"]


async def test_the_log_of_a_journey_says_why_the_person_entered(scene: Scene) -> None:
    await scene.segment("vip", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("thanks", filters={"in": "vip"})

    await scene.send(scene.identify("ada", plan="pro"), scene.event("ada", "bought"))

    notes = await scene.rows("SELECT turn, place, kind, block, seen FROM decisions ORDER BY turn, place")
    assert [(1, 0, "entered", None), (1, 1, "waiting", "start.delay")] == [
        (note["turn"], note["place"], note["kind"], note["block"]) for note in notes
    ]
    assert notes[0]["seen"]["filters"]["holds"] is True


async def test_a_temporal_history_gets_no_personal_data(scene: Scene) -> None:
    await scene.campaign("thanks")

    await scene.send(
        scene.identify("ada-lovelace", email="ada@x.test"),
        scene.event("ada-lovelace", "bought", data={"card": "secret"}),
    )

    (start,) = await scene.rows(
        "SELECT workflow_id || payload::text AS told FROM outbox WHERE workflow_id LIKE 'journey:%'"
    )
    assert not any(word in start["told"] for word in ("ada-lovelace", "ada@x.test", "secret"))


@pytest.mark.spec("1.31")
async def test_every_event_starts_a_journey_of_its_own_also_at_once(scene: Scene) -> None:
    await scene.campaign("thanks")

    await scene.send(scene.event("ada", "bought"), scene.event("ada", "bought"))
    await scene.send(scene.event("ada", "bought"))

    assert 3 == await scene.one("SELECT count(DISTINCT occurrence) FROM journeys WHERE state = 'running'")
    assert 3 == await scene.one("SELECT entries FROM entry_history")


@pytest.mark.spec("1.32")
async def test_event_names_are_compared_by_case(scene: Scene) -> None:
    await scene.campaign("thanks", trigger={"event": " bought "})

    await scene.send(scene.event("ada", "Bought"), scene.event("ada", "bought"))

    assert 1 == len(await scene.entered("thanks"))


@pytest.mark.spec("1.33")
@pytest.mark.parametrize("kind", ["event", "page", "screen"])
async def test_each_kind_of_event_triggers_and_only_its_own(scene: Scene, kind: str) -> None:
    await scene.campaign("thanks", trigger={kind: "/pricing"})

    for other in ("event", "page", "screen"):
        await scene.send(scene.event("ada", "/pricing", type=other, data={"kind": other}))

    assert [{"kind": kind}] == [row["trigger_data"] for row in await scene.rows("SELECT trigger_data FROM journeys")]


@pytest.mark.spec("1.34", "1.35")
async def test_filters_on_event_data_must_all_hold(scene: Scene) -> None:
    where = [{"path": "category", "contains": "socks|shoes"}, {"path": "price", "at_least": 10}]
    await scene.campaign("thanks", trigger={"event": "bought", "where": where})

    for category, price in [("red socks", 10), ("shoes", 9), ("hats", 20), ("shoes", 11)]:
        await scene.send(scene.event("ada", "bought", data={"category": category, "price": price}))

    entered = await scene.rows("SELECT trigger_data->>'category' AS category FROM journeys ORDER BY id")
    assert ["red socks", "shoes"] == [row["category"] for row in entered]
    assert [] == await scene.refused("thanks")
    assert 4 == await scene.one("SELECT count(*) FROM events")


@pytest.mark.spec("1.37")
async def test_without_a_timestamp_the_time_of_receipt_is_used(scene: Scene) -> None:
    await scene.send(scene.event("ada", "a"), scene.event("ada", "b", timestamp=unix(START) - 60.5))

    rows = await scene.rows("SELECT occurred_at, received_at FROM events ORDER BY id")
    assert [(START, START), (START - timedelta(seconds=60.5), START)] == [tuple(row) for row in rows]


@pytest.mark.spec("1.38")
@pytest.mark.parametrize(("hours", "enters"), [(71.9, True), (72, True), (72.1, False)])
async def test_an_event_of_more_than_72_hours_ago_is_stored_and_triggers_nothing(
    scene: Scene, hours: float, enters: bool
) -> None:
    await scene.campaign("thanks")
    await scene.advance(days=5)

    await scene.send(scene.event("ada", "bought", timestamp=unix(scene.now) - hours * 3600))

    assert enters == bool(await scene.entered("thanks"))
    assert ([] if enters else ["stale"]) == await scene.refused("thanks")
    assert 1 == await scene.one("SELECT count(*) FROM events")


@pytest.mark.spec("1.39")
async def test_an_event_from_the_future_triggers_on_receipt(scene: Scene) -> None:
    await scene.campaign("thanks")

    await scene.send(scene.event("ada", "bought", timestamp=unix(START) + 86400.0))

    assert [START] == await scene.entered("thanks")


@pytest.mark.spec("1.40", "1.07")
async def test_two_events_with_the_same_id_count_once(scene: Scene) -> None:
    await scene.campaign("thanks")

    await scene.send(
        scene.event("ada", "bought", id="k", data={"n": 1}), scene.event("ada", "bought", id="k", data={"n": 2})
    )
    await scene.send(scene.event("ada", "bought", id="k", data={"n": 3}), scene.event("ada", "bought", id="other"))
    await scene.send(scene.input("anonymous_event", anonymous_id="x", type="event", name="bought", data={}, id="k"))

    assert [("event", "bought", {"n": 1}), ("event", "bought", {})] == await stored(scene)
    assert 2 == len(await scene.entered("thanks"))


async def test_event_ids_of_two_workspaces_are_not_the_same(scene: Scene, second: Any) -> None:
    other = await second()

    await scene.send(scene.event("ada", "bought", id="k"))
    await other.send(other.event("ada", "bought", id="k"))

    assert 2 == await scene.one("SELECT count(*) FROM events")


@pytest.mark.spec("1.07")
async def test_an_input_that_is_taken_again_after_a_crash_is_applied_once(scene: Scene) -> None:
    """The transaction that applies an input takes it out of the inbox: both happen or neither."""
    await scene.campaign("thanks")
    async with scene.pool.acquire() as connection:
        await inbox.append(connection, [scene.event("ada", "bought")])
        transaction = connection.transaction()
        await transaction.start()
        inputs = await inbox.draw(connection, scene.workspace, 10)
        await scene.intake.processor.process(connection, inputs, now=scene.now)
        await transaction.rollback()
    assert 0 == await scene.one("SELECT count(*) FROM events")

    await scene.intake.settle()
    await scene.intake.settle()

    assert 1 == await scene.one("SELECT count(*) FROM events")
    assert 1 == len(await scene.entered("thanks"))


@pytest.mark.spec("1.43")
async def test_events_from_before_the_start_never_trigger(scene: Scene) -> None:
    await scene.campaign("thanks", start=False)
    await scene.send(scene.event("ada", "bought"))
    await scene.advance(hours=1)

    await scene.campaign("thanks")
    await scene.send(scene.event("ada", "bought", timestamp=unix(START) + 60.0))

    assert [] == await scene.entered("thanks")
    assert ["before_start"] == await scene.refused("thanks")


@pytest.mark.spec("1.43")
async def test_an_event_that_waited_in_the_inbox_while_the_campaign_was_started_does_not_trigger(scene: Scene) -> None:
    waiting = scene.event("ada", "bought")
    await scene.advance(hours=1)

    await scene.campaign("thanks")
    await scene.send(waiting)

    assert [] == await scene.entered("thanks")


async def test_a_start_is_seen_by_the_next_batch_and_so_is_a_stop(scene: Scene) -> None:
    await scene.campaign("thanks", start=False)
    await scene.send(scene.event("ada", "bought"))
    await scene.campaign("thanks")
    await scene.send(scene.event("bob", "bought"))
    await scene.stop("thanks")
    await scene.send(scene.event("eve", "bought"))

    query = "SELECT external_id FROM journeys JOIN people ON people.id = person_id"
    assert ["bob"] == [row["external_id"] for row in await scene.rows(query)]


async def test_anonymous_events_are_kept_and_trigger_nothing(scene: Scene) -> None:
    await scene.campaign("thanks")

    await scene.send(
        scene.input("anonymous_event", anonymous_id="n1", type="page", name="/pricing", data={"a": 1}),
        scene.input("anonymous_event", type="event", name="bought", data={"recipient": "x@x.test"}),
    )

    rows = await scene.rows("SELECT person_id, anonymous_id, kind, name FROM events ORDER BY id")
    assert [(None, "n1", "page", "/pricing"), (None, None, "event", "bought")] == [tuple(row) for row in rows]
    assert [] == await scene.entered("thanks")
    assert [] == await scene.people()


async def test_facts_are_those_after_the_inputs_before_the_event_and_no_later_ones(scene: Scene) -> None:
    await scene.segment("vip", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("leaves", goal={"leaves": "vip"}, exit="goal")

    await scene.send(
        scene.identify("ada", plan="pro"),
        scene.event("ada", "bought"),
        scene.identify("ada", plan="basic"),
        scene.event("ada", "bought"),
    )

    rows = await scene.rows("SELECT state, exit_reason FROM journeys ORDER BY id")
    assert [("running", None), ("exited", "goal_at_entry")] == [tuple(row) for row in rows]


@pytest.mark.spec("10.34", "10.35")
async def test_whoever_meets_the_exit_condition_when_triggering_leaves_at_once(scene: Scene) -> None:
    await scene.segment("paid", {"attribute": "paid", "equals": True})
    await scene.campaign("convert", goal={"enters": "paid"}, exit="goal")

    await scene.send(scene.identify("ada", paid=True), scene.event("ada", "bought"))

    (journey,) = await scene.rows("SELECT * FROM journeys")
    assert ("exited", "goal_at_entry", START, None) == (
        journey["state"],
        journey["exit_reason"],
        journey["ended_at"],
        journey["block"],
    )
    assert 0 == await scene.one("SELECT count(*) FROM outbox WHERE workflow_id LIKE 'journey:%'")


@pytest.mark.spec("10.36")
async def test_whoever_is_outside_the_segment_to_leave_leaves_at_once(scene: Scene) -> None:
    await scene.segment("trial", {"attribute": "trial", "equals": True})
    await scene.campaign("convert", goal={"leaves": "trial"}, exit="goal")

    await scene.send(scene.event("ada", "bought"), scene.identify("bob", trial=True), scene.event("bob", "bought"))

    rows = await scene.rows("SELECT state, exit_reason FROM journeys ORDER BY id")
    assert [("exited", "goal_at_entry"), ("running", None)] == [tuple(row) for row in rows]


@pytest.mark.spec("10.37")
async def test_an_event_goal_of_before_the_journey_does_not_count(scene: Scene) -> None:
    await scene.campaign("convert", goal={"event": "paid"}, exit="goal")

    await scene.send(scene.event("ada", "paid"), scene.event("ada", "bought"))

    assert "running" == await scene.one("SELECT state FROM journeys")


@pytest.mark.spec("9.02")
async def test_a_journey_starts_at_the_receipt_of_its_event(scene: Scene) -> None:
    await scene.campaign("thanks")
    item = scene.event("ada", "bought")
    await scene.advance(minutes=10)

    await scene.send(item)

    assert [START] == await scene.entered("thanks")
