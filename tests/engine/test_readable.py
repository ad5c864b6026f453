"""A name that is always empty where it stands is found before a start, not by the first person who gets no message."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from engine.readable import ALWAYS, BY_TRIGGER, OF_MESSAGES, empty_in
from engine.review import review
from engine.steps import KINDS
from engine.triggers import TriggerType
from tests.engine.builders import campaign, email

PAGE = Path(__file__).parents[2] / "docs" / "personalisation.md"
TRIGGERS: dict[TriggerType, Any] = {
    "event": {"event": "purchase"},
    "form": {"form": "newsletter"},
    "condition": {"condition": {"in": "paying"}},
    "date": {"date": "birthday", "every": "year", "at": "09:00", "timezone": "UTC"},
    "webhook": "webhook",
}

_TEMPLATE = re.compile(r"(?<!no )(?<!Of the )\btemplates?\b", re.IGNORECASE)


def found(*workflow: Any, trigger: TriggerType, **fields: Any) -> list[tuple[str, str]]:
    """Level and place of what the review says of templates."""
    findings = review(campaign(*workflow, trigger=TRIGGERS[trigger], **fields))
    return [(one.level, one.place) for one in findings if "always empty" in one.problem]


@pytest.mark.parametrize("trigger", ["condition", "date"])
@pytest.mark.parametrize("name", ["event.product", "event_name", "event_timestamp", "trigger.total", "trigger[0]"])
def test_what_only_an_event_or_a_call_brings_keeps_every_other_campaign_from_starting(
    trigger: TriggerType, name: str
) -> None:
    assert [("error", "workflow[0].email.subject")] == found(email(subject=f"Hi {{{{ {name} }}}}"), trigger=trigger)


@pytest.mark.parametrize("trigger", ["event", "form"])
def test_an_event_is_read_where_there_is_one(trigger: TriggerType) -> None:
    printed = email(subject="{{ event.a }} {{ event_name }} {{ event_timestamp }} {{ customer.b }} {{ message.id }}")

    assert [] == found(printed, trigger=trigger)
    assert [("error", "workflow[0].email.subject")] == found(email(subject="{{ trigger.a }}"), trigger=trigger)


@pytest.mark.parametrize(
    ("language", "body", "level"),
    [
        ("liquid", "{{ event.product }}", "error"),
        ("liquid", "{{ event.product | upcase }}", "error"),
        ("liquid", "{{ event.product | default: 'it' }}", "warning"),
        ("liquid", "{{ event.product | upcase | default: 'it' }}", "error"),
        ("liquid", "{% if event.product %}{{ event.product }}{% endif %}", "warning"),
        ("liquid", "{% assign event = 'x' %}{{ event }}", None),
        ("jinja2", "{{ event.product }}", "error"),
        ("jinja2", "{{ event['product'] | upper }}", "error"),
        ("jinja2", "{{ event.product | default('it') }}", "warning"),
        ("jinja2", "{{ event.product or 'it' }}", "warning"),
        ("jinja2", "{% if event.product %}{{ event.product }}{% endif %}", "warning"),
        ("jinja2", "{% set event = 'x' %}{{ event }}", None),
    ],
)
def test_only_what_fails_for_everybody_keeps_a_campaign_from_starting(
    language: str, body: str, level: str | None
) -> None:
    expected = [] if level is None else [(level, "workflow[0].email.body")]

    assert expected == found(email(body=body, language=language), trigger="date")


def test_a_data_campaign_has_no_person_which_prints_as_nothing() -> None:
    call = {"id": "crm", "url": "https://crm.example/{{ customer.id }}", "body": {"of": ["{{ event.x }}"]}}

    assert [("warning", "workflow[0].webhook.url"), ("error", "workflow[0].webhook.body.of[0]")] == found(
        {"webhook": call}, trigger="webhook"
    )


def test_blocks_that_send_no_message_have_none_to_name() -> None:
    sent = {"event": "sent", "data": {"by": "{{ message.id }}", "as": "{{ delivery_id }}", "of": "{{ campaign.id }}"}}

    assert [("error", "workflow[0].send_event.data.by"), ("warning", "workflow[0].send_event.data.as")] == found(
        {"send_event": sent}, trigger="event"
    )


def test_the_sender_of_the_campaign_counts_where_emails_are_sent() -> None:
    sender = {"from": "{{ event.shop }}"}
    wait = {"delay": "1h"}

    assert [("error", "from")] == found(email(), trigger="date", **sender)
    assert [] == found(wait, trigger="date", **sender)


@pytest.mark.parametrize("language", ["liquid", "jinja2"])
def test_it_is_said_in_which_line_and_what_to_write(language: str) -> None:
    body = email(body="Hello\n{{ event.product }}", language=language)
    call = {"webhook": {"id": "crm", "url": "https://crm.example", "body": "{{ event.x }}"}}

    [dated] = review(campaign(body, trigger=TRIGGERS["date"]))
    [called] = review(campaign(call, trigger="webhook"))

    assert (
        "Line 2: `event` is always empty in a date campaign, and what prints it fails.",
        "Read what the person has with `customer`.",
    ) == (dated.problem, dated.remedy)
    assert (
        "`event` is always empty in a data campaign, and what prints it fails.",
        "Read what the call brought with `trigger`.",
    ) == (called.problem, called.remedy)


def test_layouts_are_nowhere_yet() -> None:
    assert all({"layout", "content"} <= empty_in(trigger, is_message=True) for trigger in TRIGGERS)


def test_every_key_that_is_described_as_a_template_is_looked_through() -> None:
    described = {
        kind: {key for key, one in step.json_schema().items() if re.search(_TEMPLATE, one.get("description", ""))}
        for kind, step in KINDS.items()
    }

    assert described == {kind: set(step.template_fields) for kind, step in KINDS.items()}


def test_the_table_of_the_page_says_the_same() -> None:
    rows = [row.strip("| ").split("|") for row in re.findall(r"\n(\| `.*\|)", table())]
    filled = {
        trigger: {name for cells in rows for name in re.findall("`([a-z_]+)`", cells[0]) if cell_of(cells, at)}
        for at, trigger in enumerate(TRIGGERS, 1)
    }

    assert {trigger: ALWAYS | OF_MESSAGES | names for trigger, names in BY_TRIGGER.items()} == filled


def table() -> str:
    return PAGE.read_text(encoding="utf-8").partition("| name | event | form |")[2].partition("\n\n")[0]


def cell_of(cells: list[str], at: int) -> str:
    return cells[at].strip() if at < len(cells) else ""
