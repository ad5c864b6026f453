from __future__ import annotations

from typing import Any

import pytest

from engine import campaigns
from engine.effects import SendEvent as Sent
from engine.effects import Target
from engine.errors import RenderError
from engine.steps import SendEvent
from tests.engine.builders import campaign, document, faults_of
from tests.engine.templates.builders import scope


def step(**fields: Any) -> SendEvent:
    found = campaign({"send_event": {"id": "tell", "event": "invited", **fields}}).plan.blocks["tell"]
    assert isinstance(found, SendEvent)
    return found


def sent(**fields: Any) -> Sent:
    [one] = step(**fields).effects(scope())
    return one


@pytest.mark.spec("6.49")
def test_an_event_has_a_name_and_data_that_is_filled_in() -> None:
    data = {"by": "{{customer.first_name}}", "price": "{{event.price}}", "fixed": [1, "{{event.product}}"]}

    assert Sent(name="invited", data={"by": "Ada", "price": 9.99, "fixed": [1, "socks"]}) == sent(data=data)


@pytest.mark.spec("6.49")
def test_it_may_be_somebody_elses_and_go_to_another_workspace() -> None:
    one = sent(person={"email": "{{event.product}}@shop.example"}, workspace="Partners")

    assert (Target("email", "socks@shop.example"), "Partners") == (one.target, one.workspace)


def test_its_name_alone_is_a_whole_block() -> None:
    it = campaign({"send_event": "invited"})

    assert {"event": "invited"} == it.plan.steps[0].body()


def test_it_is_read_as_it_is_written() -> None:
    it = campaign(
        {"send_event": {"event": "a", "data": {"x": 1}, "person": {"id": "{{event.x}}"}, "workspace": "Other"}},
        {"send_event": "b"},
    )

    assert it == campaigns.parse(campaigns.to_document(it))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"data": {"x": "{{event.nothing}}"}}, r"event\.nothing"),
        ({"data": {"x": "y" * 100_000}}, "100,000 bytes"),
        ({"person": {"id": "{{customer.nickname}}"}}, r"person\.id"),
    ],
)
def test_what_no_client_could_send_fails(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(RenderError, match=reason):
        sent(**fields)


@pytest.mark.spec("1.96")
def test_a_data_campaign_sends_events_of_people_that_it_names() -> None:
    named = {"send_event": {"event": "a", "person": {"id": "{{trigger.id}}"}}}

    assert () == faults_of(document(named, trigger="webhook"))
    assert ["workflow[0].send_event"] == [
        fault.place for fault in faults_of(document({"send_event": "a"}, trigger="webhook"))
    ]


@pytest.mark.parametrize(
    ("fields", "place", "remedy"),
    [
        ({}, "event", "Write its name"),
        ({"event": "{{event.name}}"}, "event", "Write it out"),
        ({"event": "ü" * 51}, "event", "shorter"),
        ({"event": "a", "data": [1]}, "data", "Write `data:"),
        ({"event": "a", "data": {"x": ["{{nobody.x}}"]}}, "data.x[0]", "A template can read"),
        ({"event": "a", "person": {"phone": "1"}}, "person.phone", "Known here"),
        ({"event": "a", "workspace": 7}, "workspace", "Write a text"),
        ({"event": "a", "date": 7}, "date", "Did you mean `data`?"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(fields: dict[str, Any], place: str, remedy: str) -> None:
    fault = faults_of(document({"send_event": fields}))[0]

    assert f"workflow[0].send_event.{place}" == fault.place
    assert remedy in fault.remedy
