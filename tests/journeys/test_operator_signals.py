"""An operator in the Temporal Web UI does by signal what the API does, and our record follows (behaviour 9.05, 13)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email, kinds

SLOW: dict[str, Any] = {"trigger": {"event": "purchase"}, "workflow": [{"delay": "1d"}, email("one")]}


async def state(world: World) -> str:
    return str((await world.get("campaigns/campaign"))["state"])


@pytest.fixture
async def inside(world: World) -> World:
    """Ada and Bob are in the delay."""
    await world.campaign(**SLOW)
    for person in ("ada", "bob"):
        await world.identify(person)
        await world.event(person, "purchase")
    return world


@pytest.mark.spec("9.05")
@pytest.mark.parametrize("arguments", [(), ("manual",), ("she wrote to us",), (None,)])
async def test_end_ends_one_journey_at_once_by_hand_whatever_it_says(inside: World, arguments: tuple[Any, ...]) -> None:
    workflow = inside.workflow(await inside.journey("ada"))

    await inside.signal(workflow, "end", *arguments)

    journey = await inside.journey("ada")
    assert ("exited", "manual", "exited") == (journey["state"], journey["exit_reason"], kinds(journey)[-1])
    assert "manual" == await workflow.result()
    await inside.advance(days=1)
    assert ([], ["one"]) == (inside.subjects("ada@example.com"), inside.subjects("bob@example.com"))


async def test_end_says_by_which_rule_if_it_names_one(inside: World) -> None:
    await inside.signal(inside.workflow(await inside.journey("ada")), "end", "campaign_stopped")

    assert "campaign_stopped" == (await inside.journey("ada"))["exit_reason"]


@pytest.mark.parametrize("arguments", [(), ("she wrote to us",)])
async def test_end_ends_the_wait_for_filters_as_well(world: World, arguments: tuple[Any, ...]) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.campaign(filters={"in": "pro"}, **SLOW)
    await world.event("ada", "purchase")
    waiting = await world.journey("ada")

    await world.signal(world.workflow(waiting), "end", *arguments)
    await world.identify("ada", plan="pro")
    await world.advance(days=2)

    assert ([], ["manual"]) == (await world.journeys("ada"), [one["reason"] for one in await world.refusals("ada")])
    assert [] == world.subjects()


async def test_a_workflow_that_is_cancelled_ends_as_by_hand(inside: World) -> None:
    workflow = inside.workflow(await inside.journey("ada"))

    await workflow.cancel()
    await workflow.result()

    journey = await inside.journey("ada")
    assert ("exited", "manual") == (journey["state"], journey["exit_reason"])


async def test_look_again_changes_nothing_by_itself(inside: World) -> None:
    before = await inside.journey("ada")

    await inside.signal(inside.workflow(before), "look_again")

    assert before == await inside.journey("ada")


async def test_stop_on_a_campaign_ends_every_journey_now(inside: World) -> None:
    """As behaviour 13.05 by the API."""
    workflow = await inside.campaign_workflow()

    await inside.signal(workflow, "stop")
    ended = [await inside.journey(person) for person in ("ada", "bob")]
    await inside.event("eve", "purchase")
    await inside.advance(days=2)

    assert [("exited", "campaign_stopped")] * 2 == [(one["state"], one["exit_reason"]) for one in ended]
    assert ("stopped", "stopped") == (await state(inside), await workflow.result())
    assert ([], []) == (await inside.journeys("eve"), inside.subjects())


@pytest.mark.parametrize("told", ["journey", "campaign"])
async def test_an_instant_without_a_zone_is_as_if_nothing_was_said(inside: World, told: str) -> None:
    campaign = await inside.campaign_workflow()
    journey = inside.workflow(await inside.journey("ada"))

    await inside.signal(campaign if told == "campaign" else journey, "look_again", {"at": "2027-03-01T10:00:00"})
    await inside.signal(journey, "end")
    await inside.signal(campaign, "stop")

    assert ["manual", "campaign_stopped"] == [
        (await inside.journey(person))["exit_reason"] for person in ("ada", "bob")
    ]


@pytest.mark.spec("13.03")
async def test_drain_on_a_campaign_lets_those_inside_finish_and_nobody_enter(inside: World) -> None:
    workflow = await inside.campaign_workflow()

    await inside.signal(workflow, "drain")
    stopping = await state(inside)
    await inside.event("eve", "purchase")
    await inside.advance(days=1)

    assert ("stopping", "stopped", "stopped") == (stopping, await state(inside), await workflow.result())
    assert ([], ["one", "one"]) == (await inside.journeys("eve"), inside.subjects())


@pytest.mark.spec("13.04")
async def test_drain_on_a_campaign_with_nobody_inside_stops_it_at_once(world: World) -> None:
    await world.campaign(**SLOW)

    await world.signal(await world.campaign_workflow(), "drain")

    assert "stopped" == await state(world)


async def test_stop_after_drain_ends_those_who_are_left(inside: World) -> None:
    workflow = await inside.campaign_workflow()

    await inside.signal(workflow, "drain")
    await inside.signal(workflow, "stop")

    assert ("stopped", "campaign_stopped") == (await state(inside), (await inside.journey("ada"))["exit_reason"])


@pytest.mark.spec("13.07", "4.14")
@pytest.mark.parametrize("signal", ["stop", "drain"])
async def test_a_stop_by_signal_drops_what_waits_for_filters(world: World, signal: str) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.campaign(filters={"in": "pro"}, **SLOW)
    await world.event("ada", "purchase")

    await world.signal(await world.campaign_workflow(), signal)
    await world.start()
    await world.identify("ada", plan="pro")
    await world.advance(days=1)

    reasons = [one["reason"] for one in await world.refusals("ada")]
    assert (["campaign_not_running"], [], []) == (reasons, await world.journeys("ada"), world.subjects())


@pytest.mark.spec("13.10", "13.11")
async def test_a_campaign_that_was_stopped_by_signal_is_started_again_by_the_api(inside: World) -> None:
    await inside.signal(await inside.campaign_workflow(), "stop")
    await inside.advance(hours=1)
    await inside.start()
    await inside.event("bob", "purchase")
    await inside.advance(days=1)

    assert ("running", ["one"]) == (await state(inside), inside.subjects())
    assert ["exited", "finished"] == [one["state"] for one in await inside.journeys("bob")]


async def test_the_web_ui_says_in_plain_words_what_is_waited_for_and_who_is_inside(inside: World) -> None:
    journey = inside.workflow(await inside.journey("ada"))
    campaign = await inside.campaign_workflow()
    await inside.signal(campaign, "look_again")

    waits = (await journey.query("__temporal_workflow_metadata")).current_details
    counts = (await campaign.query("__temporal_workflow_metadata")).current_details

    assert "Delay start.delay (1 day), until 2027-03-02 09:00 UTC" == waits
    assert counts.startswith("The campaign is **running**. 2 journeys are open")
    assert all(signal in counts for signal in ("`stop`", "`drain`"))
