from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import campaigns
from engine.conditions import All, InSegment
from engine.errors import DocumentError
from engine.exits import Exit
from engine.frequency import EVERY_TIME, ONCE, EveryMatch, Interval
from tests.engine.builders import campaign, document, email, facts, faults_of

MATCH: dict[str, Any] = {"condition": {"in": "customers"}}
BIRTHDAY: dict[str, Any] = {"date": "birthday", "every": "year", "at": "09:00", "timezone": "UTC"}

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
        tracking=False,
        sending="off",
        send_to_unsubscribed=True,
        unknown_outcome="resend",
        language="jinja2",
        ab_test={"share": 12.5, "subject": "Hello {{customer.first_name}}", "cc": [], "sending": "automatic"},
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
        document(trigger=MATCH, filters={"in": "a"}),
        document(trigger=MATCH, frequency="every_match", grace="early_return"),
        document(trigger=MATCH, frequency={"every_match": "7d"}, grace="off"),
        document(trigger=MATCH, frequency={"every": "30d"}),
        document(trigger={"form": "newsletter"}, frequency={"once_per": "7d"}),
        document(trigger=BIRTHDAY, frequency="once"),
        document({"delay": "1h"}, trigger="webhook"),
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


@pytest.mark.spec("2.08")
def test_who_enters_by_matching_may_have_filters_unless_they_come_again() -> None:
    filtered = {"trigger": MATCH, "filters": {"in": "a"}}

    assert () == faults_of(document(**filtered, frequency="once"))
    assert [["frequency"]] * 3 == [
        [fault.place for fault in faults_of(document(**filtered, frequency=frequency))]
        for frequency in ("every_match", {"every_match": "7d"}, {"every": "30d"})
    ]


@pytest.mark.spec("2.01", "17.10")
def test_whoever_matches_enters_once_unless_the_campaign_says_otherwise() -> None:
    assert ONCE is campaign(trigger=MATCH).frequency
    assert EveryMatch() == campaign(trigger=MATCH, frequency="every_match").frequency
    assert Interval(timedelta(days=30)) == campaign(trigger=MATCH, frequency={"every": "30d"}).frequency


@pytest.mark.spec("17.11")
@pytest.mark.parametrize("trigger", [{"form": "newsletter"}, BIRTHDAY])
def test_every_submission_and_every_date_counts_unless_the_campaign_says_otherwise(trigger: dict[str, Any]) -> None:
    assert EVERY_TIME is campaign(trigger=trigger).frequency


@pytest.mark.spec("10.60", "17.3")
def test_a_condition_campaign_has_a_grace_period_that_can_end_early_or_be_switched_off() -> None:
    graces = [campaign(trigger=MATCH, **written).grace for written in ({}, {"grace": "early_return"}, {"grace": "off"})]

    assert ["at_end", "early_return", "off"] == graces


@pytest.mark.spec("1.11", "1.12", "10.32")
@pytest.mark.parametrize(
    ("trigger", "segments", "expected"),
    [
        ({"condition": {"all": [{"in": "a"}, {"not_in": "b"}]}}, {"a", "staying"}, True),
        ({"condition": {"all": [{"in": "a"}, {"not_in": "b"}]}}, {"a", "b", "staying"}, False),
        ({"condition": {"all": [{"in": "a"}, {"not_in": "b"}]}}, {"a"}, False),
        ({"condition": {"any": [{"in": "a"}, {"not_in": "b"}]}}, {"staying"}, True),
        ({"condition": {"any": [{"in": "a"}, {"not_in": "b"}]}}, {"b", "staying"}, False),
        ({"event": "x"}, {"staying"}, True),
        ({"event": "x"}, set(), False),
        (BIRTHDAY, {"staying"}, True),
    ],
)
def test_matching_is_the_filters_and_the_segments_of_the_trigger(
    trigger: dict[str, Any], segments: set[str], expected: bool
) -> None:
    it = campaign(trigger=trigger, filters={"in": "staying"})

    assert expected is it.matches(facts(segments=segments))


@pytest.mark.spec("1.03", "1.93")
def test_a_data_campaign_has_nothing_that_speaks_of_a_person() -> None:
    it = campaign({"delay": "1h"}, trigger="webhook")
    wanted = {"filters": {"in": "a"}, "frequency": "once", "goal": {"event": "x"}, "exit": "never", "grace": "off"}

    assert (True, False, Exit.NEVER, EVERY_TIME) == (it.is_data, it.is_condition, it.exit, it.frequency)
    assert {"name", "key", "from", "trigger", "unknown_outcome", "workflow"} == set(campaigns.to_document(it))
    assert [*wanted, "send_to_unsubscribed"] == sorted(
        (
            fault.place
            for fault in faults_of(document({"delay": "1h"}, trigger="webhook", **wanted, send_to_unsubscribed=True))
        ),
        key=[*wanted, "send_to_unsubscribed"].index,
    )


@pytest.mark.spec("1.97")
def test_a_data_campaign_has_no_block_for_a_person() -> None:
    branch = {"branch": {"if": {"data": "x", "exists": True}, "then": [email()], "else": ["exit"]}}
    own = {"update_person": {"set": {"x": 1}}}
    other = {"update_person": {"set": {"x": 1}, "person": {"id": "{{trigger.id}}"}}}

    assert () == faults_of(document({"delay": "1h"}, other, trigger="webhook"))
    assert ["workflow[0].branch.then[0].email", "workflow[1].update_person"] == [
        fault.place for fault in faults_of(document(branch, own, trigger="webhook"))
    ]


@pytest.mark.spec("1.97")
@pytest.mark.parametrize(
    ("block", "remedy"),
    [
        (email(), "with `person`"),
        ({"update_segment": {"add": "vip"}}, "with `person`"),
        ({"update_person": {"set": {"x": 1}}}, "Say whose it is, such as `person: {id:"),
        ({"send_event": "shipped"}, "Say whose it is, such as `person: {id:"),
    ],
)
def test_a_block_without_a_person_is_told_how_it_gets_one(block: dict[str, Any], remedy: str) -> None:
    [fault] = faults_of(document(block, trigger="webhook"))

    assert remedy in fault.remedy


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
        "nmae",
        "key",
        "tags",
        "from",
        "trigger",
        "trigger.were",
        "filters.in",
        "frequency",
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
        ({"segments": {}}, "segments", "It belongs into `trigger`, beside `condition`."),
        ({"trigger": {"event": "a", "filters": {"in": "a"}}}, "trigger.filters", "the campaign, beside `trigger`."),
        ({"email": {}}, "email", "write it into the list `workflow`."),
        ({"exit": False}, "exit", "Write `never`"),
        ({"from": "{{customr.name}} <a@b.example>"}, "from", "Did you mean `customer`?"),
        ({"frequency": {"once_per": "0"}}, "frequency.once_per", "Write at least 1m"),
        ({"frequency": {}}, "frequency", "Write every_time"),
        ({"frequency": {"once_per": "1h", "every": "1h"}}, "frequency", "Write every_time"),
        ({"frequency": {"once_per": "soon"}}, "frequency.once_per", "Write minutes"),
        ({"frequency": "every_match"}, "frequency", "Write every_time"),
        ({"frequency": {"every": "30d"}}, "frequency", "Write every_time"),
        ({"frequency": "every_time", "trigger": MATCH}, "frequency", "Write once, every_match"),
        ({"frequency": {"once_per": "1d"}, "trigger": MATCH}, "frequency", "Write once, every_match"),
        ({"frequency": {"every_match": "0"}, "trigger": MATCH}, "frequency.every_match", "Write at least 1m"),
        ({"frequency": 7, "trigger": MATCH}, "frequency", "Write once, every_match"),
        ({"frequency": {}, "trigger": MATCH}, "frequency", "Write once, every_match"),
        ({"grace": "at_end"}, "grace", "Leave it out"),
        ({"grace": "later", "trigger": MATCH}, "grace", "Write `at_end`"),
        ({"goal": {"event": "a", "enters": "b"}}, "goal", "Write {event: purchase}"),
        ({"goal": {"enters": "b", "where": [{"path": "x", "exists": True}]}}, "goal.where", "Leave `where` out"),
        ({"goal": {"enters": "Not a key"}}, "goal.enters", "Write a key"),
        ({"goal": {"event": "a", "within": "91d"}}, "goal.within", "Write 1m to 90d."),
        ({"goal": {"event": "a", "after": "bought"}}, "goal.after", "Write `received`"),
        ({"trigger": {"event": " "}}, "trigger.event", "Write a text"),
        ({"trigger": "signed_up"}, "trigger", "Write one of `event`"),
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
    assert {"a", "b"} == campaigns.segments_used(campaign(trigger={"condition": [{"in": "a"}, {"not_in": "b"}]}))


def test_reading_does_not_change_the_document() -> None:
    before = repr(EVERYTHING)

    campaigns.parse(EVERYTHING)

    assert before == repr(EVERYTHING)
