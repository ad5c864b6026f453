"""What templates see, and what happens when they cannot be rendered (behaviour 8)."""

from __future__ import annotations

from typing import Any

import pytest

from channels.channel import Refused
from tests.world import World, email, kinds

TRIGGER = {"event": "purchase"}


async def buy(world: World, *workflow: dict[str, Any], data: dict[str, Any] | None = None, **person: Any) -> None:
    """Save and start the campaign with this workflow, and let Ada buy something."""
    await world.campaign(trigger=TRIGGER, workflow=list(workflow))
    await world.identify("ada", **person)
    await world.event("ada", "purchase", data)


@pytest.mark.spec("8.01")
async def test_a_template_reads_any_attribute_as_it_is_when_rendered(world: World) -> None:
    subject = "{{customer.name}} {{customer.address.city}} {{customer.pets[0].name}} {{customer.id}} {{customer.email}}"
    await buy(world, {"delay": "1h"}, email("hello", subject=subject), name="Ada", address={"city": "Rome"})
    await world.identify("ada", address={"city": "Paris"}, pets=[{"name": "Tom"}])
    await world.advance(hours=1)
    await world.identify("ada", name="Countess")

    assert ["Ada Paris Tom ada ada@example.com"] == world.subjects()


@pytest.mark.spec("8.02")
async def test_the_event_is_frozen_for_the_journey_and_each_journey_has_its_own(world: World) -> None:
    subject = "{{event.order}} {{event.items[0].sku}} {{event_name}} {{event_timestamp}}"
    await world.campaign(trigger=TRIGGER, workflow=[{"delay": "1h"}, email("receipt", subject=subject)])
    await world.identify("ada")
    await world.advance(minutes=5)
    at = int(world.now.timestamp())
    await world.event("ada", "purchase", {"order": 1, "items": [{"sku": "a"}]}, timestamp=at - 60)
    await world.event("ada", "purchase", {"order": 2, "items": [{"sku": "b"}]}, timestamp=at - 30)
    await world.event("ada", "return", {"order": 3, "items": []})
    await world.advance(hours=1)

    assert [f"1 a purchase {at - 60}", f"2 b purchase {at - 30}"] == sorted(world.subjects())


async def test_a_template_reads_campaign_message_and_delivery(world: World) -> None:
    """Behaviour 8.04, as far as there are layouts."""
    fields = ["campaign.id", "campaign.name", "campaign.type", "message.id", "message.name", "message.type"]
    body = "|".join(f"{{{{{field}}}}}" for field in [*fields, "message.subject", "delivery_id"])
    await buy(world, email("receipt", name="The receipt", subject="Hi {{customer.name}}", body=body), name="Ada")

    campaign = await world.get("campaigns/campaign")
    (delivery,) = await world.deliveries("ada")
    expected = [campaign["id"], "campaign", "event", "receipt", "The receipt", "email", "Hi Ada", delivery["id"]]
    assert [str(value) for value in expected] == world.mails[0].html.split("|")


@pytest.mark.spec("8.07", "8.10", "14.14")
async def test_a_missing_attribute_fails_the_message_and_is_named(world: World) -> None:
    await buy(world, email("hello", body="Hello {{customer.nickname}}"), email("next"))

    failed, _ = await world.deliveries("ada")
    undeliverable = await world.get("people/ada/deliveries?state=undeliverable")
    assert (["next"], "failed", []) == (world.subjects(), failed["state"], undeliverable["items"])
    assert failed["failure"].startswith("customer.nickname is missing")


@pytest.mark.spec("8.07")
async def test_testing_an_attribute_or_giving_a_default_is_no_error(world: World) -> None:
    tested = "{% if customer.nickname %}{{customer.nickname}}{% else %}friend{% endif %}"
    await buy(world, email("hello", body=f"{tested}, {{{{customer.plan | default: 'free'}}}}"))

    assert ["friend, free"] == [mail.html for mail in world.mails]


@pytest.mark.spec("8.08")
async def test_a_syntax_error_is_refused_on_save_and_a_runtime_error_fails_the_delivery(world: World) -> None:
    document = {"name": "x", "trigger": TRIGGER, "workflow": [email("hello", body="{% if customer.name %}")]}
    refused = await world.http.put("/sojourn/v1/campaigns/other", json=document)
    await buy(world, email("hello", subject="{{customer.count | divided_by: customer.zero}}"), count=1, zero=0)

    (delivery,) = await world.deliveries("ada")
    assert (422, ["workflow[0].email.body"]) == (
        refused.status_code,
        [fault["place"] for fault in refused.json()["faults"]],
    )
    assert ([], "failed") == (world.mails, delivery["state"])
    assert delivery["failure"]


@pytest.mark.spec("8.09")
@pytest.mark.parametrize("correct", ["person", "template"])
async def test_a_failed_message_can_be_sent_once_person_or_template_are_corrected(world: World, correct: str) -> None:
    await buy(world, email("hello", subject="Hello {{customer.name}}"), email("next"))
    failed, _ = await world.deliveries("ada")

    again = await world.settle_delivery(failed, "resend")
    assert ("failed", ["next"]) == (again["state"], world.subjects())
    if correct == "person":
        await world.identify("ada", name="Ada")
    else:
        await world.campaign(start=False, trigger=TRIGGER, workflow=[email("hello", subject="Hello you")])
    sent = await world.settle_delivery(failed, "resend")

    hello = "Hello Ada" if correct == "person" else "Hello you"
    assert ("sent", hello, None) == (sent["state"], sent["subject"], sent["failure"])
    assert ["next", hello] == world.subjects()
    assert ("finished", 2) == ((await world.journey("ada"))["state"], len(await world.deliveries("ada")))


@pytest.mark.spec("8.09")
async def test_a_message_that_the_provider_refused_can_be_sent_again_and_then_no_more(world: World) -> None:
    world.mailbox.failures = [Refused("no such mailbox")]
    await buy(world, email("hello"))
    (failed,) = await world.deliveries("ada")
    sent = await world.settle_delivery(failed, "resend")
    once_more = await world.http.post(f"/sojourn/v1/deliveries/{failed['id']}/settle", json={"action": "resend"})

    assert ("failed", "sent", ["hello"], 409) == (
        failed["state"],
        sent["state"],
        world.subjects(),
        once_more.status_code,
    )


@pytest.mark.spec("8.11")
@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (
            "{% for a in event.many %}{% for b in event.many %}{% endfor %}{% endfor %}",
            "go round more than 10000 times",
        ),
        ("{% for a in event.many %}{{event.long}}{% endfor %}", "renders to more than 1000 kB"),
    ],
)
async def test_a_template_that_goes_round_or_grows_without_end_fails(world: World, template: str, reason: str) -> None:
    data = {"many": list(range(200)), "long": "x" * 10_000}
    await buy(world, email("hello", body=template), email("next"), data=data)

    failed, _ = await world.deliveries("ada")
    assert (["next"], "failed") == (world.subjects(), failed["state"])
    assert reason in failed["failure"]


@pytest.mark.spec("8.11")
async def test_values_are_escaped_in_the_body_of_an_email(world: World) -> None:
    await buy(world, email("hello", body="<p>{{customer.name}} & co</p>"), name="<script>")

    assert "<p>&lt;script&gt; & co</p>" == world.mails[0].html


@pytest.mark.spec("8.12", "8.14")
async def test_the_events_addresses_replace_those_of_every_email_of_the_journey(world: World) -> None:
    body = "{{event.product}} {{event.color}} for {{event.price}}"
    receipt = email("receipt", body=body, to="team@shop.example", reply_to="team@shop.example")
    own = email("own", **{"from": "own@shop.example"})
    data = {"product": "socks", "color": "blue", "price": 9.99, "recipient": "payer@example.com"}
    await buy(
        world,
        receipt,
        {"delay": "1d"},
        own,
        data=data | {"from_address": "till@shop.example", "reply_to": "r@x.example"},
    )
    await world.advance(days=1)
    await world.event("ada", "purchase", data)
    await world.advance(days=1)

    assert [
        ("payer@example.com", "till@shop.example", "r@x.example"),
        ("payer@example.com", "till@shop.example", "r@x.example"),
        ("payer@example.com", "Sojourn <hello@sojourn.example>", "team@shop.example"),
        ("payer@example.com", "own@shop.example", None),
    ] == [(mail.to, mail.email.sender, mail.email.reply_to) for mail in world.mails]
    assert "socks blue for 9.99" == world.mails[0].html


@pytest.mark.spec("8.13")
async def test_an_empty_override_is_ignored_and_an_invalid_one_fails_the_delivery(world: World) -> None:
    await world.campaign(trigger=TRIGGER, workflow=[email("receipt")])
    for value in ("", None, "nobody"):
        for field in ("from_address", "recipient", "reply_to"):
            await world.event("ada@example.com", "purchase", {field: value})

    deliveries = await world.deliveries("ada@example.com")
    assert ["sent"] * 6 + ["failed"] * 3 == [delivery["state"] for delivery in deliveries]
    assert {("ada@example.com", "Sojourn <hello@sojourn.example>", None)} == {
        (mail.to, mail.email.sender, mail.email.reply_to) for mail in world.mails
    }
    assert all("'nobody' is not an email address" in delivery["failure"] for delivery in deliveries[6:])


async def test_a_failure_is_told_in_the_journey(world: World) -> None:
    await buy(world, email("hello", subject="{{customer.name}}"))

    journey = await world.journey("ada")
    assert ["entered", "due", "failed", "finished"] == kinds(journey)
    assert "customer.name is missing" in journey["decisions"][2]["seen"]["reason"]
