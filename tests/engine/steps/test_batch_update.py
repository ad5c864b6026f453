from __future__ import annotations

from typing import Any

import pytest

from engine import campaigns, conditions
from engine.effects import ChangeMany, SendEvent, SetAttributes
from engine.errors import RenderError
from engine.steps import BatchUpdate
from tests.engine.builders import campaign, document, faults_of
from tests.engine.templates.builders import scope

PAYLOAD = {"plan": "pro", "seats": 5, "most": "20", "discount": 0.25, "since": "2026-01-01", "days": 7, "name": "a|b"}


def step(**fields: Any) -> BatchUpdate:
    body = {"id": "many", "people": {"in": "customers"}, **({} if "event" in fields else {"set": {"x": 1}})} | fields
    found = campaign({"batch_update": body}, trigger="webhook").plan.blocks["many"]
    assert isinstance(found, BatchUpdate)
    return found


def change(**fields: Any) -> ChangeMany:
    [one] = step(**fields).effects(scope(trigger=PAYLOAD, customer=None, event=None))
    return one


@pytest.mark.spec("6.52")
def test_attributes_are_set_or_an_event_is_sent() -> None:
    assert (
        SetAttributes(set={"discount": 0.25}, remove=("trial",))
        == change(set={"discount": "{{trigger.discount}}"}, remove=["trial"]).change
    )
    assert (
        SendEvent(name="price_changed", data={"by": 0.25})
        == change(event="price_changed", data={"by": "{{trigger.discount}}"}).change
    )


@pytest.mark.spec("6.52")
@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ({"attribute": "plan", "equals": "{{trigger.plan}}"}, {"attribute": "plan", "equals": "pro"}),
        ({"attribute": "seats", "equals": "{{trigger.seats}}"}, {"attribute": "seats", "equals": 5}),
        ({"attribute": "seats", "greater_than": "{{trigger.seats}}"}, {"attribute": "seats", "greater_than": 5}),
        ({"attribute": "seats", "at_most": "{{trigger.most}}"}, {"attribute": "seats", "at_most": 20}),
        (
            {"attribute": "seats", "between": ["{{trigger.seats}}", "{{trigger.most}}"]},
            {"attribute": "seats", "between": [5, 20]},
        ),
        ({"attribute": "seats", "between": [3, "{{trigger.seats}}"]}, {"attribute": "seats", "between": [3, 5]}),
        ({"attribute": "seats", "between": ["{{trigger.seats}}", 9]}, {"attribute": "seats", "between": [5, 9]}),
        ({"attribute": "born", "before": "{{trigger.since}}"}, {"attribute": "born", "before": "2026-01-01"}),
        (
            {"attribute": "born", "between": ["{{trigger.since}}", "2026-05-01"]},
            {"attribute": "born", "between": ["2026-01-01", "2026-05-01"]},
        ),
        (
            {"attribute": "seen", "after": {"ago": "{{trigger.days}}d"}},
            {"attribute": "seen", "after": {"ago": "7d"}},
        ),
        (
            {"attribute": "plan", "one_of": ["free", "{{trigger.plan}}"]},
            {"attribute": "plan", "one_of": ["free", "pro"]},
        ),
        ({"attribute": "tags", "contains": "{{trigger.plan}}"}, {"attribute": "tags", "contains": "pro"}),
        ({"attribute": "plan", "matches": "{{trigger.plan}}.*"}, {"attribute": "plan", "matches": "pro.*"}),
        (
            {"attribute": "items[]", "same_item": {"path": "seats", "equals": "{{trigger.seats}}"}},
            {"attribute": "items[]", "same_item": {"path": "seats", "equals": 5}},
        ),
        (
            [{"in": "customers"}, {"any": [{"not_in": "staff"}, {"attribute": "plan", "equals": "{{trigger.plan}}"}]}],
            [{"in": "customers"}, {"any": [{"not_in": "staff"}, {"attribute": "plan", "equals": "pro"}]}],
        ),
    ],
)
def test_operands_are_filled_in_from_the_trigger(written: Any, filled: Any) -> None:
    expected = conditions.parse(filled, place="", scope=conditions.Scope.PEOPLE, faults=[])

    assert expected == change(people=written).people


@pytest.mark.parametrize(
    ("operand", "reason"),
    [
        ({"greater_than": "{{trigger.plan}}"}, "is not a number"),
        ({"greater_than": "{{trigger.nothing}}"}, r"trigger\.nothing"),
        ({"starts_with": "{{trigger.nothing | default: ''}}"}, "is not a text"),
        ({"equals": "{{trigger}}"}, "is not a single value"),
        ({"between": ["{{trigger.most}}", "{{trigger.seats}}"]}, "after its end"),
    ],
)
def test_what_cannot_stand_there_fails_with_the_reason(operand: dict[str, Any], reason: str) -> None:
    with pytest.raises(RenderError, match=reason):
        change(people={"attribute": "seats", **operand})


def test_it_names_the_segments_that_it_asks_about() -> None:
    people = [{"in": "a"}, {"any": [{"not_in": "b"}, {"attribute": "n", "at_least": "{{trigger.n}}"}]}]

    assert {"a", "b"} == step(people=people).segments()


def test_it_is_read_as_it_is_written() -> None:
    people = {"all": [{"attribute": "plan", "equals": "{{trigger.plan}}"}, {"in": "customers"}]}
    blocks = [
        {"batch_update": {"people": people, "set": {"a": "{{trigger.a}}"}, "remove": ["b"]}},
        {"batch_update": {"people": people, "event": "closed", "data": {"at": "{{trigger.at}}"}}},
    ]
    it = campaign(*blocks, trigger="webhook")

    assert it == campaigns.parse(campaigns.to_document(it))


@pytest.mark.parametrize(
    ("fields", "place", "remedy"),
    [
        ({"people": None}, "people", "Write conditions"),
        ({"people": {"all": []}}, "people", "Write {attribute"),
        ({"people": {"attribute": "a", "equal": 1}}, "people.equal", "Did you mean `equals`?"),
        ({"people": {"attribute": "a", "at_least": "x"}}, "people.at_least", "Write a number"),
        ({"people": {"attribute": "a", "equals": "{{nobody.x}}"}}, "people.equals", "A template can read"),
        ({"people": {"attribute": "{{trigger.a}}", "equals": 1}}, "people", "Write attributes and segments out"),
        ({"people": {"in": "{{trigger.a}}"}}, "people", "Write attributes and segments out"),
        ({"people": {"data": "a", "equals": 1}}, "people.data", "Use `attribute`, `in` or `not_in`."),
        ({"people": {"performed": {"event": "a"}}}, "people.performed", "Use `attribute`, `in` or `not_in`."),
        ({"set": None}, "", "Write `set:"),
        ({"event": "a"}, "", "Write `set:"),
        ({"data": {"a": 1}}, "data", "Write `event`"),
        ({"set": {"email": "a@b.example"}}, "set.email", "other than id"),
        ({"set": {"id": "a"}}, "set.id", "other than id"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(fields: dict[str, Any], place: str, remedy: str) -> None:
    body = {"people": {"in": "customers"}, "set": {"x": 1}} | fields
    fault = faults_of(document({"batch_update": body}))[0]

    assert f"workflow[0].batch_update.{place}".rstrip(".") == fault.place
    assert remedy in fault.remedy
