"""Segments that a trigger brings along (behaviour 1.18): how they are written, and what is no such segment."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from engine import campaigns, segments
from engine.schema import campaign_schema
from engine.segments import Segment
from engine.triggers.new_segments import MOST, clashes
from tests.engine.builders import PRO, campaign, document, faults_of

SCHEMA = jsonschema.Draft202012Validator(campaign_schema())

BIG: dict[str, Any] = {"name": "Big spenders", "condition": {"attribute": "spent", "greater_than": 100}}
TRIGGER: dict[str, Any] = {"condition": {"all": [{"in": "big"}, {"not_in": "staff"}]}, "segments": {"big": BIG}}


def trigger(condition: object, **new: Any) -> dict[str, Any]:
    return document(trigger={"condition": condition, "segments": new})


def places(written: dict[str, Any]) -> list[str]:
    return [fault.place for fault in faults_of(written)]


def segment(key: str, condition: object) -> Segment:
    return segments.parse({"name": key, "key": key} | ({"condition": condition} if condition else {"manual": True}))


@pytest.mark.spec("1.18")
def test_a_new_segment_is_a_segments_document_with_the_key_in_front() -> None:
    described = BIG | {"description": "Who spends much."}
    manual = {"name": "Staff", "manual": True}
    it = campaign(trigger=TRIGGER | {"segments": {"big": described, "staff": manual}})

    assert (segments.parse(described | {"key": "big"}), segments.parse(manual | {"key": "staff"})) == it.new_segments
    assert SCHEMA.is_valid(document(trigger=TRIGGER | {"segments": {"big": described, "staff": manual}}))


@pytest.mark.spec("1.18")
def test_what_is_stored_of_the_campaign_has_no_segments_and_means_the_same() -> None:
    it = campaign(trigger=TRIGGER)
    stored = campaigns.to_document(it)

    assert {"condition": TRIGGER["condition"]} == stored["trigger"]
    assert (it, ()) == (campaigns.parse(stored), campaigns.parse(stored).new_segments)


@pytest.mark.parametrize("none", [None, {}])
def test_there_need_be_none(none: object) -> None:
    assert () == campaign(trigger={"condition": {"in": "a"}, "segments": none}).new_segments


@pytest.mark.spec("1.18")
def test_new_segments_may_ask_about_each_other() -> None:
    assert [] == places(trigger({"in": "a"}, a=BIG | {"condition": [{"in": "b"}, {"in": "old"}]}, b=BIG))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("big spenders", ["", ".name", ".condition"]),
        ({}, [".name", ".condition"]),
        (BIG | {"key": "big"}, [".key"]),
        (BIG | {"condition": {"in": ""}}, [".condition.in"]),
        (BIG | {"conditions": PRO}, [".conditions"]),
        (BIG | {"manual": True}, [".condition"]),
    ],
)
def test_every_fault_of_a_new_segment_has_its_place_in_the_campaign(written: object, expected: list[str]) -> None:
    whole = trigger({"in": "big"}, big=written)

    assert [f"trigger.segments.big{inside}" for inside in expected] == places(whole)
    assert not SCHEMA.is_valid(whole)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        (document(trigger={"event": "x", "segments": {"a": BIG}}), "trigger.segments"),
        (document(trigger=TRIGGER | {"segments": ["big"]}), "trigger.segments"),
        (trigger({"in": "A b"}, **{"A b": BIG}), "trigger.segments.A b"),
        (trigger({"in": "s0"}, **{f"s{number}": BIG for number in range(MOST + 1)}), "trigger.segments"),
    ],
)
def test_they_stand_by_their_keys_in_a_condition_trigger(written: dict[str, Any], place: str) -> None:
    assert [place] == places(written)
    assert not SCHEMA.is_valid(written)


def test_a_condition_that_asks_nothing_is_refused() -> None:
    assert ["trigger.segments.a.condition"] == places(trigger({"in": "a"}, a=BIG | {"condition": []}))


@pytest.mark.spec("1.18")
def test_a_new_segment_that_the_trigger_does_not_ask_about_is_refused() -> None:
    unused = trigger({"in": "a"}, a=BIG, b=BIG | {"condition": {"in": "c"}}, c=BIG)

    assert ["trigger.segments.b", "trigger.segments.c"] == places(unused)
    assert ["trigger.condition.is"] == places(trigger({"is": "a"}, a=BIG))


@pytest.mark.spec("1.18", "3.15")
def test_a_circle_of_new_segments_is_refused_once_with_the_way_round() -> None:
    [fault] = faults_of(
        trigger({"in": "a"}, a=BIG | {"condition": {"in": "b"}}, b=BIG | {"condition": [{"not_in": "a"}, PRO]})
    )

    assert "trigger.segments.a.condition" == fault.place
    assert "a → b → a" in fault.problem


@pytest.mark.spec("1.18")
@pytest.mark.parametrize(
    ("known", "archived", "said"),
    [
        ({}, set(), None),
        ({"other": PRO}, set(), None),
        ({"big": BIG["condition"]}, set(), None),
        ({"big": PRO}, set(), "with another condition"),
        ({"big": BIG["condition"] | {"greater_than": 101}}, set(), "with another condition"),
        ({"big": None}, set(), "added by hand"),
        ({"big": BIG["condition"]}, {"big"}, "archived"),
    ],
)
def test_what_exists_is_never_changed(known: dict[str, Any], archived: set[str], said: str | None) -> None:
    existing = {key: segment(key, condition).condition for key, condition in known.items()}

    found = clashes([segment("big", BIG["condition"])], existing, archived)

    assert (["trigger.segments.big"] if said else []) == [fault.place for fault in found]
    assert all(said in fault.problem and fault.remedy for fault in found if said)


def test_a_manual_segment_that_exists_is_the_same_and_one_by_a_condition_is_not() -> None:
    manual = [segment("staff", None)]

    assert [] == clashes(manual, {"staff": None})
    assert ["There is a segment `staff` already, by a condition."] == [
        fault.problem for fault in clashes(manual, {"staff": segment("staff", PRO).condition})
    ]
