from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from engine.conditions import Scope, json_schema
from engine.conditions.operators import OPERATORS
from tests.engine.conditions.builders import faults_of
from tests.engine.conditions.documents import asked, conditions


def validator(scope: Scope) -> Draft202012Validator:
    schema, definitions = json_schema(scope)
    whole = {**schema, "$defs": definitions}
    Draft202012Validator.check_schema(whole)
    return Draft202012Validator(whole)


JOURNEY = validator(Scope.JOURNEY)
PERSON = validator(Scope.PERSON)


@settings(max_examples=200, deadline=None)
@given(conditions)
def test_the_schema_takes_every_document_that_is_read(document: dict[str, Any]) -> None:
    assert JOURNEY.is_valid(document)
    assert JOURNEY.is_valid([document])


@settings(max_examples=200, deadline=None)
@given(asked)
def test_the_schema_of_segments_takes_every_document_that_is_read(document: dict[str, Any]) -> None:
    assert PERSON.is_valid(document)


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"all": []},
        {"in": "vip"},
        {"attribute": "a", "equals": 1},
        {"data": "a", "equals": 1},
        {"path": "a", "equals": 1},
        {"path": "a[]", "same_item": {"path": "b", "equals": 1}},
        {"any": [{"path": "a", "equals": 1}, {"in": "vip"}]},
        "plan",
        None,
        {"in": 5},
        {"all": {}},
        {"all": [[]]},
        {"all": [], "any": []},
        {"attribute": "a"},
        {"equals": 1},
        {"attribute": "a", "equals": 1, "exists": True},
        {"attribute": "a", "equal": 1},
        {"attribute": "a", "equals": None},
        {"attribute": "a", "equals": [1]},
        {"attribute": "a", "one_of": []},
        {"attribute": "a", "one_of": "a"},
        {"attribute": "a", "contains": ""},
        {"attribute": "a", "exists": 1},
        {"attribute": "a", "is_true": False},
        {"attribute": "a", "before": {"ago": "7d"}},
        {"attribute": "a", "before": {"ago": "7d", "from_now": "7d"}},
        {"attribute": "a", "between": [1, 2, 3]},
        {"attribute": "a", "matches": "a" * 1001},
        {"attribute": 5, "equals": 1},
        {"performed": {"event": "a"}},
        {
            "performed": {
                "page": {"contains": "a"},
                "at_most": 0,
                "within": {"days": 2},
                "where": {"path": "a", "equals": 1},
            }
        },
        {"performed": {"screen": "a", "at_least": 0}},
        {"performed": {"event": {"contains": "a"}}},
        {"performed": {"event": "a", "page": "b"}},
        {"performed": {"event": "a", "at_least": 1, "exactly": 1}},
        {"performed": {"event": "a", "where": [{"attribute": "a", "equals": 1}]}},
        {"performed": {}},
        {"performed": "a"},
        {"not_performed": {"event": "a", "within": "1d"}},
        {"not_performed": {"event": "a", "at_most": 1}},
        {"device": {}},
        {"no_device": [{"path": "platform", "equals": "ios"}]},
        {"device": [{"attribute": "platform", "equals": "ios"}]},
        {"device": "ios"},
        {"device": {}, "in": "vip"},
    ],
)
def test_the_schema_and_the_reader_agree(scope: Scope, document: Any) -> None:
    assert (faults_of(document, scope) == []) == validator(scope).is_valid(document)


def test_every_operator_and_subject_has_a_description_for_editors() -> None:
    _, definitions = json_schema(Scope.JOURNEY)
    value = definitions["journey_condition"]["anyOf"][0]["properties"]

    assert {"attribute", "same_item", *OPERATORS} == set(value)
    assert all(known["description"] for known in value.values())
