"""A campaign is started, stopped and restarted by its operator (behaviour 12, 13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from channels.channel import TryLater
from tests.world import World, email, kinds

SLOW: dict[str, Any] = {
    "trigger": {"event": "purchase"},
    "workflow": [email("one"), {"delay": "1d"}, email("two"), {"delay": "1d"}, email("three")],
}


async def state(world: World) -> str:
    return str((await world.get("campaigns/campaign"))["state"])


async def ask_to_stop(world: World, body: dict[str, Any] | None) -> httpx.Response:
    return await world.http.post("/sojourn/v1/campaigns/campaign/stop", json=body)


@pytest.fixture
async def inside(world: World) -> World:
    """Ada is in the first delay."""
    await world.campaign(**SLOW)
    await world.identify("ada")
    await world.event("ada", "purchase")
    return world


@pytest.mark.spec("12.01")
async def test_a_review_shows_all_settings_and_every_error_and_with_errors_nothing_starts(world: World) -> None:
    document = {
        "name": "campaign",
        "filters": {"in": "nowhere"},
        "goal": {"enters": "elsewhere"},
        "exit": "goal",
        **SLOW,
    }
    reviewed = await world.http.post("/sojourn/v1/campaigns/validate", json=document)
    await world.campaign(start=False, **document)
    refused = await world.http.post("/sojourn/v1/campaigns/campaign/start")
    await world.event("ada", "purchase")
    draft = await state(world)

    await world.segment("nowhere", {"attribute": "plan", "equals": "pro"})
    await world.segment("elsewhere", {"attribute": "plan", "equals": "free"})
    await world.start()

    shown = reviewed.json()
    settings = (
        "trigger",
        "filters",
        "goal",
        "exit",
        "frequency",
        "send_to_unsubscribed",
        "unknown_outcome",
        "workflow",
    )
    assert set(settings) <= set(shown["document"])
    assert [("error", "filters"), ("error", "goal")] == [(one["level"], one["place"]) for one in shown["findings"]]
    assert (422, ["filters", "goal"]) == (refused.status_code, [fault["place"] for fault in refused.json()["faults"]])
    assert ("draft", "running", []) == (draft, await state(world), world.subjects())


@pytest.mark.spec("12.09")
async def test_the_first_start_is_kept(world: World) -> None:
    await world.campaign(**SLOW)
    first = await world.get("campaigns/campaign")
    await world.stop()
    await world.advance(days=3)
    await world.start()

    again = await world.get("campaigns/campaign")
    assert first["first_started_at"] == first["started_at"] == again["first_started_at"] < again["started_at"]


@pytest.mark.spec("13.01")
@pytest.mark.parametrize("mode", ["now", "finish"])
async def test_nobody_enters_a_stopped_campaign_and_everything_in_it_can_be_edited(inside: World, mode: str) -> None:
    await inside.identify("bob")
    await inside.stop(mode=mode)
    await inside.event("bob", "purchase")
    edited: dict[str, Any] = {
        "goal": {"event": "refund"},
        "exit": "goal",
        "trigger": {"event": "sale"},
        "workflow": [email("new")],
    }
    await inside.campaign(start=False, **edited)
    await inside.event("bob", "sale")
    refused_entry = await inside.journeys("bob")
    await inside.advance(days=9)

    await inside.start()
    await inside.event("bob", "sale")

    assert ([], ["new"]) == (refused_entry, inside.subjects("bob@example.com"))
    document = (await inside.get("campaigns/campaign"))["document"]
    assert edited["goal"] == document["goal"]
    assert ("goal", "new") == (document["exit"], document["workflow"][0]["email"]["id"])


@pytest.mark.spec("13.02")
async def test_with_people_inside_the_operator_has_to_choose(inside: World) -> None:
    answers = [await ask_to_stop(inside, body) for body in (None, {}, {"mode": "somehow"})]
    running = await state(inside)

    await inside.stop(mode="finish")
    finishing = (await inside.journey("ada"))["state"]
    await inside.stop(mode="now")

    assert ([422] * 3, "running", "running") == ([answer.status_code for answer in answers], running, finishing)
    assert ("stopped", "exited") == (await state(inside), (await inside.journey("ada"))["state"])


@pytest.mark.spec("13.03")
async def test_whoever_is_inside_may_finish_and_with_the_last_the_campaign_is_stopped(inside: World) -> None:
    await inside.advance(hours=1)
    await inside.identify("bob")
    await inside.event("bob", "purchase")
    states = []
    await inside.stop(mode="finish")
    for _ in range(3):
        states.append(await state(inside))
        await inside.advance(hours=23, minutes=30)
    states.append(await state(inside))

    assert ["stopping", "stopping", "stopping", "stopped"] == states
    assert ["one", "two", "three"] == inside.subjects("ada@example.com") == inside.subjects("bob@example.com")
    assert (await inside.get("campaigns/campaign"))["stopped_at"] == (await inside.journey("bob"))["ended_at"]


@pytest.mark.spec("13.03", "9.05")
async def test_a_campaign_is_stopped_too_when_the_last_one_leaves_early(inside: World) -> None:
    await inside.stop(mode="finish")
    await inside.delete("ada")

    assert "stopped" == await state(inside)


@pytest.mark.spec("13.04")
async def test_with_nobody_inside_a_campaign_is_stopped_at_once(world: World) -> None:
    await world.campaign(trigger={"event": "purchase"}, workflow=[email("one")])
    await world.event("ada", "purchase")

    answer = await ask_to_stop(world, {"mode": "finish"})

    assert ("stopped", "stopped") == (answer.json()["state"], await state(world))


async def test_a_stop_by_force_ends_every_journey_now_and_nothing_more_is_sent(inside: World) -> None:
    """Behaviour 13.05, as far as there are messages that can be recalled."""
    for person in ("bob", "eve"):
        await inside.event(person, "purchase")
    sent = len(inside.mails)
    stopped_at = inside.now
    await inside.stop(mode="now")
    ended = [await inside.journey(person) for person in ("ada", "bob", "eve")]
    await inside.advance(days=9)

    assert {("exited", "campaign_stopped", "exited")} == {
        (one["state"], one["exit_reason"], kinds(one)[-1]) for one in ended
    }
    assert all(one["ended_at"] < (stopped_at + timedelta(minutes=1)).isoformat() for one in ended)
    assert (sent, "stopped") == (len(inside.mails), await state(inside))


async def test_a_stop_by_force_makes_what_was_not_handed_over_yet_undeliverable(world: World) -> None:
    """Behaviour 13.06, as far as there are drafts."""
    await world.campaign(**SLOW)
    await world.identify("ada")
    world.mailbox.failures.append(TryLater("Busy.", timedelta(hours=1)))
    await world.event("ada", "purchase")
    (before,) = await world.deliveries("ada")

    await world.stop(mode="now")
    await world.advance(days=2)

    (after,) = await world.deliveries("ada")
    assert ("attempted", "undeliverable", []) == (before["state"], after["state"], world.subjects())
    assert ("exited", "campaign_stopped") == ((journey := await world.journey("ada"))["state"], journey["exit_reason"])


@pytest.mark.spec("13.10", "13.11")
async def test_a_restart_takes_up_new_events_only_and_brings_nobody_back(inside: World) -> None:
    await inside.stop(mode="now")
    await inside.event("bob", "purchase")
    await inside.advance(days=1)
    await inside.start()
    await inside.event("eve", "purchase")
    await inside.advance(days=3)

    assert [] == await inside.journeys("bob")
    assert ("exited", ["one"]) == ((await inside.journey("ada"))["state"], inside.subjects("ada@example.com"))
    assert "finished" == (await inside.journey("eve"))["state"]


@pytest.mark.spec("13.11")
async def test_who_was_forced_out_does_not_resume_if_the_restart_comes_before_they_hear_of_it(inside: World) -> None:
    async with inside.without_worker(days=1, minutes=1):
        for action, body in (("stop", {"mode": "now"}), ("start", None)):
            answer = await inside.http.post(f"/sojourn/v1/campaigns/campaign/{action}", json=body)
            assert 200 == answer.status_code
    await inside.event("bob", "purchase")
    await inside.advance(days=3)

    assert ("running", ["one"]) == (await state(inside), inside.subjects("ada@example.com"))
    assert "campaign_stopped" == (await inside.journey("ada"))["exit_reason"]
    assert "finished" == (await inside.journey("bob"))["state"]


@pytest.mark.spec("13.03")
async def test_a_campaign_that_is_stopping_can_be_started_again_and_nobody_notices(inside: World) -> None:
    await inside.stop(mode="finish")
    await inside.start()
    await inside.event("bob", "purchase")
    await inside.advance(days=3)

    assert ("running", ["one", "two", "three"]) == (await state(inside), inside.subjects("ada@example.com"))
    assert "finished" == (await inside.journey("bob"))["state"]
