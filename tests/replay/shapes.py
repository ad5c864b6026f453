"""The shapes that a journey can have, each played in a whole world by somebody whose name is unmistakable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from channels.channel import OutcomeUnknown, TryLater
from engine import ids
from tests.receiver import Answer, Receiver
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
async def edited_while_waiting(world: World) -> str:
    await _shorten(world)
    return await _id(world)


@_shape
async def edit_of_a_live_campaign(world: World) -> str:
    await _shorten(world)
    row = await world.pool.fetchrow("SELECT workspace_id, id, latest_version FROM campaigns")
    assert row is not None
    return ids.edit_workflow(*row.values())


async def _shorten(world: World) -> None:
    pause = {"id": "pause", "for": "5d"}
    await world.campaign(trigger=_TRIGGER, workflow=[{"delay": pause}, email("hello")])
    await _enter(world)
    await world.advance(days=3)
    await world.campaign(start=False, trigger=_TRIGGER, workflow=[{"delay": pause | {"for": "2d"}}, email("hello")])


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
async def grace_period_that_ends_the_journey(world: World) -> str:
    await _let_in(world, grace="at_end")
    await world.advance(days=5)
    return await _id(world)


@_shape
async def grace_period_with_an_early_return(world: World) -> str:
    await _let_in(world, grace="early_return")
    await world.advance(days=4)
    await world.identify(PERSON, email=ADDRESS, city=CITY)
    await world.workflow(await world.journey(PERSON)).result()
    return await _id(world)


async def _let_in(world: World, grace: str) -> None:
    """Let the person enter by their city, and leave it again before the first message."""
    await world.segment("local", {"attribute": "city", "equals": CITY})
    trigger = {"condition": {"in": "local"}}
    await world.campaign(trigger=trigger, grace=grace, workflow=[{"delay": "3d"}, email("hello")])
    await world.identify(PERSON, email=ADDRESS, city="Halle", first_name="Ottilie")
    await world.identify(PERSON, email=ADDRESS, city=CITY)
    await world.advance(days=1)
    await world.identify(PERSON, email=ADDRESS, city="Halle")


@_shape
async def waiting_to_begin(world: World) -> str:
    await world.segment("trial", {"attribute": "trial_ends", "is_timestamp": True})
    await world.campaign(trigger={"condition": {"in": "trial"}}, workflow=[email("hello"), {"delay": "1d"}])
    await world.identify(PERSON, email=ADDRESS, city=CITY)
    await world.identify(PERSON, email=ADDRESS, city=CITY, trial_ends=int(world.now.timestamp()) + 3 * 86400)
    await world.workflow(await world.journey(PERSON)).signal("look_again")
    await world.advance(days=5)
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
async def current_matches_that_enter(world: World) -> str:
    await _match(world)
    await world.start(matches="current_and_future", rate=100)
    return await _loading(world)


@_shape
async def current_matches_that_were_paused(world: World) -> str:
    await _match(world)
    async with world.without_worker():
        await world.http.post("/sojourn/v1/campaigns/campaign/start", json={"matches": "current_and_future"})
        await world.http.post("/sojourn/v1/campaigns/campaign/loading", json={"action": "pause"})
    await world.http.post("/sojourn/v1/campaigns/campaign/loading", json={"action": "resume"})
    await world.settle()
    return await _loading(world)


async def _match(world: World) -> None:
    await world.segment("local", {"attribute": "city", "equals": CITY})
    await world.identify(PERSON, email=ADDRESS, city=CITY)
    await world.campaign(trigger={"condition": {"in": "local"}}, workflow=[email("hello")], start=False)


async def _loading(world: World) -> str:
    row = await world.pool.fetchrow("SELECT workspace_id, id, started_at FROM campaigns")
    assert row is not None
    workflow_id = ids.loading_workflow(*row.values())
    await world.workflow({"workflow_id": workflow_id}).result()
    return workflow_id


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


@_shape
async def webhooks_and_many_people(world: World) -> str:
    async with Receiver() as receiver:
        await _call(
            world, receiver, {"batch_update": {"people": {"attribute": "city", "equals": CITY}, "set": {"x": 1}}}
        )
        return await _id(world)


@_shape
async def webhook_taken_at_the_third_attempt(world: World) -> str:
    async with Receiver() as receiver:
        receiver.answers = [Answer(status=503, body=CITY), Answer(status=429)]
        await _call(world, receiver)
        await world.advance(minutes=5)
    workflow_id = ids.redelivery_workflow(await world.pool.fetchval("SELECT id FROM deliveries"))
    await world.workflow({"workflow_id": workflow_id}).result()
    return workflow_id


async def _call(world: World, receiver: Receiver, *blocks: object) -> None:
    webhook = {"id": "crm", "url": f"{receiver.url}/{{{{customer.id}}}}", "body": {"city": "{{customer.city}}"}}
    await world.campaign(trigger=_TRIGGER, workflow=[{"webhook": webhook | {"save": {"town": "city"}}}, *blocks])
    await _enter(world)


async def _campaign(world: World) -> str:
    row = await world.pool.fetchrow("SELECT workspace_id, id FROM campaigns")
    assert row is not None
    workflow_id = ids.campaign_workflow(*row.values())
    await world.workflow({"workflow_id": workflow_id}).result()
    return workflow_id
