from __future__ import annotations

from typing import Any

import pytest

from engine.conditions import All, AnyOf, Scope, holds, is_empty, parse_event_data
from engine.errors import Fault
from tests.engine.conditions.builders import facts, read

PRO = {"attribute": "plan", "equals": "pro"}
OLD = {"attribute": "age", "at_least": 18}


@pytest.mark.spec("5.30")
@pytest.mark.parametrize("plan", ["pro", "free"])
@pytest.mark.parametrize("age", [20, 10])
def test_groups_are_and_and_or(plan: str, age: int) -> None:
    person = facts({"plan": plan, "age": age})

    assert (plan == "pro" and age == 20) == holds(read({"all": [PRO, OLD]}), person)
    assert (plan == "pro" or age == 20) == holds(read({"any": [PRO, OLD]}), person)
    assert (plan == "pro" and age == 20) == holds(read([PRO, OLD]), person)


@pytest.mark.spec("5.30")
def test_groups_nest() -> None:
    condition = read({"all": [{"in": "buyers"}, {"any": [PRO, {"all": [OLD, {"not_in": "paused"}]}]}]})

    assert holds(condition, facts({"plan": "pro"}, segments={"buyers"}))
    assert holds(condition, facts({"age": 20}, segments={"buyers"}))
    assert not holds(condition, facts({"age": 20}, segments={"buyers", "paused"}))
    assert not holds(condition, facts({"plan": "pro"}))


@pytest.mark.spec("5.30")
@pytest.mark.parametrize("document", [{}, [], {"all": []}, {"any": []}, {"all": [{"any": []}, {}]}])
def test_an_empty_group_is_false_and_known_to_be_empty(document: Any) -> None:
    condition = read(document)

    assert not holds(condition, facts())
    assert is_empty(condition)


def test_a_group_with_one_condition_is_not_empty() -> None:
    assert not is_empty(read({"any": [{"all": []}, PRO]}))
    assert All(()) == read({})
    assert AnyOf(()) == read({"any": []})


@pytest.mark.spec("1.34")
def test_event_data_filters_must_all_match() -> None:
    faults: list[Fault] = []
    where = parse_event_data(
        [{"path": "total", "greater_than": 50}, {"path": "currency", "equals": "EUR"}], place="where", faults=faults
    )

    assert faults == []
    assert where is not None
    assert holds(where, facts(data={"total": 60, "currency": "EUR"}))
    assert not holds(where, facts(data={"total": 60, "currency": "USD"}))
    assert not holds(where, facts(data={"total": 40, "currency": "EUR"}))


def test_membership_is_asked_of_the_segments_of_the_person() -> None:
    assert holds(read({"in": "vip"}, Scope.FILTERS), facts(segments={"vip"}))
    assert not holds(read({"in": "vip"}, Scope.FILTERS), facts(segments={"buyers"}))
    assert holds(read({"not_in": "vip"}, Scope.FILTERS), facts(segments={"buyers"}))
    assert not holds(read({"not_in": "vip"}, Scope.FILTERS), facts(segments={"vip"}))
