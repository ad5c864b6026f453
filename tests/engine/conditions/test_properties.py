from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.conditions import Facts, Scope, compile_condition, document, explain, holds, next_change
from tests.engine.conditions.builders import NOW, Happened, person, read
from tests.engine.conditions.builders import facts as known
from tests.engine.conditions.documents import (
    PATHS,
    asked,
    conditions,
    devices,
    events,
    facts,
    groups,
    instants,
    moments,
    operands,
    performed,
    relative,
)
from tests.engine.conditions.reference import meets

thorough = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(conditions, facts)
@example({"attribute": "plan", "equals": 1_718_409_600}, known({"plan": "2024-06-15"}))
@example({"attribute": "plan", "one_of": ["5", True]}, known({"plan": 5}))
def test_a_compiled_condition_says_what_the_statements_say(written: dict[str, Any], who: Facts) -> None:
    condition = read(written)

    assert meets(written, who) == compile_condition(condition)(who)
    assert meets(written, who) == holds(condition, who)


@thorough
@given(conditions)
def test_a_condition_goes_to_its_document_and_back(written: dict[str, Any]) -> None:
    condition = read(written)

    assert condition == read(document(condition))
    assert condition == read(json.loads(json.dumps(document(condition))))


@pytest.mark.spec("5.02", "5.03", "5.04", "5.25", "5.43")
@pytest.mark.parametrize("operator", ["exists", "equals", "one_of", "contains"])
@thorough
@given(path=st.sampled_from(sorted(PATHS)), data=st.data(), who=facts)
def test_a_negative_operator_is_the_exact_opposite_of_its_positive(
    operator: str, path: str, data: st.DataObject, who: Facts
) -> None:
    operand = data.draw(operands[operator])
    positive = {"attribute": path, operator: operand}
    negative = {
        "attribute": path,
        **({"exists": not operand} if operator == "exists" else {f"not_{operator}": operand}),
    }

    assert holds(read(positive), who) != holds(read(negative), who)


@thorough
@given(conditions, facts)
def test_an_explanation_comes_to_the_same_answer(written: dict[str, Any], who: Facts) -> None:
    condition = read(written)

    assert holds(condition, who) == explain(condition, who)["holds"]


def moving(subject: str, paths: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda path, operator, operand: {subject: path, operator: operand},
        st.sampled_from(paths),
        st.sampled_from(["before", "after"]),
        relative,
    )


moving_leaves = moving("attribute", ["seen", "items[].seen", "items[]"])
moving_items = moving("path", ["seen"]).map(lambda leaf: {"attribute": "items[]", "same_item": [leaf]})
moving_conditions = st.recursive(
    moving_leaves | moving_items | st.just({"attribute": "plan", "exists": True}), groups, max_leaves=5
)
people = st.fixed_dictionaries(
    {"seen": moments},
    optional={
        "plan": st.just("pro"),
        "items": st.lists(moments | st.builds(lambda m: {"seen": m}, moments), max_size=3),
    },
)


@pytest.mark.spec("3.13", "5.10")
@thorough
@given(moving_conditions, people, st.lists(st.floats(0, 1, exclude_max=True), max_size=5))
def test_nothing_changes_before_the_instant_that_was_announced(
    written: dict[str, Any], person: dict[str, Any], fractions: list[float]
) -> None:
    condition = read(written)
    change = next_change(condition, known(person))
    end = change or NOW + timedelta(days=30)
    last = end - timedelta(microseconds=1)
    between = [NOW + (last - NOW) * fraction for fraction in fractions] + [last]

    assert change is None or change > NOW
    assert {holds(condition, known(person))} == {holds(condition, known(person, now=now)) for now in between}


@thorough
@given(moving_leaves, people)
def test_one_moving_condition_changes_at_the_very_instant(written: dict[str, Any], person: dict[str, Any]) -> None:
    condition = read(written)
    change = next_change(condition, known(person))

    if change is not None:
        assert holds(condition, known(person)) != holds(condition, known(person, now=change))


histories = st.fixed_dictionaries({"known_since": instants | st.none(), "devices": devices, "now": instants})


@thorough
@given(asked, events, histories, st.fixed_dictionaries({}, optional={"seen": moments}))
def test_events_and_devices_are_asked_about_as_the_statements_say(
    written: dict[str, Any], happened: list[Happened], history: dict[str, Any], attributes: dict[str, Any]
) -> None:
    condition = read(written, Scope.PERSON)
    who = person(condition, happened, **history, attributes=attributes)

    assert meets(written, who, events=happened) == compile_condition(condition)(who)
    assert meets(written, who, events=happened) == explain(condition, who)["holds"]
    assert condition == read(json.loads(json.dumps(document(condition))), Scope.PERSON)


@pytest.mark.spec("3.09", "3.13")
@thorough
@given(asked, events, histories, moments, st.lists(st.floats(0, 1, exclude_max=True), max_size=5))
def test_no_segment_changes_before_the_instant_that_was_announced(
    written: dict[str, Any], happened: list[Happened], history: dict[str, Any], seen: Any, fractions: list[float]
) -> None:
    condition = read(written, Scope.PERSON)
    who = person(condition, happened, **history, attributes={"seen": seen})
    change = next_change(condition, who)
    last = (change or who.now + timedelta(days=60)) - timedelta(microseconds=1)
    between = [who.now + (last - who.now) * fraction for fraction in fractions] + [last]

    assert change is None or change > who.now
    assert {holds(condition, who)} == {holds(condition, replace(who, now=now)) for now in between}


@pytest.mark.spec("3.09")
@thorough
@given(performed, events, histories)
def test_a_count_changes_at_the_very_instant(
    written: dict[str, Any], happened: list[Happened], history: dict[str, Any]
) -> None:
    condition = read(written, Scope.PERSON)
    who = person(condition, happened, **history)
    change = next_change(condition, who)

    if change is not None:
        assert holds(condition, who) != holds(condition, replace(who, now=change))
