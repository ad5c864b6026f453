from __future__ import annotations

from typing import Any

import pytest

from engine.errors import RenderError
from engine.steps import Email, EmailContent
from tests.engine.builders import campaign, document, email, faults_of
from tests.engine.templates.builders import scope

HOUSE = "House <house@shop.example>"
ADA: dict[str, Any] = {"email": "ada@example.com", "first_name": "Ada", "bad": "x\r\nBcc: evil@example.com"}


def composed(*, event: Any = None, sender: Any = HOUSE, person: Any = None, **fields: Any) -> EmailContent:
    step = campaign(email(**fields)).plan.blocks["nudge"]
    assert isinstance(step, Email)
    return step.compose(scope(customer=ADA if person is None else person, event=event or {}), sender=sender)


@pytest.mark.spec("6.10")
def test_every_field_may_be_a_template() -> None:
    content = composed(
        event={"shop": "Socks", "cart": 7, "boss": "boss@example.com"},
        subject="{{customer.first_name}}, cart {{event.cart}}",
        body="<p>{{message.subject}}</p>",
        text="Cart {{event.cart}}",
        preheader="{{event.cart}} things",
        to="{{customer.first_name}} <{{customer.email}}>",
        reply_to="{{event.boss}}",
        cc="{{event.boss}}, c@example.com",
        bcc=["{{event.boss}}"],
        headers={"X-Cart": "{{event.cart}}"},
        **{"from": "{{event.shop}} & Co <shop@shop.example>"},
    )

    assert (
        EmailContent(
            sender="Socks & Co <shop@shop.example>",
            to="Ada <ada@example.com>",
            subject="Ada, cart 7",
            html="<p>Ada, cart 7</p>",
            text="Cart 7",
            preheader="7 things",
            reply_to="boss@example.com",
            cc=("boss@example.com", "c@example.com"),
            bcc=("boss@example.com",),
            headers={"X-Cart": "7"},
        )
        == content
    )


@pytest.mark.spec("6.11")
def test_who_gets_a_separate_copy_is_not_on_the_email_itself() -> None:
    bcc = ["{{event.boss}}", "desk@example.com"]
    content = composed(event={"boss": "boss@example.com"}, bcc=bcc, bcc_as="separate")

    assert ((), ("boss@example.com", "desk@example.com")) == (content.bcc, content.copies)


@pytest.mark.spec("6.10")
def test_the_recipient_is_the_persons_address_unless_it_says_otherwise() -> None:
    assert "ada@example.com" == composed().to


def test_the_sender_is_the_emails_own_or_else_the_default() -> None:
    assert HOUSE == composed().sender
    assert "own@shop.example" == composed(**{"from": "own@shop.example"}).sender
    with pytest.raises(RenderError, match="from"):
        composed(sender=None)


@pytest.mark.spec("8.12")
def test_the_event_replaces_sender_recipient_and_reply_address() -> None:
    event = {"from_address": "a@x.example", "recipient": "b@x.example", "reply_to": "c@x.example"}

    content = composed(event=event, to="nobody@x.example", reply_to="d@x.example", **{"from": "e@x.example"})

    assert ("a@x.example", "b@x.example", "c@x.example") == (content.sender, content.to, content.reply_to)


@pytest.mark.spec("8.13")
def test_an_empty_override_is_ignored_and_an_invalid_one_fails() -> None:
    assert "ada@example.com" == composed(event={"recipient": " ", "from_address": None, "reply_to": ""}).to
    for field in ("from_address", "recipient", "reply_to"):
        with pytest.raises(RenderError, match="nobody"):
            composed(event={field: "nobody"})


@pytest.mark.spec("6.12")
@pytest.mark.parametrize(("address", "reason"), [("", "`to` is empty"), ("ada", "not an email address")])
def test_without_a_usable_recipient_there_is_no_email(address: str, reason: str) -> None:
    with pytest.raises(RenderError, match=reason):
        composed(person=ADA | {"email": address}, to="{{ customer.email }}")


@pytest.mark.spec("6.12")
@pytest.mark.parametrize("person", [{}, {"email": None}, {"email": ""}])
def test_a_person_without_an_address_is_said_to_have_none(person: dict[str, Any]) -> None:
    with pytest.raises(RenderError) as refused:
        composed(person=person)

    assert "The person has no email address." == str(refused.value)
    assert "desk@shop.example" == composed(person=person, event={"recipient": "desk@shop.example"}).to


@pytest.mark.spec("8.07")
def test_a_missing_variable_fails_and_is_named() -> None:
    with pytest.raises(RenderError, match=r"customer\.last_name"):
        composed(body="<p>{{customer.last_name}}</p>")


@pytest.mark.spec("8.11")
def test_values_are_escaped_in_the_body_and_nowhere_else() -> None:
    content = composed(
        person=ADA | {"first_name": "<b>"}, body="{{customer.first_name}}", subject="{{customer.first_name}}"
    )

    assert ("&lt;b&gt;", "<b>") == (content.html, content.subject)


def test_a_persons_data_cannot_begin_another_header() -> None:
    content = composed(subject="{{customer.bad}}", headers={"X-Note": "{{customer.bad}}"})

    assert "x Bcc: evil@example.com" == content.subject == content.headers["X-Note"]
    with pytest.raises(RenderError):
        composed(to="{{customer.bad}}")


def test_an_email_in_jinja_still_takes_the_default_sender_in_liquid() -> None:
    default = "{{ customer.first_name | append: '!' }} <a@shop.example>"

    content = composed(sender=default, language="jinja2", subject="{{ customer.first_name ~ '?' }}")

    assert ("Ada! <a@shop.example>", "Ada?") == (content.sender, content.subject)


@pytest.mark.parametrize(
    ("fields", "place", "remedy"),
    [
        ({"body": None}, "body", "Write a `body`"),
        ({"subject": "{{ nobody.x }}"}, "subject", "A template can read"),
        ({"body": "{% if %}"}, "body", ""),
        ({"from": "nobody"}, "from", "Write one, such as Shop"),
        ({"to": "a@b.example, c@d.example"}, "to", "Write one"),
        ({"cc": ["a@b.example", "x"]}, "cc[1]", "Write one"),
        ({"bcc": 7}, "bcc", "Write one address"),
        ({"bcc_as": "blind"}, "bcc_as", "`copy` or `separate`"),
        ({"headers": {"Subject": "x"}}, "headers.Subject", "own keys"),
        ({"headers": {"X Y": "x"}}, "headers.X Y", "letters"),
        ({"headers": {"X-A": 7}}, "headers.X-A", "Write a text"),
        ({"headers": []}, "headers", "`key: value`"),
        ({"language": "erb"}, "language", "`liquid` or `jinja2`"),
        ({"tracking": "no"}, "tracking", "true or false"),
        ({"send_to_unsubscribed": "no"}, "send_to_unsubscribed", "true or false"),
        ({"unknown_outcome": "x"}, "unknown_outcome", "`hold` or `resend`"),
        ({"if": {"attribut": "x", "equals": 1}}, "if.attribut", "Did you mean `attribute`?"),
        ({"attachments": []}, "attachments", "Known here"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(fields: dict[str, Any], place: str, remedy: str) -> None:
    fault = faults_of(document(email(**fields)))[0]

    assert f"workflow[0].email.{place}" == fault.place
    assert remedy in fault.remedy


@pytest.mark.spec("7.01")
@pytest.mark.parametrize(("fields", "sending"), [({}, "automatic"), ({"sending": "off"}, "off")])
def test_sending_is_automatic_unless_it_is_off(fields: dict[str, Any], sending: str) -> None:
    step = campaign(email(**fields)).plan.blocks["nudge"]

    assert isinstance(step, Email)
    assert sending == step.sending


@pytest.mark.spec("7.11")
@pytest.mark.parametrize(("fields", "written"), [({}, None), ({"tracking": True}, None), ({"tracking": False}, False)])
def test_opens_and_clicks_are_tracked_unless_it_says_otherwise(fields: dict[str, bool], written: bool | None) -> None:
    step = campaign(email(**fields)).plan.blocks["nudge"]

    assert (written is None, written) == (composed(**fields).tracking, step.body().get("tracking"))


def test_drafts_are_refused_clearly() -> None:
    [fault] = faults_of(document(email(sending="draft")))

    assert "not supported yet" in fault.problem
