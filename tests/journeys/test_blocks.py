"""From the trigger to the Exit, block by block (behaviour 6.1, 6.9, 6.12)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from channels.channel import Refused, TryLater
from tests.world import World, email, kinds

TRIGGER = {"event": "signed_up"}
PRO = {"attribute": "plan", "equals": "pro"}


async def enter(world: World, *workflow: dict[str, Any] | str, person: str = "ada", **attributes: Any) -> None:
    """Save and start the campaign with this workflow, and let a person into it."""
    await world.campaign(trigger=TRIGGER, workflow=list(workflow))
    await world.identify(person, **attributes)
    await world.event(person, "signed_up")


def places(journey: dict[str, Any], kind: str) -> list[str]:
    """Return the blocks of which a journey's log says something of this kind."""
    return [line["block"] for line in journey["decisions"] if line["kind"] == kind]


@pytest.mark.spec("6.01", "6.02")
@pytest.mark.parametrize("end", [[], ["exit"]])
async def test_a_workflow_runs_from_top_to_bottom_and_ends_as_finished(world: World, end: list[Any]) -> None:
    await enter(world, email("one"), {"delay": "1h"}, email("two"), {"branch": {"else": [email("three")]}}, *end)
    await world.advance(hours=1)

    journey = await world.journey("ada")
    assert ["one", "two", "three"] == world.subjects()
    assert ("finished", None, "finished") == (journey["state"], journey["exit_reason"], kinds(journey)[-1])
    assert journey["ended_at"] is not None


@pytest.mark.spec("6.01")
async def test_the_exit_at_the_end_cannot_be_removed_nor_made_conditional(world: World) -> None:
    await enter(world, email("one"))
    conditional = {"name": "x", "trigger": TRIGGER, "workflow": [email("one"), {"exit": {"if": PRO}}]}
    answer = await world.http.put("/sojourn/v1/campaigns/other", json=conditional)

    assert "finished" == (await world.journey("ada"))["state"]
    assert ["workflow[1].exit.if"] == [fault["place"] for fault in answer.json()["faults"]]


@pytest.mark.spec("6.02")
async def test_an_exit_inside_a_branch_finishes_too(world: World) -> None:
    await enter(world, {"branch": {"if": PRO, "then": ["exit"]}}, email("offer"), plan="pro")

    assert ([], "finished") == (world.subjects(), (await world.journey("ada"))["state"])


@pytest.mark.spec("6.03")
async def test_a_block_that_is_moved_behind_somebody_who_had_it_is_not_sent_again(world: World) -> None:
    await enter(world, email("one"), {"delay": {"id": "pause", "for": "1h"}}, email("two"))
    await world.campaign(
        start=False, trigger=TRIGGER, workflow=[{"delay": {"id": "pause", "for": "1h"}}, email("two"), email("one")]
    )
    await world.advance(hours=1)

    assert (["one", "two"], "finished") == (world.subjects(), (await world.journey("ada"))["state"])


@pytest.mark.spec("6.03")
async def test_each_pass_has_a_copy_of_its_own(world: World) -> None:
    await enter(world, email("one"))
    await world.event("ada", "signed_up")

    assert ["one", "one"] == world.subjects()
    assert 2 == len({mail.email.key for mail in world.mails})


@pytest.mark.spec("6.04")
async def test_a_block_whose_action_condition_is_false_is_skipped_visibly_and_the_journey_goes_on(world: World) -> None:
    workflow = [
        {"delay": {"id": "pause", "for": "1d", "if": PRO}},
        email("offer", **{"if": PRO}),
        {"update_person": {"id": "mark", "set": {"offered": True}, "if": PRO}},
        email("bye"),
    ]
    await enter(world, *workflow)
    await world.identify("bob", plan="pro")
    await world.event("bob", "signed_up")

    free = await world.journey("ada")
    assert (["bye"], "finished") == (world.subjects("ada@example.com"), free["state"])
    assert ["pause", "offer", "mark"] == places(free, "skipped")
    assert "offered" not in (await world.get("people/ada"))["attributes"]
    assert [] == world.subjects("bob@example.com")

    await world.advance(days=1)
    assert ["offer", "bye"] == world.subjects("bob@example.com")
    assert [] == places(await world.journey("bob"), "skipped")
    assert (await world.get("people/bob"))["attributes"]["offered"] is True


@pytest.mark.spec("6.04")
async def test_an_action_condition_is_asked_when_the_block_is_reached(world: World) -> None:
    await enter(world, {"delay": "1h"}, email("offer", **{"if": PRO}), email("bye"))
    await world.identify("ada", plan="pro")
    await world.advance(hours=1)

    assert ["offer", "bye"] == world.subjects()


@pytest.mark.spec("6.06")
async def test_a_message_that_does_not_go_does_not_end_the_journey(world: World) -> None:
    await world.suppress_address("gone@example.com")
    workflow = [
        email("unmakable", subject="{{customer.surname}}"),
        email("refused"),
        email("suppressed", to="gone@example.com"),
        email("held_up"),
        email("last", send_to_unsubscribed=True),
    ]
    world.mailbox.failures = [Refused("no such mailbox"), TryLater("busy")]
    await enter(world, *workflow)
    await world.identify("ada", unsubscribed=True)
    await world.tried_again((await world.deliveries("ada"))[-1])

    assert {
        "unmakable": "failed",
        "refused": "failed",
        "suppressed": "suppressed",
        "held_up": "undeliverable",
        "last": "sent",
    } == {delivery["block"]: delivery["state"] for delivery in await world.deliveries("ada")}
    assert (["last"], "finished") == (world.subjects(), (await world.journey("ada"))["state"])


async def test_what_speaks_against_a_message_is_looked_at_in_its_order(world: World) -> None:
    """Behaviour 6.07, as far as there are message limits: each person has one obstacle less than the one before."""
    await world.segment("staying", {"attribute": "staying", "is_true": True})
    nudge = email("nudge", subject="{{customer.name}}", **{"if": PRO})
    off = email("nudge", subject="{{customer.name}}", sending="off", **{"if": PRO})
    people: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "leaving": (off, {"unsubscribed": True, "staying": False}),
        "unmeant": (off, {"unsubscribed": True}),
        "switched_off": (off, {"unsubscribed": True, "plan": "pro"}),
        "unsubscribed": (nudge, {"unsubscribed": True, "plan": "pro"}),
        "suppressed": (nudge, {"plan": "pro"}),
        "nameless": (nudge, {"plan": "pro"}),
        "refused": (nudge, {"plan": "pro", "name": "Ada"}),
    }
    seen: dict[str, tuple[str, str, str]] = {}
    for person, (message, attributes) in people.items():
        await world.campaign(
            trigger=TRIGGER, filters={"in": "staying"}, workflow=[{"delay": "1h"}, message], start=not seen
        )
        if person not in ("nameless", "refused"):
            await world.suppress_address(f"{person}@example.com")
        world.mailbox.failures = [Refused("no such mailbox")]
        await world.identify(person, staying=True)
        await world.event(person, "signed_up")
        await world.identify(person, **attributes)
        await world.advance(hours=1)
        said = [line for line in (await world.journey(person))["decisions"] if line["block"] == "nudge"][-1]
        seen[person] = (said["kind"], said["text"].partition(": ")[2] or said["text"], said["seen"].get("reason"))

    assert {
        "leaving": ("exited", "The person no longer matches the filters", None),
        "unmeant": ("skipped", "its condition does not hold", None),
        "switched_off": ("skipped", "its sending is off", None),
        "unsubscribed": ("withheld", "the person has unsubscribed", None),
        "suppressed": ("suppressed", "not sent, the address is suppressed", "The address is suppressed."),
        "nameless": ("failed", "failed", seen["nameless"][2]),
        "refused": ("failed", "failed", "no such mailbox"),
    } == seen
    assert "customer.name is missing" in seen["nameless"][2]
    assert [] == world.mails


@pytest.mark.spec("6.60")
@pytest.mark.parametrize(("length", "span"), [("45m", {"minutes": 45}), ("2h", {"hours": 2}), ("3d", {"days": 3})])
async def test_a_delay_holds_for_minutes_hours_or_days_from_the_arrival_at_it(
    world: World, length: str, span: dict[str, int]
) -> None:
    await enter(world, {"delay": "1h"}, email("before"), {"delay": length}, email("after"))
    await world.advance(hours=1)
    waiting = await world.journey("ada")
    assert timedelta(**span) == datetime.fromisoformat(waiting["due_at"]) - datetime.fromisoformat(
        waiting["arrived_at"]
    )

    await world.advance(seconds=timedelta(**span).total_seconds() - 30)
    assert ["before"] == world.subjects()
    await world.advance(minutes=1)
    before, after = world.mails
    assert abs(after.at - before.at - timedelta(**span)) < timedelta(seconds=10)


@pytest.mark.spec("6.61")
async def test_a_delay_of_no_length_passes_through(world: World) -> None:
    await enter(world, {"delay": {"id": "none", "for": 0}}, email("at_once"))

    journey = await world.journey("ada")
    assert (["at_once"], ["none"], []) == (world.subjects(), places(journey, "passed"), places(journey, "waiting"))


@pytest.mark.spec("6.62")
async def test_nothing_is_checked_during_a_delay(world: World) -> None:
    await world.segment("pro", PRO)
    await world.segment("done", {"attribute": "done", "is_true": True})
    await world.campaign(
        trigger=TRIGGER,
        filters={"in": "pro"},
        goal={"enters": "done"},
        exit="goal_or_stopped_matching",
        workflow=[{"delay": "1d"}, {"delay": "1d"}, email("offer")],
    )
    await world.identify("ada", plan="pro")
    await world.event("ada", "signed_up")

    await world.identify("ada", plan="free", done=True)
    await world.advance(hours=36)
    assert "running" == (await world.journey("ada"))["state"]
    await world.identify("ada", plan="pro", done=False)
    await world.advance(hours=12)
    assert ["offer"] == world.subjects()


async def test_a_branch_is_asked_once_on_arrival(world: World) -> None:
    """Behaviour 6.90, for what conditions can ask about so far: attributes, segments and the event's data."""
    await world.segment("paying", {"attribute": "seats", "at_least": 1})
    question = {"any": [PRO, {"in": "paying"}, {"data": "invited", "is_true": True}]}
    paths = {"then": [{"delay": "1h"}, email("yes")], "else": [{"delay": "1h"}, email("no")]}
    fork = {"branch": {"id": "fork", "if": question, **paths}}
    await world.campaign(trigger=TRIGGER, workflow=[{"delay": "1h"}, fork, email("both")])
    people: dict[str, dict[str, Any]] = {
        "by_attribute": {"plan": "pro"},
        "by_segment": {"seats": 3},
        "by_event": {},
        "by_none": {},
    }
    for person in people:
        await world.event(person, "signed_up", {"invited": person == "by_event"})
        await world.identify(person, **people[person])
    await world.advance(minutes=90)
    for person in people:
        await world.identify(person, plan="free" if people[person] else "pro", seats=0)
    await world.advance(hours=1)

    taken = {person: world.subjects(f"{person}@example.com") for person in people}
    assert {person: ["no" if person == "by_none" else "yes", "both"] for person in people} == taken
    assert ["fork"] == places(await world.journey("by_none"), "branched")
