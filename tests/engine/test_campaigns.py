from __future__ import annotations

from typing import Any

import pytest

from engine import campaigns
from engine.conditions import All, InSegment
from engine.errors import DocumentError
from engine.exits import Exit
from engine.frequency import EVERY_TIME
from tests.engine.builders import campaign, document, email, faults_of

EVERYTHING: dict[str, Any] = document(
    {"delay": {"id": "pause", "for": "1h30m", "if": {"data": "total", "at_least": 10}}},
    email(
        "full",
        name="The full one",
        subject="{{customer.first_name}}, hello",
        text="Hello",
        preheader="In short",
        to="{{customer.work_email}}",
        reply_to="help@shop.example",
        cc=["a@shop.example", "b@shop.example"],
        bcc="c@shop.example",
        headers={"X-Cart": "{{event.cart}}"},
        sending="off",
        send_to_unsubscribed=True,
        unknown_outcome="resend",
        language="jinja2",
        **{"from": "{{event.shop}} <shop@shop.example>", "if": {"attribute": "plan", "exists": True}},
    ),
    {
        "branch": {
            "id": "fork",
            "if": {"any": [{"in": "vip"}, {"attribute": "plan", "equals": "pro"}]},
            "then": [{"update_person": {"set": {"vip": True, "sku": "{{event.sku}}"}, "remove": ["trial"]}}],
            "else": ["exit"],
        }
    },
    {"update_person": {"id": "boss", "set": {"seen": [1, {"a": None}]}, "person": {"email": "{{event.manager}}"}}},
    "exit",
    key="everything",
    description="Every key there is.",
    tags=["cart", "test"],
    trigger={"page": "/cart", "where": [{"path": "items[].category", "contains": "socks|shoes"}]},
    filters={"all": [{"in": "customers"}, {"not_in": "paying"}]},
    goal={"event": "purchase", "where": [{"path": "total", "at_least": 1}], "within": "7d", "after": "clicked"},
    exit="goal_or_stopped_matching",
    send_to_unsubscribed=True,
    unknown_outcome="resend",
)


@pytest.mark.parametrize(
    "written",
    [
        EVERYTHING,
        document(),
        document(frequency="once", goal={"enters": "paid", "within": "90d"}, exit="goal"),
        document(frequency={"once_per": "24h"}, goal={"leaves": "trial"}, exit="never"),
        document(**{"$schema": "https://example.com/campaign.json"}),
    ],
)
def test_a_campaign_and_its_document_say_the_same(written: dict[str, Any]) -> None:
    read = campaigns.parse(written)

    assert read == campaigns.parse(campaigns.to_document(read))
    assert campaigns.to_document(read) == campaigns.to_document(campaigns.parse(campaigns.to_document(read)))


@pytest.mark.spec("1.01")
def test_a_name_and_a_trigger_are_needed_and_the_rest_has_defaults() -> None:
    it = campaigns.parse({"name": " Cart Reminder! ", "trigger": {"event": "x"}, "workflow": ["exit"]})

    assert ("Cart Reminder!", "cart-reminder", "", ()) == (it.name, it.key, it.description, it.tags)
    assert (EVERY_TIME, Exit.STOPPED_MATCHING, False, "hold") == (
        it.frequency,
        it.exit,
        it.send_to_unsubscribed,
        it.unknown_outcome,
    )
    assert (None, None, None) == (it.filters, it.goal, it.sender)
    assert ["name", "trigger", "workflow"] == [fault.place for fault in faults_of({})]


@pytest.mark.spec("2.20", "17.11")
def test_an_event_campaign_takes_every_event_unless_it_says_otherwise() -> None:
    assert EVERY_TIME is campaign().frequency


@pytest.mark.spec("2.08", "2.27")
def test_a_frequency_is_refused_with_segment_filters_and_allowed_with_event_data_filters() -> None:
    where = {"event": "x", "where": [{"path": "total", "at_least": 1}]}

    assert ["frequency"] == [fault.place for fault in faults_of(document(frequency="once", filters={"in": "a"}))]
    assert () == faults_of(document(frequency="every_time", filters={"in": "a"}))
    assert () == faults_of(document(frequency="once", filters={"all": []}))
    assert () == faults_of(document(frequency="once", trigger=where))


@pytest.mark.spec("4.02")
@pytest.mark.parametrize("group", ["all", "any"])
def test_filters_are_segments_in_groups_and_nothing_else(group: str) -> None:
    it = campaign(filters={group: [{"in": "a"}, {"not_in": "b"}]})

    assert {InSegment("a"), InSegment("b", negative=True)} == set(it.filters.parts)  # type: ignore[union-attr]
    assert (group == "all") == isinstance(it.filters, All)
    assert ["filters.all[0].attribute"] == [
        fault.place for fault in faults_of(document(filters={"all": [{"attribute": "plan", "equals": "pro"}]}))
    ]


def test_all_faults_are_found_at_once() -> None:
    written = {
        "nmae": "Cart",
        "key": "Not A Key",
        "tags": "cart",
        "from": "nobody",
        "trigger": {"event": "x", "page": "y", "were": []},
        "filters": {"in": 7},
        "frequency": "sometimes",
        "goal": {"evnt": "purchase"},
        "exit": "soon",
        "send_to_unsubscribed": "yes",
        "unknown_outcome": "guess",
        "workflow": [{"delay": "1x"}, {"email": {"id": "a", "sending": "later"}}],
    }

    assert {
        "name",
        "nmae",
        "key",
        "tags",
        "from",
        "trigger",
        "trigger.were",
        "filters.in",
        "frequency",
        "goal",
        "goal.evnt",
        "exit",
        "send_to_unsubscribed",
        "unknown_outcome",
        "workflow[0].delay.for",
        "workflow[1].email.subject",
        "workflow[1].email.body",
        "workflow[1].email.sending",
    } == {fault.place for fault in faults_of(written)}


@pytest.mark.parametrize("written", [None, [], "name: x", 7])
def test_what_is_no_mapping_is_no_campaign(written: object) -> None:
    assert "Write `key: value` pairs." == faults_of(written)[0].remedy


@pytest.mark.parametrize(
    ("fields", "place", "remedy"),
    [
        ({"name": "x" * 201}, "name", "Write at most 200."),
        ({"name": "two\nlines"}, "name", "without line breaks"),
        ({"name": 7}, "name", "Write a text"),
        ({"name": "日本"}, "key", "Write a key"),
        ({"key": "a" * 65}, "key", "Write a key"),
        ({"description": "\0"}, "description", "Remove it."),
        ({"triger": {}}, "triger", "Did you mean `trigger`?"),
        ({"exit": False}, "exit", "Write `never`"),
        ({"from": "{{customr.name}} <a@b.example>"}, "from", "A template can read"),
        ({"frequency": {"once_per": "0"}}, "frequency.once_per", "Write at least 1m"),
        ({"frequency": {}}, "frequency.once_per", "Write every_time"),
        ({"goal": {"event": "a", "enters": "b"}}, "goal", "Write {event: purchase}"),
        ({"goal": {"enters": "b", "where": [{"path": "x", "exists": True}]}}, "goal.where", "Leave `where` out"),
        ({"goal": {"enters": "Not a key"}}, "goal.enters", "Write a key"),
        ({"goal": {"event": "a", "within": "91d"}}, "goal.within", "Write 1m to 90d."),
        ({"goal": {"event": "a", "after": "bought"}}, "goal.after", "Write `received`"),
        ({"trigger": {"event": " "}}, "trigger.event", "Write a text"),
        ({"trigger": "signed_up"}, "trigger", "Write `key: value` pairs."),
        ({"trigger": {"event": "x", "where": [{"attribute": "a", "equals": 1}]}}, "trigger.where[0].attribute", "Use"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(fields: dict[str, Any], place: str, remedy: str) -> None:
    [fault] = faults_of(document(**fields))

    assert place == fault.place
    assert remedy in fault.remedy


def test_the_error_carries_every_fault_and_says_them_in_one_sentence() -> None:
    with pytest.raises(DocumentError, match=r"exit: .*goal") as raised:
        campaigns.parse(document(exit="goal"))

    assert 1 == len(raised.value.faults)


def test_all_segments_that_are_asked_about_are_known() -> None:
    it = campaigns.parse(EVERYTHING | {"goal": {"enters": "buyers"}})

    assert {"customers", "paying", "vip", "buyers"} == campaigns.segments_used(it)


def test_reading_does_not_change_the_document() -> None:
    before = repr(EVERYTHING)

    campaigns.parse(EVERYTHING)

    assert before == repr(EVERYTHING)
