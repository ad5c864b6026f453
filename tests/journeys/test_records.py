"""A journey is a record: what happened, when and why, for as long as anybody asks (behaviour 9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import World, email, kinds


async def inside(world: World, key: str = "campaign") -> list[dict[str, Any]]:
    """Return the journeys of a campaign, newest first, as its list shows them."""
    return list((await world.get(f"campaigns/{key}/journeys"))["items"])


def lines(journey: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(line["kind"], line["block"]) for line in journey["decisions"]]


@pytest.mark.spec("9.01", "9.02", "9.04", "9.06")
async def test_a_journey_shows_each_block_wait_skip_and_message_with_its_instant(world: World) -> None:
    await world.identify("ada", plan="pro")
    plan = {"attribute": "plan", "equals": "pro"}
    await world.campaign(
        trigger={"event": "purchase"},
        workflow=[
            email("thanks"),
            {"delay": {"id": "pause", "for": "2d"}},
            {"branch": {"id": "fork", "if": plan, "then": [email("quiet", sending="off")]}},
            {"delay": {"id": "skipped", "for": "1d", "if": {"attribute": "plan", "equals": "free"}}},
            {"update_person": {"id": "mark", "set": {"thanked": "yes"}}},
            email("nobody", to="{{customer.nickname}}"),
            "exit",
        ],
    )
    began = world.now
    await world.event("ada", "purchase", {"order": 7})
    on_the_way = await world.journey("ada")
    await world.advance(days=2)

    journey = await world.journey("ada")
    assert ("running", "pause") == (on_the_way["state"], on_the_way["block"])
    assert "until 2027-03-03 09:00" in on_the_way["doing"]
    assert [
        ("entered", None),
        ("due", "thanks"),
        ("sent", "thanks"),
        ("waiting", "pause"),
        ("passed", "pause"),
        ("branched", "fork"),
        ("skipped", "quiet"),
        ("skipped", "skipped"),
        ("due", "mark"),
        ("changed", "mark"),
        ("due", "nobody"),
        ("failed", "nobody"),
        ("finished", "nobody.exit"),
    ] == lines(journey)
    waited = [datetime.fromisoformat(line["at"]) - began for line in journey["decisions"]]
    assert [0] * 4 + [2] * 9 == [round(length / timedelta(days=1)) for length in waited]
    assert [("thanks", "sent"), ("nobody", "failed")] == [(one["block"], one["state"]) for one in journey["deliveries"]]
    assert ("finished", None, None) == (journey["state"], journey["exit_reason"], journey["doing"])
    ended = datetime.fromisoformat(journey["ended_at"]) - datetime.fromisoformat(journey["started_at"])
    assert timedelta(days=2) <= ended < timedelta(days=2, minutes=1)
    assert {"order": 7} == journey["event_data"]


@pytest.mark.spec("9.01")
async def test_every_pass_has_an_id_and_is_listed_with_its_campaign_and_with_its_person(world: World) -> None:
    await world.campaign(trigger={"event": "purchase"}, workflow=[{"delay": "1h"}])
    await world.campaign("other", trigger={"event": "purchase"}, workflow=[{"delay": "1h"}])
    for person in ("ada", "bob", "ada"):
        await world.event(person, "purchase")

    of_ada, of_campaign = await world.journeys("ada"), await inside(world)

    assert ["ada", "bob", "ada"] == [one["person"]["id"] for one in of_campaign]
    assert ["campaign", "campaign", "other", "other"] == sorted(one["campaign"]["key"] for one in of_ada)
    assert 6 == len({one["id"] for one in [*of_ada, *await world.journeys("bob")]})
    assert {one["id"] for one in of_campaign} <= {one["id"] for one in [*of_ada, *await world.journeys("bob")]}


@pytest.mark.spec("9.01")
async def test_what_was_looked_at_stands_in_the_log(world: World) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    fork = {"id": "fork", "if": {"data": "total", "at_least": 100}}
    await world.campaign(
        trigger={"event": "purchase"}, filters={"in": "pro"}, workflow=[{"branch": fork}, {"delay": "1h"}, email("one")]
    )
    await world.identify("ada", plan="pro")
    await world.event("ada", "purchase", {"total": 42})
    await world.identify("ada", plan="free")
    await world.advance(hours=1)

    seen = {line["kind"]: line["seen"] for line in (await world.journey("ada"))["decisions"]}
    assert (True, False) == (seen["entered"]["filters"]["holds"], seen["exited"]["filters"]["holds"])
    assert (False, 42) == (seen["branched"]["if"]["holds"], seen["branched"]["if"]["seen"])


async def end_by_goal(world: World) -> None:
    await world.event("ada", "refund")
    await world.advance(hours=1)


async def end_by_filters(world: World) -> None:
    await world.identify("ada", plan="free")
    await world.advance(hours=1)


async def end_by_hand(world: World) -> None:
    (journey,) = await inside(world)
    await world.http.post(f"/sojourn/v1/journeys/{journey['id']}/end", json={"reason": "she asked for it"})
    await world.settle()


async def end_by_stop(world: World) -> None:
    await world.stop(mode="now")


async def end_by_deletion(world: World) -> None:
    await world.delete("ada")


ENDS = {
    "goal": end_by_goal,
    "stopped_matching": end_by_filters,
    "manual": end_by_hand,
    "campaign_stopped": end_by_stop,
    "person_deleted": end_by_deletion,
}


@pytest.mark.spec("9.04", "9.05", "9.06")
@pytest.mark.parametrize("reason", ENDS)
async def test_whoever_does_not_reach_the_exit_leaves_early_with_a_reason(world: World, reason: str) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.identify("ada", plan="pro")
    await world.campaign(
        trigger={"event": "purchase"},
        filters={"in": "pro"},
        goal={"event": "refund"},
        exit="goal_or_stopped_matching",
        workflow=[{"delay": "1h"}, email("one")],
    )
    await world.event("ada", "purchase")
    await ENDS[reason](world)
    await world.advance(days=1)

    (summary,) = await inside(world)
    journey = await world.get(f"journeys/{summary['id']}")
    assert ("exited", reason, []) == (journey["state"], journey["exit_reason"], world.subjects())
    assert ("exited", True) == (kinds(journey)[-1], journey["ended_at"] is not None)


@pytest.mark.spec("9.05", "9.06", "10.34")
async def test_who_meets_the_exit_condition_already_leaves_where_they_enter(world: World) -> None:
    await world.segment("paid", {"attribute": "plan", "equals": "paid"})
    await world.identify("ada", plan="paid")
    await world.campaign(
        trigger={"event": "purchase"},
        goal={"enters": "paid"},
        exit="goal",
        workflow=[{"update_person": {"set": {"marked": "yes"}}}, email("one")],
    )
    await world.event("ada", "purchase")

    journey = await world.journey("ada")
    assert ("exited", "goal_at_entry", []) == (journey["state"], journey["exit_reason"], world.subjects())
    assert "marked" not in (await world.get("people/ada"))["attributes"]


@pytest.mark.spec("9.06")
@pytest.mark.parametrize(
    "workflow", [["exit"], ["exit", email("never")], [{"branch": {"else": ["exit"]}}, email("never")]]
)
async def test_the_exit_finishes_a_journey_wherever_it_stands(world: World, workflow: list[Any]) -> None:
    await world.campaign(trigger={"event": "purchase"}, workflow=workflow)
    await world.event("ada", "purchase")

    journey = await world.journey("ada")
    assert ("finished", None, []) == (journey["state"], journey["exit_reason"], world.subjects())


@pytest.mark.spec("9.07")
async def test_journeys_of_one_person_have_their_own_event_and_position(world: World) -> None:
    fork = {"if": {"data": "total", "at_least": 100}, "then": [email("big", subject="{{event.total}}")]}
    await world.campaign(trigger={"event": "purchase"}, workflow=[{"delay": "2h"}, {"branch": fork}, {"delay": "2h"}])
    await world.identify("ada")
    await world.event("ada", "purchase", {"total": 500})
    await world.advance(hours=1)
    await world.event("ada", "purchase", {"total": 5})
    await world.advance(hours=1)
    first, second = await world.journeys("ada")
    await world.advance(hours=2)

    assert (["500"], "running", "running") == (world.subjects(), first["state"], second["state"])
    assert first["block"] != second["block"]
    assert ["finished", "running"] == [one["state"] for one in await world.journeys("ada")]


@pytest.mark.spec("9.08")
async def test_what_happens_in_one_campaign_means_nothing_in_another(world: World) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "stopped": {},
        "limited": {"frequency": "once"},
        "goal": {"goal": {"event": "refund"}, "exit": "goal"},
    }
    for key, more in kinds.items():
        await world.campaign(key, trigger={"event": "purchase"}, workflow=[{"delay": "1h"}, email(key)], **more)
    await world.campaign("free", trigger={"event": "purchase"}, workflow=[{"delay": "1h"}, email("free")])
    await world.identify("ada")
    await world.event("ada", "purchase")
    await world.event("ada", "refund")
    await world.stop("stopped")
    await world.advance(hours=1)
    await world.event("ada", "purchase")
    await world.advance(hours=1)

    assert ["free", "free", "goal", "limited"] == sorted(world.subjects())


@pytest.mark.spec("9.10", "1.07")
async def test_a_journey_survives_restarts_and_repeats_no_block(world: World) -> None:
    visits = {"update_person": {"set": {"visits": "{{customer.visits | default: 0 | plus: 1}}"}}}
    await world.identify("ada")
    await world.campaign(
        trigger={"event": "purchase"},
        workflow=[email("one"), {"delay": "1h"}, visits, {"delay": "1h"}, email("two"), {"delay": "1h"}],
    )
    await world.restart()
    await world.event("ada", "purchase")
    for _ in range(4):
        await world.restart()
        await world.advance(minutes=50)

    journey = await world.journey("ada")
    assert ("finished", ["one", "two"]) == (journey["state"], world.subjects())
    assert "1" == str((await world.get("people/ada"))["attributes"]["visits"])
    assert len(lines(journey)) == len(set(lines(journey)))
