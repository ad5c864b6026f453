"""The shapes that a journey can have, each played in a whole world by somebody whose name is unmistakable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from channels.channel import OutcomeUnknown, TryLater
from engine import ids
from tests.world import World, email

PERSON: Final = "ottilie-wunderlich"
ADDRESS: Final = "ottilie.wunderlich@secret.example"
CITY: Final = "Quedlinburg"
PERSONAL: Final = ("ottilie", "wunderlich", "secret.example", "quedlinburg")
"""None of this may stand in a history, in any case of letters."""

Shape = Callable[[World], Awaitable[str]]
"""Plays one shape and returns the id of the workflow to look at."""

SHAPES: Final[dict[str, Shape]] = {}

_TRIGGER: Final = {"event": "signed_up"}


def _shape(play: Shape) -> Shape:
    SHAPES[play.__name__] = play
    return play


async def _enter(world: World, **attributes: object) -> None:
    await world.identify(PERSON, email=ADDRESS, city=CITY, first_name="Ottilie", **attributes)
    await world.event(PERSON, "signed_up", {"city": CITY, "recipient": ADDRESS})


async def _id(world: World) -> str:
    return str((await world.journey(PERSON))["workflow_id"])


@_shape
async def one_email(world: World) -> str:
    await world.campaign(trigger=_TRIGGER, workflow=[email("hello", subject="Hello {{customer.first_name}}")])
    await _enter(world)
    return await _id(world)


@_shape
async def delays_and_emails(world: World) -> str:
    steps = [step for name in ("one", "two", "three") for step in ({"delay": "2d"}, email(name))]
    await world.campaign(trigger=_TRIGGER, workflow=steps)
    await _enter(world)
    await world.advance(days=7)
    return await _id(world)


@_shape
async def branch_and_change_of_data(world: World) -> str:
    fork = {"id": "fork", "if": {"attribute": "city", "equals": CITY}, "then": [email("near")], "else": [email("far")]}
    change = {"update_person": {"id": "mark", "set": {"town": "{{customer.city}}"}}}
    await world.campaign(trigger=_TRIGGER, workflow=[change, {"delay": "1h"}, {"branch": fork}])
    await _enter(world)
    await world.advance(hours=2)
    return await _id(world)


@_shape
async def woken_while_waiting(world: World) -> str:
    await world.campaign(trigger=_TRIGGER, workflow=[{"delay": "3d"}, email("hello")])
    await _enter(world)
    workflow_id = await _id(world)
    await world.workflow(await world.journey(PERSON)).signal("look_again")
    await world.advance(days=4)
    return workflow_id


@_shape
async def filters_that_match_in_time(world: World) -> str:
    await world.segment("paying", {"attribute": "plan", "equals": "pro"})
    await world.campaign(trigger=_TRIGGER, filters={"in": "paying"}, workflow=[email("hello")])
    await _enter(world)
    await world.advance(minutes=10)
    await world.identify(PERSON, email=ADDRESS, plan="pro")
    return await _id(world)


@_shape
async def filters_that_never_match(world: World) -> str:
    await world.segment("paying", {"attribute": "plan", "equals": "pro"})
    await world.campaign(trigger=_TRIGGER, filters={"in": "paying"}, workflow=[email("hello")])
    await _enter(world)
    row = await world.pool.fetchrow("SELECT workspace_id, campaign_id, person_id, occurrence FROM filter_retries")
    assert row is not None
    await world.advance(minutes=31)
    return ids.journey_workflow(*row.values())


@_shape
async def goal_met_before_a_message(world: World) -> str:
    goal = {"event": "purchase"}
    await world.campaign(trigger=_TRIGGER, goal=goal, exit="goal", workflow=[{"delay": "1d"}, email("hello")])
    await _enter(world)
    await world.event(PERSON, "purchase", {"ship_to": CITY})
    await world.advance(days=2)
    return await _id(world)


@_shape
async def stopped_matching_between_check_and_decision(world: World) -> str:
    await world.segment("local", {"attribute": "city", "equals": CITY})
    await world.campaign(trigger=_TRIGGER, filters={"in": "local"}, workflow=[{"delay": "1d"}, email("hello")])
    await _enter(world)
    await world.identify(PERSON, email=ADDRESS, city="Halle")
    await world.advance(days=2)
    return await _id(world)


@_shape
async def ended_by_an_operator(world: World) -> str:
    await world.campaign(trigger=_TRIGGER, workflow=[{"delay": "3d"}, email("hello")])
    await _enter(world)
    await world.workflow(await world.journey(PERSON)).signal("end")
    workflow_id = await _id(world)
    await world.workflow(await world.journey(PERSON)).result()
    return workflow_id


@_shape
async def message_taken_at_the_third_attempt(world: World) -> str:
    world.mailbox.failures = [TryLater(f"450 {ADDRESS} is busy"), TryLater(f"450 {ADDRESS} is busy")]
    await world.campaign(trigger=_TRIGGER, workflow=[email("hello")])
    await _enter(world)
    await world.advance(minutes=1)
    return await _id(world)


@_shape
async def message_of_unknown_outcome(world: World) -> str:
    world.mailbox.failures = [OutcomeUnknown(f"the line to {ADDRESS} was cut")]
    await world.campaign(trigger=_TRIGGER, workflow=[email("hello")])
    await _enter(world)
    return await _id(world)


@_shape
async def message_that_cannot_be_rendered(world: World) -> str:
    await world.campaign(trigger=_TRIGGER, workflow=[email("hello", subject="{{customer.first_nam}}")])
    await _enter(world)
    return await _id(world)


@_shape
async def campaign_stopped_during_a_delay(world: World) -> str:
    await world.campaign(trigger=_TRIGGER, workflow=[{"delay": "3d"}, email("hello")])
    await _enter(world)
    await world.stop()
    await world.workflow(await world.journey(PERSON)).result()
    return await _id(world)


@_shape
async def campaign_that_is_stopped(world: World) -> str:
    await world.campaign(trigger=_TRIGGER, workflow=[{"delay": "3d"}, email("hello")])
    await _enter(world)
    await world.stop()
    return await _campaign(world)


@_shape
async def campaign_that_is_drained(world: World) -> str:
    await world.campaign(trigger=_TRIGGER, workflow=[{"delay": "3d"}, email("hello")])
    await _enter(world)
    await world.stop(mode="finish")
    await world.advance(days=4)
    return await _campaign(world)


@_shape
async def resent_by_an_operator(world: World) -> str:
    world.mailbox.failures = [OutcomeUnknown("the line was cut")]
    await world.campaign(trigger=_TRIGGER, workflow=[email("hello")])
    await _enter(world)
    (delivery,) = await world.deliveries(PERSON)
    answer = await world.http.post(f"/sojourn/v1/deliveries/{delivery['id']}/settle", json={"action": "resend"})
    assert answer.is_success, answer.text
    await world.settle()
    workflow_id = ids.resend_workflow(await world.pool.fetchval("SELECT id FROM deliveries"), 2)
    await world.workflow({"workflow_id": workflow_id}).result()
    return workflow_id


async def _campaign(world: World) -> str:
    row = await world.pool.fetchrow("SELECT workspace_id, id FROM campaigns")
    assert row is not None
    workflow_id = ids.campaign_workflow(*row.values())
    await world.workflow({"workflow_id": workflow_id}).result()
    return workflow_id
