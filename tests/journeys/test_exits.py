"""When people leave a campaign early, and when they do not (behaviour 10.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email, kinds

TRIGGER = {"event": "signed_up"}
PURCHASE = {"event": "purchase"}
FILTERS = {"in": "trial"}
MESSAGES = [email("one"), {"delay": "1d"}, email("two")]


@pytest.fixture
async def trials(world: World) -> World:
    """A world that knows who is on trial and who has paid."""
    await world.segment("trial", {"attribute": "plan", "equals": "trial"})
    await world.segment("paid", {"attribute": "plan", "equals": "paid"})
    return world


async def enter(world: World, person: str = "ada", **attributes: Any) -> None:
    """Make a person and let them trigger the campaign."""
    await world.identify(person, **{"plan": "trial"} | attributes)
    await world.event(person, "signed_up")


async def left(world: World, person: str = "ada") -> tuple[str, str | None]:
    """Return how the person's journey stands."""
    journey = await world.journey(person)
    return journey["state"], journey["exit_reason"]


@pytest.mark.spec("10.30")
@pytest.mark.parametrize(
    ("option", "after_stop", "after_goal"),
    [
        ("goal", None, "goal"),
        ("stopped_matching", "stopped_matching", None),
        (None, "stopped_matching", None),
        ("goal_or_stopped_matching", "stopped_matching", "goal"),
        ("never", None, None),
    ],
)
async def test_each_option_looks_at_what_it_says(
    trials: World, option: str | None, after_stop: str | None, after_goal: str | None
) -> None:
    chosen: dict[str, Any] = {} if option is None else {"exit": option}
    await trials.campaign(trigger=TRIGGER, filters=FILTERS, goal=PURCHASE, workflow=MESSAGES, **chosen)
    for person in ("stopping", "buying", "staying"):
        await enter(trials, person)
    await trials.identify("stopping", plan="none")
    await trials.event("buying", "purchase")
    await trials.advance(days=1)

    def came_to(reason: str | None) -> tuple[str, str | None]:
        return ("exited", reason) if reason else ("finished", None)

    assert came_to(after_stop) == await left(trials, "stopping")
    assert came_to(after_goal) == await left(trials, "buying")
    assert came_to(None) == await left(trials, "staying")
    ends = {"stopping": after_stop, "buying": after_goal, "staying": None}
    for person, reason in ends.items():
        assert (["one"] if reason else ["one", "two"]) == trials.subjects(f"{person}@example.com")


@pytest.mark.spec("10.31")
@pytest.mark.parametrize("option", ["goal", "goal_or_stopped_matching"])
async def test_options_about_the_goal_need_one_for_as_long_as_they_are_chosen(world: World, option: str) -> None:
    document: dict[str, Any] = {"name": "campaign", "trigger": TRIGGER, "workflow": MESSAGES, "exit": option}
    without = await world.http.put("/sojourn/v1/campaigns/campaign", json=document)
    await world.campaign(**document, goal=PURCHASE)
    removed = await world.http.put("/sojourn/v1/campaigns/campaign", json=document)

    assert [(422, ["exit"])] * 2 == [
        (answer.status_code, [fault["place"] for fault in answer.json()["faults"]]) for answer in (without, removed)
    ]
    assert "goal" in (await world.get("campaigns/campaign"))["document"]


async def test_an_event_campaign_looks_at_its_filters_and_not_at_its_trigger(trials: World) -> None:
    """Behaviour 10.32, as far as there are condition, form and date triggers."""
    trigger = TRIGGER | {"where": [{"path": "size", "at_least": 5}]}
    await trials.campaign(trigger=trigger, filters=FILTERS, workflow=MESSAGES)
    await trials.identify("ada", plan="trial")
    await trials.event("ada", "signed_up", {"size": 9})
    await trials.event("ada", "signed_up", {"size": 1})
    await trials.advance(days=1)

    assert (["one", "two"], ("finished", None)) == (trials.subjects(), await left(trials))


@pytest.mark.spec("10.33", "10.39")
async def test_between_messages_nothing_is_checked_and_data_blocks_still_run(trials: World) -> None:
    mark = {"update_person": {"id": "mark", "set": {"marked": True}}}
    fork = {"branch": {"id": "fork", "if": FILTERS, "then": [], "else": [mark]}}
    await trials.campaign(
        trigger=TRIGGER, filters=FILTERS, workflow=[email("one"), {"delay": "1d"}, fork, {"delay": "1d"}, email("two")]
    )
    await enter(trials)
    await trials.identify("ada", plan="none")
    await trials.advance(hours=36)
    between = await left(trials)
    await trials.advance(hours=12)

    assert (("running", None), ("exited", "stopped_matching")) == (between, await left(trials))
    assert (await trials.get("people/ada"))["attributes"]["marked"] is True
    exited = (await trials.journey("ada"))["decisions"][-1]
    assert (["one"], "two") == (trials.subjects(), exited["block"])


@pytest.mark.spec("10.33", "10.34", "10.35")
@pytest.mark.parametrize("option", ["goal", "goal_or_stopped_matching"])
async def test_who_is_in_the_goals_segment_already_leaves_at_once(trials: World, option: str) -> None:
    mark = {"update_person": {"set": {"marked": True}}}
    await trials.campaign(trigger=TRIGGER, goal={"enters": "paid"}, exit=option, workflow=[mark, *MESSAGES])
    await enter(trials, plan="paid")

    journey = await trials.journey("ada")
    assert (("exited", "goal_at_entry"), ["entered", "exited"]) == (await left(trials), kinds(journey))
    assert ([], []) == (trials.mails, journey["deliveries"])
    assert "marked" not in (await trials.get("people/ada"))["attributes"]


@pytest.mark.spec("10.36")
async def test_who_is_not_in_the_segment_that_the_goal_leaves_leaves_at_once(trials: World) -> None:
    await trials.campaign(trigger=TRIGGER, goal={"leaves": "trial"}, exit="goal", workflow=MESSAGES)
    await enter(trials, "outside", plan="paid")
    await enter(trials, "inside", plan="trial")
    await trials.advance(hours=1)
    await trials.identify("inside", plan="paid")
    await trials.advance(days=1)

    assert [("exited", "goal_at_entry"), ("exited", "goal")] == [
        await left(trials, "outside"),
        await left(trials, "inside"),
    ]
    assert (["one"], []) == (trials.subjects("inside@example.com"), trials.subjects("outside@example.com"))


@pytest.mark.spec("10.37")
async def test_of_an_event_goal_only_events_after_the_beginning_count(world: World) -> None:
    goal = PURCHASE | {"where": [{"path": "total", "at_least": 50}]}
    await world.campaign(trigger=TRIGGER, goal=goal, exit="goal", workflow=[*MESSAGES, {"delay": "1d"}, email("three")])
    await world.identify("ada")
    await world.event("ada", "purchase", {"total": 80})
    await world.advance(minutes=1)
    await world.event("ada", "signed_up")
    began = int(world.now.timestamp())
    await world.advance(minutes=1)
    await world.event("ada", "purchase", {"total": 70}, timestamp=began - 3600)
    await world.event("ada", "purchase", {"total": 10})
    await world.advance(days=1)
    assert (["one", "two"], ("running", None)) == (world.subjects(), await left(world))

    await world.event("ada", "purchase", {"total": 60})
    await world.advance(days=1)
    assert (["one", "two"], ("exited", "goal")) == (world.subjects(), await left(world))


@pytest.mark.spec("10.38")
async def test_a_goal_met_in_the_first_delay_ends_it_before_any_message_whatever_the_time_frame(world: World) -> None:
    goal = PURCHASE | {"after": "opened", "within": "1d"}
    await world.campaign(trigger=TRIGGER, goal=goal, exit="goal", workflow=[{"delay": "7d"}, email("one")])
    await world.event("ada@example.com", "signed_up")
    await world.advance(hours=1)
    await world.event("ada@example.com", "purchase")
    await world.advance(days=7)

    assert ([], ("exited", "goal")) == (world.mails, await left(world, "ada@example.com"))
    assert [] == await world.deliveries("ada@example.com")


@pytest.mark.spec("10.40")
async def test_who_stops_matching_and_matches_again_between_two_messages_goes_on(trials: World) -> None:
    await trials.campaign(trigger=TRIGGER, filters=FILTERS, workflow=MESSAGES)
    await enter(trials)
    await trials.advance(hours=1)
    await trials.identify("ada", plan="none")
    await trials.advance(hours=1)
    await trials.identify("ada", plan="trial")
    await trials.advance(days=1)

    assert (["one", "two"], ("finished", None)) == (trials.subjects(), await left(trials))


@pytest.mark.spec("10.41")
async def test_an_event_goal_stays_met_and_a_segment_goal_is_judged_at_the_check(trials: World) -> None:
    await trials.campaign("event", trigger=TRIGGER, goal=PURCHASE, exit="goal", workflow=MESSAGES)
    await trials.campaign("segment", trigger=TRIGGER, goal={"enters": "paid"}, exit="goal", workflow=MESSAGES)
    await enter(trials)
    await trials.event("ada", "purchase")
    await trials.identify("ada", plan="paid")
    await trials.advance(hours=1)
    await trials.identify("ada", plan="trial")
    await trials.advance(days=1)

    assert {"event": ("exited", "goal"), "segment": ("finished", None)} == {
        journey["campaign"]["key"]: (journey["state"], journey["exit_reason"])
        for journey in await trials.journeys("ada")
    }
    assert ["one", "one", "two"] == sorted(trials.subjects())


@pytest.mark.spec("10.42")
async def test_after_the_last_message_the_journey_simply_finishes(trials: World) -> None:
    await trials.campaign(
        trigger=TRIGGER,
        filters=FILTERS,
        goal=PURCHASE,
        exit="goal_or_stopped_matching",
        workflow=[email("one"), {"delay": "1d"}, {"update_person": {"set": {"marked": True}}}],
    )
    await enter(trials)
    await trials.event("ada", "purchase")
    await trials.identify("ada", plan="none")
    await trials.advance(days=1)

    assert ("finished", None) == await left(trials)
    assert (await trials.get("people/ada"))["attributes"]["marked"] is True


@pytest.mark.spec("10.43")
async def test_with_never_only_a_stop_or_the_deletion_of_the_person_ends_a_journey_early(trials: World) -> None:
    await trials.campaign(
        trigger=TRIGGER,
        filters=FILTERS,
        goal={"enters": "paid"},
        exit="never",
        workflow=[*MESSAGES, {"delay": "1d"}, email("three")],
    )
    for person in ("ada", "bob"):
        await enter(trials, person)
        await trials.identify(person, plan="paid", unsubscribed=False)
    await trials.advance(days=1)
    assert ["one", "one", "two", "two"] == sorted(trials.subjects())

    bob = await trials.journey("bob")
    await trials.delete("bob")
    await trials.stop()
    deleted = await trials.get(f"journeys/{bob['id']}")
    assert (("exited", "campaign_stopped"), "person_deleted") == (await left(trials), deleted["exit_reason"])
    await trials.advance(days=1)
    assert "three" not in trials.subjects()
