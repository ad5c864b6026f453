from __future__ import annotations

import json
from typing import Any

import pytest

from engine.conditions import describe, explain
from tests.engine.conditions.builders import facts, read


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
