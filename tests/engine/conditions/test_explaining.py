from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from engine.conditions import Scope, describe, explain
from tests.engine.conditions.builders import NOW, bought, facts, person, read


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"attribute": "plan", "equals": "pro"}, 'attribute plan is equal to "pro"'),
        ({"attribute": "plan", "exists": True}, "attribute plan exists"),
        ({"attribute": "plan", "exists": False}, "attribute plan does not exist"),
        ({"data": "items[].tag", "not_contains": "a|b"}, 'event data items[].tag does not contain "a" or "b"'),
        ({"attribute": "age", "between": [1, 2.5]}, "attribute age is between 1 and 2.5"),
        ({"attribute": "on", "equals": True}, "attribute on is equal to true"),
        ({"attribute": "on", "is_true": True}, "attribute on is true"),
        (
            {"attribute": "n", "one_of": list(range(13))},
            "attribute n is one of 0 or 1 or 2 or 3 or 4 or 5 or 6 or 7 or 8 or 9 or 3 more",
        ),
        ({"attribute": "seen", "before": {"ago": "7d"}}, "attribute seen is before 7 days ago"),
        ({"attribute": "seen", "after": {"from_now": "1h"}}, "attribute seen is after 1 hour from now"),
        ({"attribute": "seen", "after": "2024-01-01"}, "attribute seen is after 2024-01-01 00:00:00 UTC"),
        ({"attribute": "code", "matches": "a+"}, "attribute code matches the pattern /a+/"),
        ({"in": "vip"}, "in segment vip"),
        ({"not_in": "vip"}, "not in segment vip"),
        (
            {"any": [{"in": "a"}, {"all": [{"in": "b"}, {"in": "c"}]}]},
            "in segment a or (in segment b and in segment c)",
        ),
        ({}, "no condition"),
        (
            {
                "attribute": "items[]",
                "same_item": [{"path": "kind", "equals": "socks"}, {"path": "price", "at_least": 5}],
            },
            'attribute items[] has an item where kind is equal to "socks" and price is at least 5',
        ),
    ],
)
def test_a_condition_is_said_in_words(document: Any, text: str) -> None:
    assert text == describe(read(document))


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"performed": {"event": "bought"}}, 'performed event "bought"'),
        (
            {"performed": {"event": "bought", "at_least": 3, "within": "30d", "where": [{"path": "n", "at_least": 5}]}},
            'performed event "bought" at least 3 times within the past 30 days where n is at least 5',
        ),
        ({"performed": {"page": {"contains": "/x"}, "exactly": 1}}, 'viewed page containing "/x" exactly 1 time'),
        ({"performed": {"screen": "Home", "at_most": 4}}, 'viewed screen "Home" at most 4 times'),
        (
            {"not_performed": {"event": "bought", "within": "1h30m"}},
            'did not perform event "bought" within the past 1 hour 30 minutes',
        ),
        ({"performed": {"event": "bought", "within": "1d"}}, 'performed event "bought" within the past day'),
        ({"not_performed": {"page": "/x"}}, 'did not view page "/x"'),
        ({"device": {}}, "has a device"),
        ({"no_device": {}}, "has no device"),
        ({"no_device": {"path": "platform", "equals": "ios"}}, 'has no device where platform is equal to "ios"'),
    ],
)
def test_what_somebody_did_is_said_in_words(document: Any, text: str) -> None:
    assert text == describe(read(document, Scope.PERSON))


@pytest.mark.parametrize(
    ("document", "seen"),
    [
        ({"performed": {"event": "bought", "at_least": 9}}, {"times": 3}),
        ({"not_performed": {"event": "bought"}}, {"times": 3}),
        ({"performed": {"event": "asked", "within": "7d"}}, {"times": 0, "latest": None}),
        (
            {"performed": {"event": "bought", "at_least": 9, "within": "7d"}},
            {"times": 2, "latest": "2024-06-15T12:00:00+00:00"},
        ),
        (
            {"performed": {"event": "bought", "within": "7d"}},
            {"times": 1, "latest": "2024-06-15T12:00:00+00:00", "or_more": True},
        ),
        (
            {"not_performed": {"event": "asked", "within": "30d"}},
            {"times": 0, "latest": None, "known_since": "2024-06-05T12:00:00+00:00"},
        ),
    ],
)
def test_an_explanation_of_a_count_shows_what_was_counted(document: Any, seen: dict[str, Any]) -> None:
    condition = read(document, Scope.PERSON)
    who = person(
        condition,
        bought(NOW, NOW - timedelta(days=1), NOW - timedelta(days=9), NOW + timedelta(days=1)),
        known_since=NOW - timedelta(days=10),
    )

    assert seen == explain(condition, who)["seen"]


def test_an_explanation_shows_the_value_seen_beside_each_condition() -> None:
    condition = read({"all": [{"attribute": "plan", "equals": "pro"}, {"in": "vip"}]})

    assert explain(condition, facts({"plan": "free"}, segments={"vip"})) == {
        "holds": False,
        "text": "all of these hold",
        "seen": None,
        "parts": [
            {"holds": False, "text": 'attribute plan is equal to "pro"', "seen": "free", "parts": []},
            {"holds": True, "text": "in segment vip", "seen": None, "parts": []},
        ],
    }


def test_an_explanation_shows_the_item_that_decided() -> None:
    condition = read({"attribute": "items[]", "same_item": [{"path": "price", "at_least": 5}]})
    explained = explain(condition, facts({"items": [{"price": 1}, {"price": 6}]}))

    assert explained["seen"] == {"price": 6}
    assert [[leaf["seen"] for leaf in item["parts"]] for item in explained["parts"]] == [[6]]


def test_an_explanation_shows_a_few_items_where_none_decided() -> None:
    condition = read({"attribute": "items[]", "same_item": [{"path": "price", "at_least": 50}]})
    explained = explain(condition, facts({"items": [{"price": price} for price in range(9)]}))

    assert explained["seen"] is None
    assert [item["parts"][0]["seen"] for item in explained["parts"]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("value", ["x" * 5000, ["x" * 5000], {"x": list(range(5000))}])
def test_a_long_value_is_cut(value: Any) -> None:
    seen = explain(read({"attribute": "plan", "exists": True}), facts({"plan": value}))["seen"]

    assert len(seen) == 200
    assert seen.endswith("…")


def test_a_path_to_many_values_shows_them_all() -> None:
    explained = explain(
        read({"attribute": "items[].price", "at_least": 5}), facts({"items": [{"price": 1}, {"price": 6}]})
    )

    assert explained["seen"] == [1, 6]
    assert explained == json.loads(json.dumps(explained))


def test_an_empty_group_says_that_no_condition_is_set() -> None:
    assert explain(read({}), facts()) == {"holds": False, "text": "no condition is set", "seen": None, "parts": []}
