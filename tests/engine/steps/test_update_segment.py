from __future__ import annotations

from typing import Any

import pytest

from engine import campaigns
from engine.effects import ChangeSegment
from engine.steps import UpdateSegment
from tests.engine.builders import campaign, document, faults_of
from tests.engine.templates.builders import scope


@pytest.mark.spec("6.51")
@pytest.mark.parametrize(("fields", "add"), [({"add": "vip"}, True), ({"remove": "vip"}, False)])
def test_the_person_is_added_or_removed(fields: dict[str, str], add: bool) -> None:
    it = campaign({"update_segment": {"id": "mark", **fields}})
    step = it.plan.blocks["mark"]

    assert isinstance(step, UpdateSegment)
    assert (ChangeSegment("vip", add),) == step.effects(scope())
    assert {"vip"} == step.segments()
    assert it == campaigns.parse(campaigns.to_document(it))


@pytest.mark.parametrize(
    ("fields", "place", "remedy"),
    [
        ({}, "", "Write `add: key`"),
        ({"add": "a", "remove": "b"}, "", "Write `add: key`"),
        ({"add": "Not a key"}, ".add", "Write a key"),
        ({"add": "{{event.segment}}"}, ".add", "Write a key"),
        ({"ad": "a"}, ".ad", "Did you mean `add`?"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(fields: dict[str, Any], place: str, remedy: str) -> None:
    found = faults_of(document({"update_segment": fields}))

    assert any(f"workflow[0].update_segment{place}" == fault.place and remedy in fault.remedy for fault in found)


def test_a_data_campaign_has_nobody_to_add() -> None:
    assert ["workflow[0].update_segment"] == [
        fault.place for fault in faults_of(document({"update_segment": {"add": "a"}}, trigger="webhook"))
    ]
