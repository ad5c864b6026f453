from __future__ import annotations

from typing import Any

import pytest

from engine.effects import SetAttributes, Target
from engine.errors import RenderError
from engine.steps import UpdatePerson
from tests.engine.builders import campaign, document, faults_of
from tests.engine.templates.builders import scope


def effects(**fields: Any) -> Any:
    step = campaign({"update_person": {"id": "mark", **fields}}).plan.blocks["mark"]
    assert isinstance(step, UpdatePerson)
    return step.effects(scope())


@pytest.mark.spec("6.45", "6.46")
def test_several_attributes_are_set_and_removed_at_once() -> None:
    [change] = effects(set={"plan": "pro", "name": "{{customer.first_name}} L."}, remove=["trial", "since"])

    assert SetAttributes(set={"plan": "pro", "name": "Ada L."}, remove=("trial", "since")) == change


@pytest.mark.spec("6.45")
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("{{event.price}}", 9.99),
        ("{{ event.items }}", [{"name": "socks"}, {"name": None}]),
        ("{{event.items[0].name}}", "socks"),
        ("{{customer.logins}}", 0),
        ("{{event_timestamp}}", 1_715_000_000),
        ("{{customer.nickname}}", ""),
        ("{{event.price}} €", "9.99 €"),
        ("{{event.product | upcase}}", "SOCKS"),
        ("{{customer.plan | default: 'none'}}", "none"),
        (7, 7),
        (True, True),
        ({"a": ["{{event.price}}", "{{event.product}}!"]}, {"a": [9.99, "socks!"]}),
    ],
)
def test_a_single_expression_keeps_the_type_of_its_value(written: Any, value: Any) -> None:
    [change] = effects(set={"x": written})

    assert value == change.set["x"]
    assert type(value) is type(change.set["x"])


@pytest.mark.parametrize("written", ["{{event.nothing}}", "{{customer.plan}}", "{{event.items[7].name}}"])
def test_a_missing_value_fails_and_is_named(written: str) -> None:
    with pytest.raises(RenderError, match=r"event\.nothing|customer\.plan|event\.items"):
        effects(set={"x": written})


@pytest.mark.spec("6.45")
@pytest.mark.parametrize(
    ("person", "target"),
    [
        ({"id": "{{event.product}}"}, Target("id", "socks")),
        ({"email": "boss@shop.example"}, Target("email", "boss@shop.example")),
    ],
)
def test_another_person_is_found_by_an_identifier(person: dict[str, str], target: Target) -> None:
    [change] = effects(set={"x": 1}, person=person)

    assert target == change.target


@pytest.mark.spec("6.48")
@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"id": "{{customer.nickname}}"}, r"person\.id.* is empty"),
        ({"id": "{{event.nobody}}"}, r"event\.nobody"),
        ({"id": "x" * 151}, "150 bytes"),
        ({"email": "{{customer.first_name}}"}, "no email address"),
        ({"email": "Ada <ada@example.com>"}, "no email address"),
    ],
)
def test_an_identifier_that_names_nobody_fails(person: dict[str, str], reason: str) -> None:
    with pytest.raises(RenderError, match=reason):
        effects(set={"x": 1}, person=person)


@pytest.mark.parametrize(
    ("fields", "place", "remedy"),
    [
        ({}, "", "Write `set:"),
        ({"set": {}}, "set", "Write 1 to"),
        ({"set": {"id": "x"}}, "set.id", "other than id"),
        ({"set": {"ü" * 76: "x"}}, f"set.{'ü' * 76}", "at most 150 bytes"),
        ({"set": {"x": None}}, "set.x", "`remove: [x]`"),
        ({"set": {"x": "{{nobody.x}}"}}, "set.x", "A template can read"),
        ({"set": {"x": 1}, "remove": ["x"]}, "remove[0]", "Decide"),
        ({"remove": ["email"]}, "remove[0]", "Write a name"),
        ({"remove": "x"}, "remove", "Write 1 to"),
        ({"set": {"x": 1}, "person": {}}, "person", "Write one identifier"),
        ({"set": {"x": 1}, "person": {"id": "a", "email": "b"}}, "person", "Write one identifier"),
        ({"set": {"x": 1}, "person": {"cio_id": "a"}}, "person.cio_id", "Known here: id, email."),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(fields: dict[str, Any], place: str, remedy: str) -> None:
    fault = faults_of(document({"update_person": fields}))[0]

    assert f"workflow[0].update_person.{place}".rstrip(".") == fault.place
    assert remedy in fault.remedy
