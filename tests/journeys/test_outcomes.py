"""What becomes of a message at the provider, and what an operator can still do about it (behaviour 14.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from channels.channel import Email, OutcomeUnknown, Refused, TryLater
from channels.email import compose
from tests.world import World, email, kinds

TRIGGER = {"event": "purchase"}
CUT = OutcomeUnknown("the line was cut")


async def buy(world: World, *workflow: dict[str, Any], **document: Any) -> None:
    """Save and start the campaign with this workflow, and let Ada buy something."""
    await world.campaign(trigger=TRIGGER, workflow=list(workflow), **document)
    await world.identify("ada", name="Ada")
    await world.event("ada", "purchase")


async def states(world: World) -> dict[str, str]:
    """Return the state of each of Ada's messages, by block."""
    return {delivery["block"]: delivery["state"] for delivery in await world.deliveries("ada")}


async def settle(world: World, delivery: dict[str, Any], action: str) -> int:
    """Return the status with which a settling is answered that has no effect."""
    path = f"/sojourn/v1/deliveries/{delivery['id']}/settle"
    return (await world.http.post(path, json={"action": action})).status_code


def reached(delivery: dict[str, Any]) -> dict[str, datetime]:
    """Return when a delivery reached each of its states."""
    return {state: datetime.fromisoformat(at) for state, at in delivery["times"].items()}


@pytest.mark.spec("14.04")
async def test_a_message_is_sent_once_the_provider_has_accepted_it(world: World) -> None:
    during = []

    async def look(_: Email) -> None:
        during.append(await states(world))

    world.mailbox.before = look
    await buy(world, email("receipt"))

    (delivery,) = await world.deliveries("ada")
    assert ([{"receipt": "handing_over"}], "sent", "provider-1") == (during, delivery["state"], delivery["provider_id"])


async def test_an_unknown_outcome_is_held_for_an_operator_and_the_journey_goes_on(world: World) -> None:
    world.mailbox.failures = [CUT]
    await buy(world, email("receipt"), email("next"))
    await world.advance(days=2)

    waiting = (await world.get("deliveries?state=unknown"))["items"]
    assert (["next"], {"receipt": "unknown", "next": "sent"}) == (world.subjects(), await states(world))
    assert [("receipt", "the line was cut")] == [(one["block"], one["failure"]) for one in waiting]
    assert ["entered", "due", "unknown", "due", "sent", "finished"] == kinds(await world.journey("ada"))


@pytest.mark.spec("14.20")
async def test_an_operator_sends_an_unknown_outcome_again_exactly_as_it_was(world: World) -> None:
    copies: list[Email] = []

    async def keep(message: Email) -> None:
        copies.append(message)

    world.mailbox.before, world.mailbox.failures = keep, [CUT]
    await buy(world, email("receipt", subject="Hello {{customer.name}}"))
    await world.identify("ada", name="Countess")
    await world.advance(hours=1)
    (delivery,) = await world.deliveries("ada")
    sent = await world.settle_delivery(delivery, "resend")

    assert (["Hello Ada"], "sent", None) == (world.subjects(), sent["state"], sent["failure"])
    assert 1 == len({compose(copy)["Message-ID"] for copy in copies}) == len(copies) - 1
    at = reached(sent)
    assert ({"handing_over", "unknown", "sent"}, True) == (set(at), at["unknown"] < at["sent"])
    assert [409, 409] == [await settle(world, delivery, action) for action in ("resend", "drop")]
    assert "finished" == (await world.journey("ada"))["state"]


async def test_an_operator_drops_an_unknown_outcome_and_nothing_is_sent_any_more(world: World) -> None:
    world.mailbox.failures = [CUT]
    await buy(world, email("receipt"))
    (delivery,) = await world.deliveries("ada")
    dropped = await world.settle_delivery(delivery, "drop")
    await world.advance(days=2)

    assert ("undeliverable", [], 409) == (dropped["state"], world.mails, await settle(world, delivery, "resend"))
    assert "operator" in dropped["failure"]


@pytest.mark.parametrize("says", ["campaign", "message"])
async def test_where_nothing_may_be_lost_an_unknown_outcome_is_sent_again_by_itself(world: World, says: str) -> None:
    world.mailbox.failures = [CUT]
    on_campaign: dict[str, Any] = {"unknown_outcome": "resend"} if says == "campaign" else {}
    on_message: dict[str, Any] = {"unknown_outcome": "resend"} if says == "message" else {}
    await buy(world, email("receipt", **on_message), email("next"), **on_campaign)
    (delivery,) = await world.deliveries("ada")
    receipt = await world.tried_again(delivery)

    assert (["receipt", "next"], "sent", 2) == (world.subjects(), receipt["state"], receipt["attempts"])


async def test_the_messages_setting_about_unknown_outcomes_wins(world: World) -> None:
    world.mailbox.failures = [CUT]
    await buy(world, email("receipt", unknown_outcome="hold"), unknown_outcome="resend")
    await world.advance(minutes=5)

    assert ([], {"receipt": "unknown"}) == (world.mails, await states(world))


@pytest.mark.spec("14.20")
async def test_what_the_provider_does_not_take_now_is_attempted_again_and_the_journey_waits(world: World) -> None:
    """Behaviour 14.03, as far as there are limits."""
    world.mailbox.failures = [TryLater("busy", timedelta(milliseconds=200))]
    await buy(world, email("receipt"), email("next"))
    (delivery,) = await world.deliveries("ada")
    journey = await world.journey("ada")
    assert ([], "attempted", "busy") == (world.mails, delivery["state"], delivery["failure"])
    assert ("running", "receipt") == (journey["state"], journey["block"])

    sent = await world.tried_again(delivery)
    at = reached(sent)
    assert (["receipt", "next"], "sent", None) == (world.subjects(), sent["state"], sent["failure"])
    assert {"handing_over", "attempted", "sent"} == set(at)
    assert at["attempted"] < at["sent"] == datetime.fromisoformat(sent["updated_at"])


@pytest.mark.spec("14.14")
async def test_what_the_provider_refuses_fails_at_once_in_its_words(world: World) -> None:
    world.mailbox.failures = [Refused("550 no such mailbox")]
    await buy(world, email("receipt"), email("next"))
    await world.advance(days=2)

    receipt, _ = await world.deliveries("ada")
    assert (["next"], "failed", "550 no such mailbox", 1) == (
        world.subjects(),
        receipt["state"],
        receipt["failure"],
        receipt["attempts"],
    )


async def test_what_is_cancelled_before_it_was_taken_is_undeliverable(world: World) -> None:
    """Behaviour 14.15, as far as there are limits and switches."""
    world.mailbox.failures = [TryLater("busy", timedelta(hours=1))]
    await buy(world, email("receipt"))
    await world.stop()
    await world.advance(days=2)

    assert ([], {"receipt": "undeliverable"}) == (world.mails, await states(world))


async def test_an_unsubscription_meanwhile_keeps_a_failed_message_from_being_sent_again(world: World) -> None:
    world.mailbox.failures = [Refused("mailbox full")]
    await buy(world, email("receipt"))
    (delivery,) = await world.deliveries("ada")
    await world.identify("ada", unsubscribed=True)
    held = await world.settle_delivery(delivery, "resend")
    assert ([], "failed", "The person has unsubscribed.") == (world.mails, held["state"], held["failure"])

    await world.identify("ada", unsubscribed=False)
    sent = await world.settle_delivery(delivery, "resend")
    assert (["receipt"], "sent") == (world.subjects(), sent["state"])
