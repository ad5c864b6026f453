"""Why did this person enter, and why not? Asked of the past and of the present."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.world import World, email

HELLO = [email("hello")]


async def why(world: World, person: str = "ada", campaign: str = "campaign") -> dict[str, Any]:
    """Ask."""
    answer: dict[str, Any] = await world.get(f"campaigns/{campaign}/people/{person}/why")
    return answer


def gates(answer: dict[str, Any]) -> dict[str, bool | None]:
    """Return name to whether it is open."""
    return {gate["name"]: gate["open"] for gate in answer["gates"]}


def gate(answer: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one gate."""
    (found,) = (gate for gate in answer["gates"] if gate["name"] == name)
    return dict(found)


@pytest.fixture
async def pro(world: World) -> World:
    """A world with nested segments: `pro`, and `active-pro` of those who logged in lately."""
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.segment("active-pro", {"all": [{"in": "pro"}, {"performed": {"event": "login", "within": "7d"}}]})
    return world


async def test_the_truth_of_every_part_of_a_condition_is_said_with_what_was_seen(pro: World) -> None:
    await pro.campaign(trigger={"condition": {"in": "active-pro"}}, workflow=HELLO)
    await pro.identify("ada", plan="free")

    answer = await why(pro)

    assert {
        "campaign": True,
        "trigger": False,
        "filters": True,
        "frequency": True,
        "exit": True,
        "subscription": True,
    } == (gates(answer))
    assert "Never entered; would not enter now" in answer["summary"]
    seen = gate(answer, "trigger")["seen"]
    assert {"pro", "active-pro"} == seen["segments"].keys()
    assert ("free", False) == (seen["segments"]["pro"]["seen"], seen["segments"]["pro"]["holds"])
    login = seen["segments"]["active-pro"]["parts"][1]
    assert (False, 0) == (login["holds"], login["seen"]["times"])


async def test_who_entered_once_is_told_that_frequency_stands_in_the_way(pro: World) -> None:
    await pro.campaign(trigger={"condition": {"in": "pro"}}, workflow=HELLO)
    await pro.identify("ada", plan="pro")
    await pro.identify("ada", plan="free")
    await pro.identify("ada", plan="pro")

    answer = await why(pro)

    assert (1, False, False) == (answer["entries"], answer["inside"], gates(answer)["frequency"])
    assert ["finished"] == [journey["state"] for journey in answer["journeys"]]
    assert ["frequency"] == [refusal["reason"] for refusal in answer["refusals"]]


async def test_events_of_the_past_say_what_their_data_lacked(world: World) -> None:
    trigger = {"event": "purchase", "where": [{"path": "total", "greater_than": 100}]}
    await world.campaign(trigger=trigger, workflow=HELLO)
    await world.event("ada@example.com", "purchase", {"total": 20})
    await world.event("ada@example.com", "purchase", {"total": 200})

    answer = await why(world, "ada@example.com")

    assert [True, False] == [event["matches"] for event in answer["events"]]
    [total] = answer["events"][1]["seen"]["parts"]
    assert (20, False) == (total["seen"], total["holds"])
    assert 1 == len(answer["journeys"])


async def test_events_that_came_while_the_campaign_did_not_listen_are_told_from_those_that_counted(
    world: World,
) -> None:
    await world.event("ada@example.com", "purchase")
    await world.advance(minutes=1)
    await world.campaign(trigger={"event": "purchase"}, workflow=HELLO)
    await world.event("ada@example.com", "purchase")
    await world.advance(minutes=1)
    await world.stop()
    await world.event("ada@example.com", "purchase")
    await world.advance(minutes=1)
    await world.start()
    await world.event("ada@example.com", "purchase")

    answer = await why(world, "ada@example.com")

    assert [None, "stopped", None, "before_start"] == [event["ignored"] for event in answer["events"]]
    assert 2 == answer["entries"]


async def test_a_name_like_the_one_that_the_trigger_waits_for_is_told(world: World) -> None:
    await world.campaign(trigger={"event": "order_placed"}, workflow=HELLO)
    for name in ("order-placed", "orderPlaced", "order-placed", "login"):
        await world.event("ada@example.com", name)
    await world.event("ada@example.com", "order_placed", type="page")

    said = gate(await why(world, "ada@example.com"), "trigger")
    await world.event("ada@example.com", "order_placed")
    then = gate(await why(world, "ada@example.com"), "trigger")

    assert {"order-placed", "orderPlaced"} == set(said["seen"]["similar"])
    assert '"order-placed"' in said["text"]
    assert ({}, 'Waits for the event "order_placed".') == (then["seen"], then["text"])


async def test_refusals_of_the_past_are_known(pro: World) -> None:
    await pro.campaign(trigger={"event": "purchase"}, filters={"in": "pro"}, workflow=HELLO)
    await pro.identify("ada", plan="free")
    await pro.event("ada", "purchase", timestamp=int((pro.now - timedelta(days=4)).timestamp()))
    await pro.event("ada", "purchase")
    waiting = await why(pro)
    await pro.advance(minutes=31)

    answer = await why(pro)

    assert ["waiting_for_filters"] == [journey["state"] for journey in waiting["journeys"]]
    assert ["filters_never_matched", "stale"] == [refusal["reason"] for refusal in answer["refusals"]]
    assert (None, False) == (gates(answer)["trigger"], gates(answer)["filters"])
    until = f"{pro.now - timedelta(minutes=1):%Y-%m-%d %H:%M}"
    assert f"Never entered; an event waits for the filters until {until}" in waiting["summary"]
    assert "waits" not in answer["summary"]


@pytest.mark.spec("2.22")
async def test_who_entered_too_lately_is_told_from_when_an_entry_is_possible_again(world: World) -> None:
    await world.campaign(trigger={"event": "purchase"}, frequency={"once_per": "1h"}, workflow=HELLO)
    await world.event("ada@example.com", "purchase")
    await world.settle()

    answer = await why(world, "ada@example.com")

    assert "would not enter now: the person has entered within the last hour." in answer["summary"]
    again = gate(answer, "frequency")["seen"]["possible_from"]
    assert f"An entry is possible again from {again[:19].replace('T', ' ')} UTC." in answer["summary"]


async def test_a_draft_says_that_it_has_to_be_started(world: World) -> None:
    await world.campaign(trigger={"event": "purchase"}, workflow=HELLO, start=False)
    await world.identify("ada")

    said = (await why(world))["summary"]

    assert said.endswith("would not enter now: the campaign is a draft, and nobody enters until it is started.")


@pytest.mark.spec("1.73")
@pytest.mark.parametrize(
    ("birthday", "reason"),
    [(None, "missing"), ("next tuesday", "unrecognised"), ("2020-05-05", "past"), ("2027-06-05", None)],
)
async def test_the_next_date_is_said_or_why_there_is_none(
    world: World, birthday: str | None, reason: str | None
) -> None:
    trigger = {"date": "trial_ends", "every": "once", "at": "09:00", "timezone": "UTC"}
    await world.campaign(trigger=trigger, workflow=HELLO)
    await world.identify("ada", trial_ends=birthday)

    answer = await why(world)
    seen = gate(answer, "trigger")["seen"]

    if reason is None:
        assert ("2027-06-05T09:00:00+00:00", "2027-06-05") == (seen["fires_at"], seen["date"])
        assert "2027-06-05T09:00:00Z" == answer["scheduled"]["date_at"]
    else:
        assert ({"reason": reason}, None) == (seen, answer["scheduled"]["date_at"])


async def test_other_gates_say_what_they_would_do(pro: World) -> None:
    await pro.campaign(trigger={"event": "purchase"}, workflow=HELLO, goal={"enters": "pro"}, exit="goal")
    await pro.identify("ada", plan="pro", unsubscribed=True)
    open_now = gates(await why(pro))
    await pro.stop()

    assert (False, False, True) == (open_now["exit"], open_now["subscription"], open_now["campaign"])
    assert gates(await why(pro))["campaign"] is False


async def test_nobody_and_nothing_are_clear_errors(pro: World) -> None:
    await pro.campaign("calls", trigger="webhook", workflow=[{"delay": "1h"}])
    await pro.identify("ada")
    for path, status in (("calls/people/ada", 409), ("nope/people/ada", 404), ("calls/people/bob", 404)):
        assert status == (await pro.http.get(f"/sojourn/v1/campaigns/{path}/why")).status_code
