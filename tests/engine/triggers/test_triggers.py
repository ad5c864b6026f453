"""How each type of trigger is written; what makes it start a journey is tested beside its rule."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from engine import triggers
from engine.conditions import InSegment
from engine.errors import Fault
from engine.schema import campaign_schema
from engine.triggers import ConditionTrigger, DateTrigger, EventTrigger, Trigger, WebhookTrigger
from tests.engine.builders import document, facts, faults_of

SCHEMA = jsonschema.Draft202012Validator(campaign_schema())

BIRTHDAY = {"date": "birthday", "every": "year", "at": "09:00", "timezone": "Europe/Zurich"}
PERSONS = BIRTHDAY | {"timezone": "person", "fallback_timezone": "Europe/Zurich"}
WHERE = {"all": [{"path": "total", "at_least": 10}]}


def parsed(written: object) -> tuple[Trigger | None, list[Fault]]:
    faults: list[Fault] = []
    return triggers.parse(written, "trigger", faults), faults


@pytest.mark.spec("1.04", "1.55")
@pytest.mark.parametrize(
    ("written", "type_", "entered_by"),
    [
        ({"event": "purchase", "where": WHERE}, "event", "event purchase"),
        ({"page": "/pricing"}, "event", "page /pricing"),
        ({"screen": "Home"}, "event", "screen Home"),
        ({"form": "newsletter"}, "form", "form newsletter"),
        ({"form": "1234567890", "where": WHERE}, "form", "form 1234567890"),
        ({"condition": {"in": "a"}}, "condition", "condition: in segment a"),
        (
            {"condition": {"any": [{"in": "a"}, {"not_in": "b"}]}},
            "condition",
            "condition: in segment a or not in segment b",
        ),
        (BIRTHDAY, "date", "date birthday"),
        (PERSONS, "date", "date birthday"),
        (BIRTHDAY | {"date": 'plans[0]["ends.at"]'}, "date", 'date plans[0]["ends.at"]'),
        (BIRTHDAY | {"every": "once", "days_before": 365, "at": "23:59"}, "date", "date birthday"),
        (PERSONS | {"every": "month", "days_after": 1, "at": "00:00"}, "date", "date birthday"),
        ({"webhook": {}}, "webhook", "webhook call"),
    ],
)
def test_a_trigger_and_its_document_say_the_same(written: dict[str, Any], type_: str, entered_by: str) -> None:
    trigger, faults = parsed(written)

    assert [] == faults
    assert trigger is not None
    assert (type_, entered_by, written) == (trigger.type, trigger.entered_by, triggers.document(trigger))
    assert [] == [error.message for error in SCHEMA.iter_errors(document(trigger=written))]


@pytest.mark.parametrize("written", ["webhook", {"webhook": {}}, {"webhook": None}])
def test_a_webhook_has_nothing_to_set(written: object) -> None:
    assert (WebhookTrigger(), []) == parsed(written)
    assert SCHEMA.is_valid(document(trigger=written))


@pytest.mark.spec("1.10", "1.13")
def test_a_list_of_segments_is_all_of_them() -> None:
    listed, _ = parsed({"condition": [{"in": "a"}, {"not_in": "b"}]})
    whole, _ = parsed({"condition": {"all": [{"in": "a"}, {"not_in": "b"}]}})
    one, _ = parsed({"condition": {"in": "a"}})

    assert whole == listed
    assert ConditionTrigger(condition=InSegment("a")) == one


@pytest.mark.spec("1.55")
def test_days_before_are_negative() -> None:
    before, _ = parsed(BIRTHDAY | {"days_before": 3})
    on, _ = parsed(BIRTHDAY)
    after, _ = parsed(BIRTHDAY | {"days_after": 3})

    assert [-3, 0, 3] == [one.offset_days for one in (before, on, after) if isinstance(one, DateTrigger)]


@pytest.mark.spec("1.86")
def test_a_form_is_an_event_of_its_own_kind() -> None:
    trigger, _ = parsed({"form": "newsletter", "where": [{"path": "topic", "equals": "socks"}]})

    assert isinstance(trigger, EventTrigger)
    assert [True, False, False, False] == [
        trigger.matches(kind, name, facts(data={"topic": topic}))
        for kind, name, topic in [
            ("form", "newsletter", "socks"),
            ("form", "newsletter", "shoes"),
            ("form", "Newsletter", "socks"),
            ("event", "newsletter", "socks"),
        ]
    ]


@pytest.mark.spec("1.01", "1.10", "1.55", "1.63", "1.64")
@pytest.mark.parametrize(
    ("written", "place", "remedy"),
    [
        (None, "trigger", "Write one of `event`, `page`, `screen`, `form`, `condition`, `date` or `webhook`"),
        ("signed_up", "trigger", "Write one of"),
        ({"webhook": {"secret": "x"}}, "trigger.webhook.secret", ""),
        ({"event": "a", "date": "b"}, "trigger", "one campaign for each"),
        ({"form": "a", "event": "b"}, "trigger", "one campaign for each"),
        ({"form": " "}, "trigger.form", "Write a text"),
        ({"form": "a", "where": [{"attribute": "x", "exists": True}]}, "trigger.where[0].attribute", "path"),
        ({"condition": []}, "trigger.condition", "Write one, such as {in: customers}."),
        ({"condition": {"all": [{"any": []}]}}, "trigger.condition", "Write one"),
        ({"condition": {"attribute": "plan", "equals": "pro"}}, "trigger.condition.attribute", "in"),
        ({"condition": {"in": "a"}, "where": WHERE}, "trigger.where", "beside `event`, `page`, `screen` or `form`."),
        ({"event": "a", "segments": {}}, "trigger.segments", "It belongs beside `condition`."),
        ({"page": "a", "days_before": 3}, "trigger.days_before", "It belongs beside `date`."),
        ({key: value for key, value in BIRTHDAY.items() if key != "every"}, "trigger.every", "Write once, month or"),
        ({key: value for key, value in BIRTHDAY.items() if key != "at"}, "trigger.at", '"09:00"'),
        ({key: value for key, value in BIRTHDAY.items() if key != "timezone"}, "trigger.timezone", "or person"),
        (BIRTHDAY | {"every": "week"}, "trigger.every", "Write `once`, `month` or `year`."),
        (BIRTHDAY | {"at": "9:00"}, "trigger.at", '"09:00"'),
        (BIRTHDAY | {"at": "24:00"}, "trigger.at", '"09:00"'),
        (BIRTHDAY | {"at": "12:60"}, "trigger.at", '"09:00"'),
        (BIRTHDAY | {"at": "\u0661\u0662:\u0663\u0660"}, "trigger.at", '"09:00"'),
        (BIRTHDAY | {"at": 750}, "trigger.at", '"09:00"'),
        (BIRTHDAY | {"days_before": 0}, "trigger.days_before", "1 to 365"),
        (BIRTHDAY | {"days_after": 366}, "trigger.days_after", "1 to 365"),
        (BIRTHDAY | {"days_after": 1.5}, "trigger.days_after", "1 to 365"),
        (BIRTHDAY | {"days_after": True}, "trigger.days_after", "1 to 365"),
        (BIRTHDAY | {"days_after": "3"}, "trigger.days_after", "1 to 365"),
        (BIRTHDAY | {"days_before": 1, "days_after": 1}, "trigger.days_after", "Write one of the two."),
        (BIRTHDAY | {"timezone": "EST5EDT"}, "trigger.timezone", "Europe/Zurich"),
        (BIRTHDAY | {"timezone": "(GMT-08:00) Pacific Time"}, "trigger.timezone", "Europe/Zurich"),
        (BIRTHDAY | {"timezone": "person"}, "trigger.fallback_timezone", "Europe/Zurich"),
        (PERSONS | {"fallback_timezone": "person"}, "trigger.fallback_timezone", "Europe/Zurich"),
        (PERSONS | {"timezone": "UTC"}, "trigger.fallback_timezone", "Leave it out"),
        (BIRTHDAY | {"date": ""}, "trigger.date", ""),
        (BIRTHDAY | {"date": "items[].day"}, "trigger.date", "such as birthday"),
        (BIRTHDAY | {"date": "[0].day"}, "trigger.date", "such as birthday"),
        (BIRTHDAY | {"where": WHERE}, "trigger.where", "It belongs beside `event`"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(written: object, place: str, remedy: str) -> None:
    _, [fault] = parsed(written)

    assert place == fault.place
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("written", "key", "meant"),
    [
        ({"evnt": "purchase"}, "evnt", "event"),
        ({"evnt": "purchase", "where": WHERE}, "evnt", "event"),
        ({"conditon": {"in": "a"}}, "conditon", "condition"),
        ({"at": "09:00", "every": "year", "timezone": "UTC", "dte": "birthday"}, "dte", "date"),
    ],
)
def test_a_trigger_whose_type_is_mistyped_is_one_fault_if_the_rest_is_right(
    written: dict[str, Any], key: str, meant: str
) -> None:
    [fault] = faults_of(document(trigger=written))

    assert (f"trigger.{key}", f"Did you mean `{meant}`?") == (fault.place, fault.remedy)


def test_what_does_not_go_with_the_type_that_was_meant_is_told_too() -> None:
    faults = faults_of(document(trigger={"where": WHERE, "conditon": {"in": "a"}}))

    assert ["trigger.conditon", "trigger.where"] == [fault.place for fault in faults]


@pytest.mark.parametrize(
    ("written", "place", "remedy"),
    [
        ({"at": "09:00"}, "trigger", "Write one of `event`"),
        ({"event": None}, "trigger", "Write one of `event`"),
        ({"when": "purchase"}, "trigger", "Write one of `event`"),
        ({}, "trigger", "Write one of `event`"),
    ],
)
def test_a_trigger_without_a_type_is_one_fault_whatever_stands_beside_it(
    written: dict[str, Any], place: str, remedy: str
) -> None:
    beside = {"filters": {"in": "a"}, "frequency": "once", "grace": "off"}
    [fault] = faults_of(document(trigger=written, **beside))

    assert place == fault.place
    assert fault.remedy.startswith(remedy)


def test_a_key_that_stands_beside_the_type_is_never_taken_for_a_mistyped_one() -> None:
    shown = campaign_schema()["properties"]["trigger"]["anyOf"]
    beside = {key for one in shown for key in one.get("properties", {})} - {
        "event", "page", "screen", "form", "condition", "date", "webhook"
    }  # fmt: skip

    assert {"trigger"} == {fault.place for key in beside for fault in parsed({key: "x"})[1]}
    assert {"where", "segments", "at"} <= beside


@pytest.mark.parametrize(
    "written",
    [
        "signed_up",
        {},
        {"event": "a", "form": "b"},
        {"webhook": {"secret": "x"}},
        {"condition": {"attribute": "plan", "equals": "pro"}},
        {key: value for key, value in BIRTHDAY.items() if key != "every"},
        {key: value for key, value in BIRTHDAY.items() if key != "timezone"},
        BIRTHDAY | {"at": "9:00"},
        BIRTHDAY | {"days_before": 1, "days_after": 1},
        BIRTHDAY | {"days_before": 366},
        BIRTHDAY | {"timezone": "person"},
        BIRTHDAY | {"timezone": "EST5EDT"},
        PERSONS | {"timezone": "UTC"},
    ],
)
def test_the_schema_refuses_what_an_editor_can_point_at(written: object) -> None:
    assert not SCHEMA.is_valid(document(trigger=written))
