from __future__ import annotations

from typing import Any

import orjson
import pytest

from engine import campaigns, journeys
from engine.errors import RenderError
from engine.steps import Webhook
from engine.steps.webhook_content import WebhookContent
from tests.engine.builders import campaign, document, faults_of, outcome, situation
from tests.engine.templates.builders import scope

URL = "https://crm.example/people"


def webhook(**fields: Any) -> dict[str, Any]:
    return {"webhook": {"id": "crm", "url": URL, **fields}}


def composed(*, trigger: Any = None, **fields: Any) -> WebhookContent:
    step = campaign(webhook(**fields)).plan.blocks["crm"]
    assert isinstance(step, Webhook)
    return step.compose(scope(trigger=trigger), sender=None)


@pytest.mark.spec("6.35")
def test_url_headers_and_body_are_templates() -> None:
    content = composed(
        method="PATCH",
        url="https://ada:{{event.color}}@{{event.product}}.example/{{customer.first_name | url_encode}}",
        headers={"X-Plan": "{{event.color | upcase}}"},
        body="{{customer.first_name}} bought {{event.product}}",
    )

    assert ("PATCH", "https://ada:blue@socks.example/Ada") == (content.method, content.url)
    assert {"X-Plan": "BLUE", "Content-Type": "text/plain; charset=utf-8"} == content.headers
    assert "Ada bought socks" == content.body


@pytest.mark.spec("6.35")
def test_the_method_is_post_unless_it_says_otherwise() -> None:
    assert ["POST", "GET", "PUT", "DELETE", "PATCH"] == [
        composed().method,
        *(composed(method=method).method for method in ("GET", "PUT", "DELETE", "PATCH")),
    ]


@pytest.mark.parametrize(
    ("written", "sent", "kind"),
    [
        ({"price": "{{event.price}}", "of": ["{{event.product}}"]}, {"price": 9.99, "of": ["socks"]}, "json"),
        ([1, {}], [1, {}], "json"),
        ('{"name": "{{customer.first_name}}"}', {"name": "Ada"}, "json"),
        ("{{event.items}}", [{"name": "socks"}, {"name": None}], "json"),
    ],
)
def test_a_body_of_keys_and_values_is_sent_as_json(written: Any, sent: Any, kind: str) -> None:
    content = composed(body=written)

    assert sent == orjson.loads(content.body or "")
    assert f"application/{kind}" == content.headers["Content-Type"]


def test_a_payload_is_passed_on_whole() -> None:
    assert [{"a": 1}] == orjson.loads(composed(trigger=[{"a": 1}], body="{{trigger}}").body or "")


def test_a_type_that_is_written_is_kept_and_without_a_body_there_is_none() -> None:
    assert {"content-type": "application/xml"} == composed(
        headers={"content-type": "application/xml"}, body="<a/>"
    ).headers
    assert ({}, None) == (composed().headers, composed().body)


def test_a_second_copy_can_be_told_by_its_key() -> None:
    assert "d1" == composed().idempotency_key


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"url": "{{event.product}}"}, "does not begin with https"),
        ({"url": "https://{{customer.nickname}}/"}, "names no host"),
        ({"url": "https://x.example/{{event.items[0]}}"}, "space"),
        ({"url": "https://x.example/{{event.nothing}}"}, r"event\.nothing"),
        ({"headers": {"X-A": "{{event.lines}}"}}, r"headers\.X-A"),
        ({"body": {"a": "{{event.nothing}}"}}, r"event\.nothing"),
    ],
)
def test_what_cannot_be_sent_fails_with_the_reason(fields: dict[str, Any], reason: str) -> None:
    step = campaign(webhook(**fields)).plan.blocks["crm"]
    assert isinstance(step, Webhook)
    event = {"lines": "a\r\nX-B: c", "product": "socks", "items": [{"name": "a b"}]}

    with pytest.raises(RenderError, match=reason):
        step.compose(scope(event=event), sender=None)


@pytest.mark.spec("6.37")
def test_it_is_due_for_people_who_unsubscribed() -> None:
    it = campaign(webhook())

    assert ("send", "crm") == outcome(journeys.enter(situation(it, person={"unsubscribed": True}, unsubscribed=True)))


@pytest.mark.spec("1.96", "1.97")
def test_a_data_campaign_may_send_it_but_has_nobody_to_save_for() -> None:
    assert () == faults_of(document(webhook(), trigger="webhook"))
    assert ["workflow[0].webhook"] == [
        fault.place for fault in faults_of(document(webhook(save={"a": "b"}), trigger="webhook"))
    ]


def test_it_is_read_as_it_is_written() -> None:
    whole = webhook(
        name="To the CRM",
        method="PUT",
        headers={"X-A": "{{customer.first_name}}"},
        body={"a": ["{{event.x}}"]},
        save={"crm_id": "data.id", "first": "[0].name"},
        sending="off",
        unknown_outcome="resend",
    )
    it = campaign(whole, {"webhook": {"id": "other", "url": URL, "body": "text"}})

    assert it == campaigns.parse(campaigns.to_document(it))


@pytest.mark.parametrize(
    ("fields", "place", "remedy"),
    [
        ({"url": None}, "url", "Write where it goes"),
        ({"url": "crm.example"}, "url", "https://crm.example"),
        ({"url": "https://x.example:99999/"}, "url", "https://crm.example"),
        ({"url": "https://{{nobody.x}}"}, "url", "A template can read"),
        ({"method": "post"}, "method", "`POST`"),
        ({"method": "GET", "body": "x"}, "body", "another method"),
        ({"body": 7}, "body", "Write a text"),
        ({"body": {"a": ["{{nobody.x}}"]}}, "body.a[0]", "A template can read"),
        ({"headers": {"X Y": "a"}}, "headers.X Y", "letters"),
        ({"headers": {"Host": "a"}}, "headers.Host", "Leave it out"),
        ({"headers": {"Idempotency-Key": "a"}}, "headers.Idempotency-Key", "Leave it out"),
        ({"headers": {"sojourn-depth": "0"}}, "headers.sojourn-depth", "Leave it out"),
        ({"save": {}}, "save", "`attribute: path`"),
        ({"save": {"id": "a"}}, "save.id", "other than id"),
        ({"save": {"a": "b[].c"}}, "save.a", "items[0].id"),
        ({"save": {"a": "b c.["}}, "save.a", "Write names"),
        ({"sending": "draft"}, "sending", "automatic"),
        ({"send_to_unsubscribed": True}, "send_to_unsubscribed", "It belongs into `email`."),
        ({"unknown_outcome": "x"}, "unknown_outcome", "`hold` or `resend`"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(fields: dict[str, Any], place: str, remedy: str) -> None:
    fault = faults_of(document(webhook(**fields)))[0]

    assert f"workflow[0].webhook.{place}" == fault.place
    assert remedy in fault.remedy
