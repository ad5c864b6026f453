"""Blocks that change data: events, memberships, many people; by a journey of a person or of a payload."""

from __future__ import annotations

from typing import Any

import pytest

from storage import keys
from tests.world import World, email, kinds

TRIGGER = {"event": "purchase"}


async def call(world: World, data: Any, key: str = "campaign") -> None:
    """Post data to the webhook of a data campaign."""
    answer = await world.http.post((await world.get(f"campaigns/{key}"))["webhook_url"], json=data)
    assert answer.is_success, answer.text
    await world.settle()


async def attributes(world: World, person: str) -> dict[str, Any]:
    """Return a person's attributes without the address."""
    found: dict[str, Any] = (await world.get(f"people/{person}"))["attributes"]
    return {name: value for name, value in found.items() if name != "email"}


async def failures(world: World, key: str = "campaign") -> list[str]:
    """Return why blocks failed in all journeys of a campaign, oldest first."""
    listed = (await world.get(f"campaigns/{key}/journeys"))["items"]
    shown = [await world.get(f"journeys/{one['id']}") for one in reversed(listed)]
    return [line["seen"]["reason"] for one in shown for line in one["decisions"] if line["kind"] == "failed"]


@pytest.mark.spec("6.45")
async def test_a_data_campaign_makes_and_changes_people_that_its_payload_names(world: World) -> None:
    change = {"person": {"id": "{{trigger.user.id}}"}, "set": {"plan": "{{trigger.plan}}", "n": "{{trigger.user.n}}"}}
    await world.campaign(trigger="webhook", workflow=[{"update_person": change}])
    await world.identify("ada", plan="free")
    await call(world, {"user": {"id": "ada", "n": 3}, "plan": "pro"})
    await call(world, {"user": {"id": "bob", "n": 4}, "plan": "free"})

    assert {"plan": "pro", "n": 3} == await attributes(world, "ada")
    assert {"plan": "free", "n": 4} == await attributes(world, "bob")


@pytest.mark.spec("6.48")
@pytest.mark.parametrize("payload", [{}, {"user": ""}, {"user": " "}, {"user": None}, []])
async def test_a_payload_that_names_nobody_fails_the_block_and_the_journey_goes_on(world: World, payload: Any) -> None:
    blocks = [
        {"update_person": {"person": {"id": "{{trigger.user}}"}, "set": {"x": 1}}},
        {"send_event": {"event": "told", "person": {"email": "{{trigger.user}}"}}},
        {"update_person": {"person": {"id": "witness"}, "set": {"reached": True}}},
    ]
    await world.campaign(trigger="webhook", workflow=blocks)
    await call(world, payload)

    reasons = await failures(world)
    assert ([True, True], {"reached": True}) == (
        [any(word in reason for word in ("empty", "missing")) for reason in reasons],
        await attributes(world, "witness"),
    )


@pytest.mark.spec("6.49")
async def test_an_event_starts_campaigns_moves_segments_and_meets_goals(world: World) -> None:
    await world.segment("winners", {"performed": {"event": "won"}})
    tell = {"send_event": {"event": "won", "data": {"order": "{{event.order}}", "of": "{{customer.name}}"}}}
    await world.campaign(
        trigger=TRIGGER, goal={"event": "won"}, exit="goal", workflow=[tell, {"delay": "1h"}, email("never")]
    )
    await world.campaign(
        "party",
        trigger={"event": "won", "where": [{"path": "order", "equals": 7}]},
        workflow=[email("party", subject="{{event.of}} won {{event.order}}")],
    )
    await world.identify("ada", name="Ada")
    await world.event("ada", "purchase", {"order": 7})
    await world.advance(hours=1)

    assert ["Ada won 7"] == world.subjects()
    assert ["winners"] == [one["key"] for one in (await world.get("people/ada"))["segments"]]
    assert "goal" == (await world.journeys("ada"))[0]["exit_reason"]
    (event,) = (await world.get("events?name=won"))["items"]
    assert {"order": 7, "of": "Ada"} == event["data"]


@pytest.mark.spec("6.49")
async def test_an_event_may_be_another_persons_who_is_made_if_unknown(world: World) -> None:
    invite = {
        "send_event": {"event": "invited", "person": {"email": "{{event.friend}}"}, "data": {"by": "{{customer.id}}"}}
    }
    await world.campaign(trigger=TRIGGER, workflow=[invite])
    await world.campaign(
        "invitation", trigger={"event": "invited"}, workflow=[email("hi", subject="{{event.by}} says hi")]
    )
    await world.identify("ada")
    await world.event("ada", "purchase", {"friend": "new@example.com"})

    assert (["ada says hi"], ["ada says hi"]) == (world.subjects(), world.subjects("new@example.com"))


@pytest.mark.spec("6.49")
async def test_an_event_may_go_to_another_workspace(world: World) -> None:
    async with world.pool.acquire() as connection:
        partners = await keys.open_workspace(connection, "Partners", now=world.now)
        await keys.add(connection, partners, "app", "partners", now=world.now)
    tell = {"send_event": {"event": "referred", "workspace": "Partners", "data": {"from": "us"}}}
    await world.campaign(trigger=TRIGGER, workflow=[tell, {"send_event": {"event": "lost", "workspace": "Nowhere"}}])
    await world.identify("ada")
    await world.event("ada", "purchase")

    rows = await world.pool.fetch(
        "SELECT e.workspace_id, e.data, p.external_id FROM events e JOIN people p ON p.id = e.person_id "
        "WHERE name = 'referred'"
    )
    assert [(partners, {"from": "us"}, "ada")] == [tuple(row) for row in rows]
    assert [] == (await world.get("events?name=referred"))["items"]
    (journey,) = await world.journeys("ada")
    assert "finished" == journey["state"]
    assert ["There is no workspace 'Nowhere'" in reason for reason in await failures(world)] == [True]


@pytest.mark.spec("6.50")
async def test_campaigns_that_start_each_other_stop_at_the_tenth(world: World) -> None:
    await world.campaign("ping", trigger={"event": "ping"}, workflow=[{"send_event": "pong"}])
    await world.campaign("pong", trigger={"event": "pong"}, workflow=[{"send_event": "ping"}])
    await world.event("ada", "ping")

    rows = await world.pool.fetch("SELECT name, depth FROM events ORDER BY id")
    assert [("ping" if depth % 2 == 0 else "pong", depth) for depth in range(11)] == [tuple(row) for row in rows]
    assert (10, ["loop"]) == (
        len(await world.journeys("ada")),
        [refusal["reason"] for refusal in await world.refusals("ada")],
    )


@pytest.mark.spec("6.51", "3.20")
async def test_a_manual_segment_is_joined_and_left_and_campaigns_hear_of_it(world: World) -> None:
    assert (await world.http.post("/sojourn/v1/segments", json={"name": "VIPs"})).is_success
    add, remove = {"update_segment": {"add": "vips"}}, {"update_segment": {"remove": "vips"}}
    seen = {"branch": {"if": {"in": "vips"}, "then": [email("inside")]}}
    await world.campaign(
        "welcome", trigger={"condition": {"in": "vips"}}, frequency="every_match", workflow=[email("welcome")]
    )
    await world.campaign(trigger=TRIGGER, workflow=[add, add, seen, {"delay": "1d"}, remove, remove])
    await world.identify("ada")
    await world.event("ada", "purchase")
    inside = [one["key"] for one in (await world.get("people/ada"))["segments"]]
    await world.advance(days=1)

    assert (["vips"], []) == (inside, (await world.get("people/ada"))["segments"])
    assert ["inside", "welcome"] == sorted(world.subjects())


@pytest.mark.spec("6.51")
async def test_a_segment_that_is_no_manual_one_any_more_fails_the_block(world: World) -> None:
    assert (await world.http.post("/sojourn/v1/segments", json={"name": "VIPs"})).is_success
    await world.campaign(trigger=TRIGGER, workflow=[{"update_segment": {"add": "vips"}}, email("next")])
    await world.pool.execute("UPDATE segments SET state = 'archived'")
    await world.pool.execute("UPDATE definitions SET version = version + 1")
    await world.identify("ada")
    await world.event("ada", "purchase")

    assert ["next"] == world.subjects()
    assert ["no manual segment 'vips'" in reason for reason in await failures(world)] == [True]


@pytest.mark.spec("6.52")
async def test_a_payload_changes_everybody_whom_it_is_about(world: World) -> None:
    await world.segment("customers", {"attribute": "customer", "is_true": True})
    many = {
        "people": [{"in": "customers"}, {"attribute": "plan", "equals": "{{trigger.plan}}"}],
        "set": {"price": "{{trigger.price}}"},
        "remove": ["discount"],
    }
    await world.campaign(trigger="webhook", workflow=[{"batch_update": many}])
    for person, plan in {"ada": "pro", "bob": "free", "cyd": "pro"}.items():
        await world.identify(person, plan=plan, discount=5, customer=person != "cyd")
    await call(world, {"plan": "pro", "price": 9.5})

    assert [9.5, None, None] == [(await attributes(world, one)).get("price") for one in ("ada", "bob", "cyd")]
    assert [None, 5, 5] == [(await attributes(world, one)).get("discount") for one in ("ada", "bob", "cyd")]


@pytest.mark.spec("6.52")
async def test_each_of_them_may_be_sent_an_event(world: World) -> None:
    many = {"people": {"attribute": "shop", "equals": "{{trigger.shop}}"}, "event": "closed", "data": {"until": "May"}}
    await world.campaign(trigger="webhook", workflow=[{"batch_update": many}])
    await world.campaign("sorry", trigger={"event": "closed"}, workflow=[email("sorry", subject="{{event.until}}")])
    for person, shop in {"ada": "Rome", "bob": "Oslo", "cyd": "Rome"}.items():
        await world.identify(person, shop=shop)
    await call(world, {"shop": "Rome"})

    assert ["ada@example.com", "cyd@example.com"] == sorted(mail.to for mail in world.mails)


@pytest.mark.spec("6.52")
async def test_more_than_a_thousand_people_are_too_many(world: World) -> None:
    await world.pool.execute(
        "INSERT INTO people (workspace_id, cio_id, external_id, attributes, created_at, updated_at) "
        "SELECT $1, 'c' || n, 'p' || n, '{\"plan\": \"pro\"}', now(), now() FROM generate_series(1, 1003) AS n",
        world.workspace,
    )
    many = {"people": {"attribute": "plan", "equals": "pro"}, "set": {"marked": True}}
    await world.campaign(trigger="webhook", workflow=[{"batch_update": many}])
    await call(world, {})

    marked = await world.pool.fetch("SELECT external_id FROM people WHERE attributes ? 'marked' ORDER BY id")
    (journey,) = (await world.get("campaigns/campaign/journeys"))["items"]
    assert [f"p{number}" for number in range(1, 1001)] == [row[0] for row in marked]
    assert ["entered", "due", "changed", "left_out", "finished"] == kinds(await world.get(f"journeys/{journey['id']}"))


@pytest.mark.spec("6.55")
async def test_data_blocks_make_no_delivery_and_need_no_subscription(world: World) -> None:
    assert (await world.http.post("/sojourn/v1/segments", json={"name": "VIPs"})).is_success
    blocks = [
        {"update_person": {"set": {"bought": True}}},
        {"send_event": "won"},
        {"update_segment": {"add": "vips"}},
        {"batch_update": {"people": {"attribute": "bought", "is_true": True}, "set": {"batched": True}}},
    ]
    await world.campaign(trigger=TRIGGER, workflow=blocks)
    await world.identify("ada", unsubscribed=True)
    await world.event("ada", "purchase")

    assert ([], []) == (world.mails, await world.deliveries("ada"))
    assert {"unsubscribed": True, "bought": True, "batched": True} == await attributes(world, "ada")
    assert "vips" in [one["key"] for one in (await world.get("people/ada"))["segments"]]
