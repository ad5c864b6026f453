"""A journey writes down what it learned about people (behaviour 6.8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email, kinds

TRIGGER = {"event": "purchase"}


async def attributes(world: World, person: str) -> dict[str, Any]:
    """Return a person's attributes without the address."""
    found: dict[str, Any] = (await world.get(f"people/{person}"))["attributes"]
    return {name: value for name, value in found.items() if name != "email"}


async def test_several_attributes_are_set_at_once_fixed_or_filled_in(world: World) -> None:
    """Behaviour 6.45, as far as there are scripts and data campaigns: see also the next test."""
    values = {
        "stage": "customer",
        "seats": 3,
        "last_order": "{{event.order}}",
        "items": "{{event.items}}",
        "greeting": "{{customer.name | upcase}} bought {{event.items | size}} things",
    }
    await world.campaign(trigger=TRIGGER, workflow=[{"update_person": {"set": values}}])
    await world.identify("ada", name="Ada", stage="lead", city="Paris")
    await world.event("ada", "purchase", {"order": 7, "items": ["a", "b"]})

    assert {
        "name": "Ada",
        "city": "Paris",
        "stage": "customer",
        "seats": 3,
        "last_order": 7,
        "items": ["a", "b"],
        "greeting": "ADA bought 2 things",
    } == await attributes(world, "ada")


async def test_another_person_is_found_by_identifier_or_made(world: World) -> None:
    """Behaviour 6.45, its second half."""
    by_id = {"update_person": {"person": {"id": "{{event.friend}}"}, "set": {"invited_by": "{{customer.id}}"}}}
    by_email = {"update_person": {"person": {"email": "{{event.boss}}"}, "set": {"team_spends": True}}}
    await world.campaign(trigger=TRIGGER, workflow=[by_id, by_email])
    await world.identify("ada")
    await world.identify("bob", name="Bob")
    await world.identify("grace", email="grace@example.com")
    await world.event("ada", "purchase", {"friend": "bob", "boss": "grace@example.com"})
    await world.event("ada", "purchase", {"friend": "carol", "boss": "new@example.com"})

    assert {"name": "Bob", "invited_by": "ada"} == await attributes(world, "bob")
    assert {"invited_by": "ada"} == await attributes(world, "carol")
    assert [{"team_spends": True}] * 2 == [
        await attributes(world, "grace"),
        await attributes(world, "new@example.com"),
    ]
    assert {} == await attributes(world, "ada")


@pytest.mark.spec("6.46")
async def test_an_attribute_can_be_removed(world: World) -> None:
    change = {"update_person": {"set": {"stage": "customer"}, "remove": ["trial", "never_there"]}}
    await world.campaign(trigger=TRIGGER, workflow=[change])
    await world.identify("ada", trial=True, city="Paris")
    await world.event("ada", "purchase")

    assert {"city": "Paris", "stage": "customer"} == await attributes(world, "ada")


@pytest.mark.spec("6.47")
async def test_later_blocks_and_segments_see_the_update(world: World) -> None:
    await world.segment("customers", {"attribute": "stage", "equals": "customer"})
    seen_in = {"all": [{"in": "customers"}, {"attribute": "stage", "equals": "customer"}]}
    await world.campaign(
        trigger=TRIGGER,
        workflow=[
            {"branch": {"id": "before", "if": seen_in, "then": ["exit"]}},
            {"update_person": {"set": {"stage": "customer"}}},
            {"branch": {"id": "after", "if": seen_in, "then": [email("welcome", subject="{{customer.stage}}")]}},
        ],
    )
    await world.event("ada@example.com", "purchase")

    assert ["customer"] == world.subjects()
    assert ["customers"] == [one["key"] for one in (await world.get("people/ada%40example.com"))["segments"]]


@pytest.mark.spec("6.47", "10.33")
async def test_an_update_that_makes_the_person_stop_matching_ends_the_journey_at_the_next_message(world: World) -> None:
    await world.segment("leads", {"attribute": "stage", "equals": "lead"})
    await world.campaign(
        trigger=TRIGGER,
        filters={"in": "leads"},
        workflow=[email("hello"), {"update_person": {"set": {"stage": "customer"}}}, email("again")],
    )
    await world.identify("ada", stage="lead")
    await world.event("ada", "purchase")

    assert (["hello"], "stopped_matching") == (world.subjects(), (await world.journey("ada"))["exit_reason"])


async def test_a_data_block_makes_no_delivery_and_asks_for_no_subscription(world: World) -> None:
    """Behaviour 6.55, as far as there are conversions."""
    await world.campaign(trigger=TRIGGER, workflow=[email("receipt"), {"update_person": {"set": {"bought": True}}}])
    await world.identify("ada", unsubscribed=True)
    await world.event("ada", "purchase")

    journey = await world.journey("ada")
    assert ([], []) == (world.mails, await world.deliveries("ada"))
    assert {"unsubscribed": True, "bought": True} == await attributes(world, "ada")
    assert ["entered", "withheld", "due", "changed", "finished"] == kinds(journey)


async def test_an_update_that_cannot_be_made_is_noted_and_the_journey_goes_on(world: World) -> None:
    change = {"update_person": {"id": "mark", "set": {"stage": "{{customer.missing}}", "touched": True}}}
    await world.campaign(trigger=TRIGGER, workflow=[change, email("receipt")])
    await world.identify("ada", stage="lead")
    await world.event("ada", "purchase")

    failed = [line for line in (await world.journey("ada"))["decisions"] if line["kind"] == "failed"]
    assert (["receipt"], {"stage": "lead"}) == (world.subjects(), await attributes(world, "ada"))
    assert ["mark"] == [line["block"] for line in failed]
    assert "customer.missing" in failed[0]["seen"]["reason"]
