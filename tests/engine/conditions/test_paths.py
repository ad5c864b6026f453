from __future__ import annotations

from typing import Any

import pytest

from engine.conditions import EACH, MISSING, Path, Scope, holds
from engine.conditions.paths import parse_path, read, read_each
from engine.errors import Fault
from tests.engine.conditions.builders import facts, faults_of
from tests.engine.conditions.builders import read as condition_of

CART = {
    "items": [
        {"category": "socks", "price": 7, "tags": ["wool", "red"]},
        {"category": "shoes", "price": 80, "tags": []},
    ]
}


def path(text: str) -> Path:
    faults: list[Fault] = []
    parsed = parse_path(text, "when.attribute", faults)
    assert faults == []
    assert parsed is not None
    return parsed


def found(text: str, value: Any) -> Any:
    return read(path(text).steps, value)


def cart_meets(document: dict[str, Any], cart: dict[str, Any] = CART) -> bool:
    return holds(condition_of(document), facts(cart))


@pytest.mark.spec("5.40")
def test_a_dot_reads_a_nested_property() -> None:
    assert found("a.b", {"a": {"b": 5}}) == 5
    assert found("a.b", {"a": {"c": 5}}) is MISSING
    assert found("a.b", {"a": [5]}) is MISSING
    assert found("a.b", {"a.b": 5}) is MISSING


@pytest.mark.spec("5.41")
def test_a_number_reads_one_item_and_out_of_range_is_missing() -> None:
    assert found("a[0]", {"a": [5, 6]}) == 5
    assert found("a[1]", {"a": [5, 6]}) == 6
    assert found("a[2]", {"a": [5, 6]}) is MISSING
    assert found("a[0]", {"a": {"0": 5}}) is MISSING
    assert found("a[0]", {"a": "text"}) is MISSING


@pytest.mark.spec("5.42")
def test_empty_brackets_are_true_if_one_item_satisfies() -> None:
    assert cart_meets({"attribute": "items[].price", "greater_than": 50})
    assert not cart_meets({"attribute": "items[].price", "greater_than": 100})
    assert not cart_meets({"attribute": "items[].price", "greater_than": 50}, {"items": []})
    assert not cart_meets({"attribute": "items[].price", "greater_than": 50}, {"items": {"price": 80}})


@pytest.mark.spec("5.43")
@pytest.mark.parametrize(
    ("operator", "met", "unmet"),
    [
        ("not_equals", "hats", "socks"),
        ("not_one_of", ["hats", "caps"], ["hats", "socks"]),
        ("not_contains", "hat|cap", "hat|shoe"),
    ],
)
def test_a_negative_operator_is_true_if_no_item_satisfies_the_positive(operator: str, met: Any, unmet: Any) -> None:
    assert cart_meets({"attribute": "items[].category", operator: met})
    assert not cart_meets({"attribute": "items[].category", operator: unmet})
    assert cart_meets({"attribute": "items[].category", operator: unmet}, {"items": []})


@pytest.mark.spec("5.43")
def test_does_not_exist_is_true_if_no_item_has_a_value() -> None:
    assert cart_meets({"attribute": "items[].colour", "exists": False})
    assert not cart_meets({"attribute": "items[].colour", "exists": False}, {"items": [{}, {"colour": "red"}]})


@pytest.mark.spec("5.44")
def test_brackets_combine() -> None:
    nested = {"a": [{"b": [{"c": 1}, {"c": 2}]}, {"b": [{"c": 3}]}, {"b": []}, 5]}

    assert read_each(path("a[].b[0].c").steps, nested) == [1, 3]
    assert read_each(path("a[].b[].c").steps, nested) == [1, 2, 3]
    assert read_each(path("a[0].b[].c").steps, nested) == [1, 2]
    assert cart_meets({"attribute": "items[].tags[0]", "equals": "wool"})
    assert not cart_meets({"attribute": "items[].tags[0]", "equals": "red"})


@pytest.mark.spec("5.45")
def test_conditions_on_the_same_item_must_be_met_by_one_item() -> None:
    expensive_socks = [{"path": "category", "equals": "socks"}, {"path": "price", "greater_than": 50}]
    socks = {"attribute": "items[].category", "equals": "socks"}
    expensive = {"attribute": "items[].price", "greater_than": 50}
    apart = {"all": [socks, expensive]}

    assert cart_meets(apart)
    assert not cart_meets({"attribute": "items[]", "same_item": expensive_socks})
    assert cart_meets(
        {"attribute": "items[]", "same_item": expensive_socks}, {"items": [{"category": "socks", "price": 51}]}
    )


@pytest.mark.spec("5.45")
def test_a_same_item_group_takes_alternatives_and_lists_inside_the_item() -> None:
    document = {
        "attribute": "orders[]",
        "same_item": {
            "any": [
                {"path": "total", "at_least": 100},
                {"path": "lines[]", "same_item": [{"path": "sku", "equals": "x"}]},
            ]
        },
    }

    assert cart_meets(document, {"orders": [{"total": 5}, {"total": 100}]})
    assert cart_meets(document, {"orders": [{"total": 5, "lines": [{"sku": "y"}, {"sku": "x"}]}]})
    assert not cart_meets(document, {"orders": [{"total": 5, "lines": [{"sku": "y"}]}], "total": 200})


@pytest.mark.spec("5.46")
@pytest.mark.parametrize("spelling", ['a["b.c"]', "a['b.c']"])
def test_a_key_with_a_dot_is_reachable_in_quotes(spelling: str) -> None:
    assert found(spelling, {"a": {"b.c": 5, "b": {"c": 6}}}) == 5
    assert holds(condition_of({"attribute": spelling, "equals": 5}), facts({"a": {"b.c": 5}}))
    assert holds(condition_of({"attribute": '["a.b"]', "equals": 5}), facts({"a.b": 5}))


@pytest.mark.spec("5.47", "1.20")
def test_paths_are_usable_on_attributes_and_on_event_data() -> None:
    for_event = condition_of([{"path": "items[].price", "at_least": 80}], Scope.EVENT_DATA)
    for_trigger = condition_of({"data": "items[1].price", "equals": 80})
    for_person = condition_of({"attribute": "items[].price", "at_least": 80}, Scope.PERSON)

    assert holds(for_event, facts(data=CART))
    assert holds(for_trigger, facts(data=CART))
    assert holds(for_person, facts(CART))
    assert not holds(for_event, facts(CART))
    assert not holds(for_person, facts(data=CART))


def test_event_data_may_be_a_list_at_the_top() -> None:
    assert holds(condition_of({"data": "[0].x", "equals": 1}), facts(data=[{"x": 1}]))
    assert holds(condition_of({"data": "[].x", "equals": 2}), facts(data=[{"x": 1}, {"x": 2}]))
    assert not holds(condition_of({"data": "[0].x", "equals": 1}), facts())


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("plan", ("plan",)),
        ("first name", ("first name",)),
        ("größe.breite", ("größe", "breite")),
        ("a.0", ("a", "0")),
        ("a[0][]", ("a", 0, EACH)),
        ('["x"].y', ("x", "y")),
        (r'["a\"b\u00e9"]', ('a"bé',)),
        (r"['a\b']", ("a\\b",)),
    ],
)
def test_a_path_is_read_step_by_step_and_spelled_again(text: str, steps: tuple[Any, ...]) -> None:
    assert path(text).steps == steps
    assert path(str(path(text))) == path(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "a[",
        "a[]b",
        "a[-1]",
        "a[1.5]",
        "a[b]",
        "a]",
        'a["b]',
        r'a["\x"]',
        " a",
        "a .b",
        "a'b",
    ],
)
def test_what_is_not_a_path_is_refused_with_the_grammar(text: str) -> None:
    [fault] = faults_of({"attribute": text, "exists": True})

    assert fault.place == "when.attribute"
    assert fault.problem == f'"{text}" is not a path.'
    assert "[0] for one item and [] for any" in fault.remedy


@pytest.mark.parametrize("text", ["a" * 501, ".".join("a" * 21)])
def test_a_path_too_long_to_be_meant_is_refused(text: str) -> None:
    assert [fault.problem for fault in faults_of({"attribute": text, "exists": True})] == ["The path is too long."]


@pytest.mark.parametrize("text", ["[0].a", "[]"])
def test_an_attribute_has_a_name(text: str) -> None:
    assert [fault.place for fault in faults_of({"attribute": text, "exists": True})] == ["when.attribute"]


def test_a_path_that_is_not_a_text_is_refused() -> None:
    assert [fault.problem for fault in faults_of({"attribute": 5, "exists": True})] == ["A path is a text."]
