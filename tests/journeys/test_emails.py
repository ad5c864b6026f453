"""What an email is made of, to whom it goes, and whether it is sent at all (behaviour 6.2, 7)."""

from __future__ import annotations

from typing import Any

import pytest

from channels.channel import Email, OutcomeUnknown, Refused
from channels.email import compose, recipients
from tests.world import World, email, kinds

TRIGGER = {"event": "purchase"}


async def buy(world: World, *workflow: dict[str, Any], data: dict[str, Any] | None = None, **person: Any) -> None:
    """Save and start the campaign with this workflow, and let Ada buy something."""
    await world.campaign(trigger=TRIGGER, workflow=list(workflow))
    await world.identify("ada", **person)
    await world.event("ada", "purchase", data)


async def test_every_field_of_an_email_may_be_filled_in(world: World) -> None:
    """Behaviour 6.10, as far as there are layouts."""
    receipt = email(
        "receipt",
        subject="Order {{event.order}}",
        body="<p>Thank you, {{customer.name}}</p>",
        preheader="{{event.items | size}} things",
        reply_to="{{event.desk}}",
        cc=["{{customer.partner}}"],
        bcc="{{event.desk}}",
        headers={"X-Order": "{{event.order}}"},
        **{"from": "{{event.shop}} <shop@shop.example>"},
    )
    data = {"order": 7, "items": [1, 2], "desk": "desk@shop.example", "shop": "Socks"}
    await buy(world, receipt, email("plain"), data=data, name="Ada", partner="bob@example.com")

    message, plain = (mail.email for mail in world.mails)
    assert (
        Email(
            key=message.key,
            date=message.date,
            sender="Socks <shop@shop.example>",
            to="ada@example.com",
            subject="Order 7",
            html="<p>Thank you, Ada</p>",
            preheader="2 things",
            reply_to="desk@shop.example",
            cc=("bob@example.com",),
            bcc=("desk@shop.example",),
            headers={"X-Order": "7"},
        )
        == message
    )
    assert ("Sojourn <hello@sojourn.example>", "ada@example.com", None) == (plain.sender, plain.to, plain.reply_to)


@pytest.mark.spec("6.11")
async def test_bcc_is_a_true_copy_that_the_recipient_does_not_see(world: World) -> None:
    await buy(world, email("receipt", bcc="desk@shop.example"))

    (mail,) = world.mails
    written = compose(mail.email)
    assert ["ada@example.com", "desk@shop.example"] == [address.addr_spec for address in recipients(mail.email)]
    assert ("receipt", "ada@example.com", None) == (written["Subject"], written["To"], written["Bcc"])


@pytest.mark.spec("6.11")
async def test_bcc_may_be_a_separate_copy_whose_subject_names_the_recipient(world: World) -> None:
    await buy(
        world,
        email("receipt", bcc="desk@shop.example", bcc_as="separate", body="<p>{{event.order}}</p>"),
        data={"order": 7},
    )

    mail, copy = world.mails
    written, copied = compose(mail.email), compose(copy.email)
    assert ["ada@example.com"] == [address.addr_spec for address in recipients(mail.email)]
    assert ["desk@shop.example"] == [address.addr_spec for address in recipients(copy.email)]
    assert ("receipt", "[To ada@example.com] receipt", "<p>7</p>") == (mail.subject, copy.subject, copy.html)
    assert written["Message-ID"] != copied["Message-ID"]
    assert ["receipt"] == [delivery["subject"] for delivery in await world.deliveries("ada")]
    assert ["entered", "due", "sent", "copied", "finished"] == kinds(await world.journey("ada"))


@pytest.mark.spec("6.11")
@pytest.mark.parametrize("failure", [Refused("no such mailbox"), OutcomeUnknown("the line was cut")])
async def test_a_separate_copy_that_fails_is_noted_and_changes_nothing_else(world: World, failure: Exception) -> None:
    async def fail_copies(message: Email) -> None:
        if message.to == "desk@shop.example":
            raise failure

    world.mailbox.before = fail_copies
    await world.campaign(
        trigger=TRIGGER,
        unknown_outcome="resend",
        workflow=[email("receipt", bcc="desk@shop.example", bcc_as="separate"), email("next")],
    )
    await world.event("ada@example.com", "purchase")

    journey = await world.journey("ada@example.com")
    assert (["receipt", "next"], "finished") == (world.subjects(), journey["state"])
    assert ["sent", "sent"] == [delivery["state"] for delivery in await world.deliveries("ada@example.com")]
    (noted,) = [line["seen"] for line in journey["decisions"] if line["kind"] == "copy_failed"]
    assert {"to": "desk@shop.example", "reason": str(failure)} == noted


@pytest.mark.spec("6.12", "14.14")
@pytest.mark.parametrize(("to", "reason"), [(" ", "`to` is empty"), ("ada at home", "is not an email address")])
async def test_without_a_usable_recipient_the_delivery_fails_and_says_so(world: World, to: str, reason: str) -> None:
    await buy(world, email("receipt", to="{{customer.desk}}"), email("next"), desk=to)

    failed, _ = await world.deliveries("ada")
    assert (["next"], "failed") == (world.subjects(), failed["state"])
    assert reason in failed["failure"]


@pytest.mark.spec("6.12")
async def test_a_person_without_an_address_gets_nothing_and_their_delivery_says_so(world: World) -> None:
    await world.campaign(trigger=TRIGGER, workflow=[email("receipt", to="{{customer.email | default: ''}}")])
    await world.event("nobody", "purchase")

    (failed,) = await world.deliveries("nobody")
    assert ([], "failed", "`to` is empty: there is no address to use.") == (
        world.subjects(),
        failed["state"],
        failed["failure"],
    )


@pytest.mark.spec("6.13")
async def test_an_event_cannot_attach_anything_to_an_email(world: World) -> None:
    await buy(world, email("receipt"), data={"attachments": {"bill.pdf": "JVBERi0="}})
    document = {"name": "x", "trigger": TRIGGER, "workflow": [email("receipt", attachments=["bill.pdf"])]}
    refused = await world.http.put("/sojourn/v1/campaigns/other", json=document)

    (mail,) = world.mails
    assert [] == [part.get_filename() for part in compose(mail.email).walk() if part.get_filename()]
    assert ["workflow[0].email.attachments"] == [fault["place"] for fault in refused.json()["faults"]]


@pytest.mark.spec("7.03")
async def test_an_automatic_message_is_rendered_and_handed_over_when_its_block_is_reached(world: World) -> None:
    await buy(world, {"delay": "1h"}, email("receipt", subject="{{customer.name}}", sending="automatic"), name="Ada")
    await world.advance(minutes=59)
    assert ([], []) == (world.mails, await world.deliveries("ada"))

    await world.identify("ada", name="Countess")
    await world.advance(minutes=2)
    (delivery,) = await world.deliveries("ada")
    assert (["Countess"], "sent", "provider-1") == (world.subjects(), delivery["state"], delivery["provider_id"])


@pytest.mark.spec("7.05")
async def test_a_message_that_is_off_makes_no_delivery_and_shows_as_skipped(world: World) -> None:
    await buy(world, email("receipt", sending="off"), email("next"))

    journey = await world.journey("ada")
    assert (["next"], ["next"]) == (world.subjects(), [delivery["block"] for delivery in await world.deliveries("ada")])
    assert ("finished", [("skipped", "receipt")]) == (
        journey["state"],
        [(line["kind"], line["block"]) for line in journey["decisions"] if line["block"] == "receipt"],
    )


async def test_a_message_is_sent_automatically_or_not_at_all(world: World) -> None:
    """Behaviour 7.01, as far as there are drafts: those are refused until then."""
    saved = {}
    for sending in ("automatic", "off", "draft", "sometimes"):
        document = {"name": sending, "trigger": TRIGGER, "workflow": [email("receipt", sending=sending)]}
        saved[sending] = (await world.http.put(f"/sojourn/v1/campaigns/{sending}", json=document)).status_code

    assert {"automatic": 200, "off": 200, "draft": 422, "sometimes": 422} == saved
