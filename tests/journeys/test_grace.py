"""Who does not match when a message is due, in a condition campaign: wait for a while, then decide (behaviour 10.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import World, email, kinds

TRIGGER = {"condition": {"in": "signed-up"}}
ONE: list[dict[str, Any]] = [{"delay": {"id": "pause", "for": "3d"}}, email("one")]


@pytest.fixture
async def segments(world: World) -> World:
    """A world that knows who has signed up, who has viewed the pricing page, and who has paid."""
    await world.segment("signed-up", {"attribute": "signed_up", "is_true": True})
    await world.segment("viewed", {"attribute": "viewed", "is_true": True})
    await world.segment("paid", {"attribute": "plan", "equals": "paid"})
    return world


async def enter(world: World, person: str = "ada", **attributes: Any) -> None:
    """Make a person begin to match the trigger."""
    await world.identify(person, signed_up=False, **attributes)
    await world.identify(person, signed_up=True)


async def leave(world: World, person: str = "ada") -> None:
    """Make a person stop matching the trigger."""
    await world.identify(person, signed_up=False)


async def stands(world: World, person: str = "ada") -> tuple[str, str | None]:
    """Return state and block of the person's journey, or how it ended."""
    journey = await world.journey(person)
    return journey["state"], journey["block"] or journey["exit_reason"]


async def grace(world: World, person: str = "ada") -> timedelta:
    """Return how long the grace period is in which the person's journey stands."""
    journey = await world.journey(person)
    assert "grace" == journey["state"]
    return _instant(journey["due_at"]) - _instant(journey["arrived_at"])


def _instant(said: str) -> datetime:
    return datetime.fromisoformat(said)


@pytest.mark.spec("10.50", "10.54", "10.59")
async def test_who_stopped_matching_waits_and_leaves_if_it_stays_so(segments: World) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, workflow=ONE)
    await enter(world)
    await world.advance(days=1)
    await leave(world)
    await world.advance(days=2)

    journey = await world.journey("ada")
    assert (("grace", "one"), []) == (await stands(world), world.mails)
    assert timedelta(hours=36) == await grace(world)
    assert "1 day 12 hours" in journey["doing"]
    note = journey["decisions"][-1]
    assert ("grace", "1 day 12 hours", False) == (
        note["kind"],
        note["seen"]["grace"]["length"],
        note["seen"]["trigger"]["holds"],
    )

    await world.advance(hours=35)
    assert ("grace", "one") == await stands(world)
    await world.advance(hours=2)
    assert (("exited", "stopped_matching"), []) == (await stands(world), world.mails)


@pytest.mark.spec("10.54")
async def test_who_matches_again_at_the_end_gets_the_message_then(segments: World) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, workflow=[*ONE, {"delay": "1d"}, email("two")])
    await enter(world)
    entered = world.now
    await leave(world)
    await world.advance(days=4)
    await world.identify("ada", signed_up=True)
    assert (("grace", "one"), []) == (await stands(world), world.mails)

    await world.advance(days=2)

    hours = [(mail.at - entered) / timedelta(hours=1) for mail in world.mails]
    assert (["one", "two"], ("finished", None)) == (world.subjects(), await stands(world))
    assert pytest.approx([72 + 36, 72 + 36 + 24], abs=0.01) == hours


@pytest.mark.spec("10.51")
@pytest.mark.parametrize(
    ("delay", "length"),
    [("3d", timedelta(hours=36)), ("20m", timedelta(hours=24)), ("70d", timedelta(days=31))],
)
async def test_it_is_half_of_the_delay_at_least_a_day_and_at_most_31_days(
    segments: World, delay: str, length: timedelta
) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, workflow=[{"delay": delay}, email("one")])
    await enter(world)
    await world.advance(minutes=10)
    await leave(world)
    await world.advance(days=70)
    if length < timedelta(days=31):
        journey = await world.journey("ada")
        (noted,) = [line for line in journey["decisions"] if line["kind"] == "grace"]
        assert length == _instant(noted["seen"]["grace"]["until"]) - _instant(noted["at"])
    else:
        assert length == await grace(world)


@pytest.mark.spec("10.52", "10.53")
async def test_the_delay_that_counts_is_the_one_in_which_they_stopped(segments: World) -> None:
    world = segments
    mark = {"update_person": {"id": "mark", "set": {"marked": True}}}
    await world.campaign(trigger=TRIGGER, workflow=[{"delay": "8d"}, mark, {"delay": "2h"}, email("one")])
    for person in ("first", "second", "again"):
        await enter(world, person)
    await world.advance(days=1)
    await leave(world, "first")
    await leave(world, "again")
    await world.advance(days=7, hours=1)
    await leave(world, "second")
    await world.identify("again", signed_up=True)
    await leave(world, "again")
    await world.advance(hours=1)

    lengths = {person: await grace(world, person) for person in ("first", "second", "again")}
    a_day = timedelta(days=1)
    assert {"first": 4 * a_day, "second": a_day, "again": a_day} == lengths


@pytest.mark.spec("1.17", "4.06", "10.58", "17.8")
async def test_filters_are_looked_at_first_at_the_first_message(segments: World) -> None:
    world = segments
    mark = {"update_person": {"id": "mark", "set": {"marked": True}}}
    await world.campaign(trigger=TRIGGER, filters={"in": "viewed"}, workflow=[mark, {"delay": "10d"}, email("one")])
    await enter(world, "ada")
    await enter(world, "bob")
    assert [("running", "mark.delay")] * 2 == [await stands(world, person) for person in ("ada", "bob")]
    await world.advance(days=9)
    await world.identify("ada", viewed=True)
    await world.advance(days=1)

    assert (["ada@example.com"], ("grace", "one")) == ([mail.to for mail in world.mails], await stands(world, "bob"))
    assert timedelta(days=5) == await grace(world, "bob")  # never matched: half of the delay before


@pytest.mark.spec("10.52", "1.17")
async def test_who_has_never_matched_and_meets_a_message_at_once_has_a_day(segments: World) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, filters={"in": "viewed"}, workflow=[email("one")])
    await enter(world)
    assert timedelta(days=1) == await grace(world)
    await world.advance(hours=20)
    await world.identify("ada", viewed=True)
    assert [] == world.subjects()
    await world.advance(hours=4)

    assert (["one"], ("finished", None)) == (world.subjects(), await stands(world))


@pytest.mark.spec("10.55", "17.3")
async def test_with_early_return_who_matches_again_goes_on_at_once(segments: World) -> None:
    world = segments
    await world.campaign(
        "at-once", trigger=TRIGGER, grace="early_return", workflow=[email("one"), {"delay": "1d"}, email("two")]
    )
    await enter(world)
    await leave(world)
    await world.advance(days=1, hours=2)
    assert (["one"], "grace") == (world.subjects(), (await stands(world))[0])

    await world.identify("ada", signed_up=True)
    await world.advance(seconds=1)

    assert (["one", "two"], ("finished", None)) == (world.subjects(), await stands(world))


@pytest.mark.spec("13.03", "10.51", "10.55")
async def test_a_campaign_that_lets_people_finish_watches_who_matches_as_before(segments: World) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, grace="early_return", workflow=[{"delay": "4d"}, email("one")])
    await enter(world)
    await world.stop(mode="finish")
    await world.advance(days=1)
    await leave(world)
    await world.advance(days=4)
    assert timedelta(days=2) == await grace(world)

    await enter(world)
    await world.advance(seconds=1)

    assert (["one"], ("finished", None)) == (world.subjects(), await stands(world))


@pytest.mark.spec("10.56", "4.07")
@pytest.mark.parametrize("trigger", [{"event": "signed_up"}, {"form": "newsletter"}])
async def test_an_event_campaign_has_no_grace(segments: World, trigger: dict[str, Any]) -> None:
    world = segments
    await world.campaign(trigger=trigger, filters={"in": "signed-up"}, workflow=ONE)
    await enter(world)
    if "event" in trigger:
        await world.event("ada", "signed_up")
    else:
        await submit(world)
    await leave(world)
    await world.advance(days=3)

    assert ("exited", "stopped_matching") == await stands(world)


async def submit(world: World) -> None:
    answer = await world.http.post("/api/v1/forms/newsletter/submit", json={"data": {"email": "ada@example.com"}})
    assert answer.is_success, answer.text
    await world.settle()


@pytest.mark.spec("10.57", "17.4")
@pytest.mark.parametrize("goal", [{"enters": "paid"}, {"event": "purchase"}])
async def test_a_met_goal_ends_the_journey_at_the_message(segments: World, goal: dict[str, Any]) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, goal=goal, exit="goal_or_stopped_matching", workflow=ONE)
    await enter(world)
    await world.advance(days=1)
    await leave(world)
    await world.event("ada", "purchase")
    await world.identify("ada", plan="paid")
    await world.advance(days=2)

    assert ("exited", "goal") == await stands(world)


@pytest.mark.spec("10.60")
async def test_grace_can_be_switched_off(segments: World) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, grace="off", workflow=ONE)
    await enter(world)
    await leave(world)
    await world.advance(days=3)

    assert ("exited", "stopped_matching") == await stands(world)
    assert "grace" not in kinds(await world.journey("ada"))


@pytest.mark.spec("10.32")
@pytest.mark.parametrize("losing", ["trigger", "filters"])
async def test_matching_is_about_trigger_and_filters(segments: World, losing: str) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, filters={"in": "viewed"}, workflow=ONE)
    await enter(world, viewed=True)
    await world.advance(days=1)
    await world.identify("ada", **{"signed_up" if losing == "trigger" else "viewed": False})
    await world.advance(days=2)

    seen = (await world.journey("ada"))["decisions"][-1]["seen"]
    assert timedelta(hours=36) == await grace(world)
    assert {"trigger": losing != "trigger", "filters": losing != "filters"} == {
        name: seen[name]["holds"] for name in ("trigger", "filters")
    }


@pytest.mark.spec("15.32")
async def test_who_is_inside_is_judged_by_an_edited_trigger_and_nobody_enters_by_the_edit(segments: World) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, workflow=ONE)
    await enter(world, "both", viewed=True)
    await enter(world, "ada")
    await world.identify("bob", viewed=True)
    await world.campaign(start=False, trigger={"condition": {"in": "viewed"}}, workflow=ONE)
    await world.advance(days=3)

    assert (["both@example.com"], []) == ([mail.to for mail in world.mails], await world.journeys("bob"))
    assert (("grace", "one"), timedelta(days=1)) == (await stands(world, "ada"), await grace(world, "ada"))


@pytest.mark.spec("4.05")
async def test_data_blocks_before_the_message_still_run(segments: World) -> None:
    world = segments
    mark = {"update_person": {"id": "mark", "set": {"marked": True}}}
    await world.campaign(trigger=TRIGGER, workflow=[{"delay": "3d"}, mark, email("one")])
    await enter(world)
    await leave(world)
    await world.advance(days=3)

    assert ("grace", True) == (
        (await stands(world))[0],
        (await world.get("people/ada"))["attributes"]["marked"],
    )


@pytest.mark.spec("4.08")
@pytest.mark.parametrize("option", ["never", "goal"])
async def test_who_does_not_leave_for_it_is_asked_the_filters_once(segments: World, option: str) -> None:
    world = segments
    await world.campaign(
        trigger=TRIGGER,
        filters={"in": "viewed"},
        goal={"enters": "paid"},
        exit=option,
        workflow=[{"delay": "1d"}, email("one"), {"delay": "1d"}, email("two")],
    )
    await enter(world, "meets", viewed=True)
    await enter(world, "fails")
    await leave(world, "meets")
    await world.advance(days=1)
    await world.identify("meets", viewed=False)
    assert ("grace", "one") == await stands(world, "fails")
    await world.advance(days=1)

    assert ["one", "two"] == world.subjects("meets@example.com")
    assert [("finished", None), ("exited", "stopped_matching")] == [
        await stands(world, person) for person in ("meets", "fails")
    ]


@pytest.mark.spec("10.40")
async def test_who_stops_and_matches_again_before_the_message_notices_nothing(segments: World) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, workflow=ONE)
    await enter(world)
    await leave(world)
    await world.advance(days=1)
    await world.identify("ada", signed_up=True)
    await world.advance(days=2)

    assert (["one"], ("finished", None)) == (world.subjects(), await stands(world))


@pytest.mark.spec("15.35")
async def test_a_running_grace_period_keeps_its_end_when_the_campaign_is_edited(segments: World) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, workflow=ONE)
    await enter(world)
    await leave(world)
    await world.advance(days=3)
    before = await world.journey("ada")

    await world.campaign(start=False, trigger=TRIGGER, grace="off", workflow=[ONE[0], email("one", subject="changed")])
    await world.advance(hours=35)
    assert (before["due_at"], "grace") == ((await world.journey("ada"))["due_at"], (await stands(world))[0])
    await world.identify("ada", signed_up=True)
    await world.advance(hours=1)

    assert ["changed"] == world.subjects()


@pytest.mark.spec("15.26")
async def test_who_waits_for_a_message_that_is_deleted_goes_on_behind_it(segments: World) -> None:
    world = segments
    later = [{"delay": {"id": "later", "for": "9d"}}, email("two")]
    await world.campaign(trigger=TRIGGER, workflow=[*ONE, *later])
    await enter(world)
    await leave(world)
    await world.advance(days=3)
    assert ("grace", "one") == await stands(world)

    await world.campaign(start=False, trigger=TRIGGER, workflow=[ONE[0], *later])

    assert ("running", "later") == await stands(world)


@pytest.mark.spec("9.10")
async def test_a_grace_period_survives_a_restart(segments: World) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, workflow=ONE)
    await enter(world)
    await leave(world)
    await world.advance(days=3)
    await world.restart()
    await world.identify("ada", signed_up=True)
    await world.advance(hours=36)

    assert ["one"] == world.subjects()


async def test_a_stop_ends_a_grace_period(segments: World) -> None:
    world = segments
    await world.campaign(trigger=TRIGGER, workflow=ONE)
    await enter(world)
    await leave(world)
    await world.advance(days=3)
    await world.stop()

    assert ("exited", "campaign_stopped") == await stands(world)
