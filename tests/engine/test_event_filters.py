"""Every condition that is offered for an event is one that the event meets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import conditions
from engine.conditions import Facts, Scope
from engine.errors import Fault
from engine.event_filters import MOST_LEAVES, leaves
from engine.instants import EPOCH

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.spec("1.36")
def test_each_value_comes_with_the_condition_that_asks_for_it() -> None:
    data = {"total": 5, "items": [{"sku": "A1"}, {"sku": "B2"}], "gift": True, "note": None, "a.b": "x"}

    assert [
        {"path": "total", "equals": 5},
        {"path": "items[].sku", "equals": "A1"},
        {"path": "items[].sku", "equals": "B2"},
        {"path": "gift", "equals": True},
        {"path": "note", "exists": False},
        {"path": '["a.b"]', "equals": "x"},
    ] == [leaf.as_filter for leaf in leaves(data)]


@settings(deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=5), JSON, max_size=4))
def test_a_condition_that_is_offered_can_be_written_and_holds(data: dict[str, Any]) -> None:
    facts = Facts(attributes={}, segments=frozenset(), now=EPOCH, data=data)
    for leaf in leaves(data):
        if leaf.as_filter is not None:
            faults: list[Fault] = []
            condition = conditions.parse(leaf.as_filter, place="where", scope=Scope.EVENT_DATA, faults=faults)
            assert condition is not None, faults
            assert conditions.holds(condition, facts)


def test_a_value_that_no_condition_can_ask_for_is_shown_without_one() -> None:
    data: Any = "too deep"
    for _ in range(30):
        data = {"a": data}

    [leaf] = leaves(data)

    assert ("too deep", None) == (leaf.value, leaf.as_filter)


def test_one_event_has_a_bounded_number_of_values() -> None:
    assert MOST_LEAVES == len(leaves({str(number): number for number in range(1000)}))
