"""Who has unsubscribed gets no message, unless somebody decided otherwise (behaviour 11)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email

TRIGGER = {"event": "purchase"}


def places(journey: dict[str, Any], kind: str) -> list[str]:
    """Return the blocks of which a journey's log says something of this kind."""
    return [line["block"] for line in journey["decisions"] if line["kind"] == kind]


@pytest.mark.spec("1.06", "11.05")
async def test_who_unsubscribed_passes_through_without_messages_and_the_journey_shows_it(world: World) -> None:
    await world.campaign(trigger=TRIGGER, workflow=[email("one"), {"delay": "1h"}, email("two")])
    await world.identify("ada", unsubscribed=True)
    await world.event("ada", "purchase")
    await world.advance(hours=1)

    journey = await world.journey("ada")
    assert ([], []) == (world.mails, await world.deliveries("ada"))
    assert ("finished", ["one", "two"]) == (journey["state"], places(journey, "withheld"))


@pytest.mark.spec("11.02", "11.03")
@pytest.mark.parametrize(
    ("campaign", "sent"), [(None, ["send"]), (False, ["send"]), (True, ["as_the_campaign", "send"])]
)
async def test_the_messages_setting_wins_over_the_campaigns(
    world: World, campaign: bool | None, sent: list[str]
) -> None:
    document: dict[str, Any] = {} if campaign is None else {"send_to_unsubscribed": campaign}
    messages = [
        email("as_the_campaign"),
        email("send", send_to_unsubscribed=True),
        email("dont_send", send_to_unsubscribed=False),
    ]
    await world.campaign(trigger=TRIGGER, workflow=messages, **document)
    for person, is_unsubscribed in (("ada", True), ("bob", False)):
        await world.identify(person, unsubscribed=is_unsubscribed)
        await world.event(person, "purchase")

    assert sent == world.subjects("ada@example.com")
    assert ["as_the_campaign", "send", "dont_send"] == world.subjects("bob@example.com")


@pytest.mark.spec("11.04")
async def test_it_is_judged_when_the_message_is_due(world: World) -> None:
    await world.campaign(
        trigger=TRIGGER, workflow=[email("one"), {"delay": "1h"}, email("two"), {"delay": "1h"}, email("three")]
    )
    await world.identify("ada", unsubscribed=True)
    await world.event("ada", "purchase")
    await world.identify("ada", unsubscribed=False)
    await world.advance(hours=1)
    await world.identify("ada", unsubscribed=True)
    await world.advance(hours=1)

    assert ["two"] == world.subjects()


async def test_unsubscribed_is_read_like_any_boolean_and_setting_it_false_subscribes_again(world: World) -> None:
    """Behaviour 11.08, as far as there are customer events; and 11.01, as far as there are other channels."""
    await world.campaign(trigger=TRIGGER, workflow=[email("one")])
    spellings = {"true": True, "text": "true", "one": 1, "digit": "1"}
    others = {"false": False, "text_false": "false", "zero": 0, "yes": "yes", "two": 2, "list": [True]}
    for person, value in (spellings | others).items():
        await world.identify(person, unsubscribed=value)
        await world.event(person, "purchase")
    assert sorted(others) == sorted(mail.to.partition("@")[0] for mail in world.mails)

    for person in spellings:
        await world.identify(person, unsubscribed=False)
        await world.event(person, "purchase")
    assert sorted(spellings | others) == sorted(mail.to.partition("@")[0] for mail in world.mails)


@pytest.mark.spec("11.10", "14.11")
async def test_a_suppressed_address_gets_nothing_whoever_uses_it_and_whatever_the_campaign_says(world: World) -> None:
    await world.suppress_address("Ada@Example.com")
    workflow = [
        email("hers", send_to_unsubscribed=True),
        email("desk", to="desk@example.com"),
        email("named", to="Ada <ADA@example.com>"),
    ]
    await world.campaign(trigger=TRIGGER, send_to_unsubscribed=True, workflow=workflow)
    for person in ("ada", "bob"):
        await world.identify(person)
        await world.event(person, "purchase")

    journey = await world.journey("ada")
    states = {delivery["block"]: delivery["state"] for delivery in await world.deliveries("ada")}
    assert {"hers": "suppressed", "desk": "sent", "named": "suppressed"} == states
    assert ("finished", ["hers", "named"]) == (journey["state"], places(journey, "suppressed"))
    assert [] == world.subjects("ada@example.com")
    assert ["hers"] == world.subjects("bob@example.com")
    assert "unsubscribed" not in (await world.get("people/ada"))["attributes"]


@pytest.mark.spec("11.10")
async def test_suppression_and_subscription_are_two_things(world: World) -> None:
    await world.suppress_address("ada@example.com")
    await world.campaign(trigger=TRIGGER, workflow=[email("hers"), email("desk", to="desk@example.com")])
    await world.identify("ada", unsubscribed=True)
    await world.event("ada", "purchase")
    await world.identify("ada", unsubscribed=False)
    await world.event("ada", "purchase")

    assert ["desk"] == world.subjects()
    assert ["suppressed", "sent"] == [delivery["state"] for delivery in await world.deliveries("ada")]
