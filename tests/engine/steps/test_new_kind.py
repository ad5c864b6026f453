"""A new kind of block is one class: this is the one of docs/adding-a-block.md, read from there and put to work."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from engine import campaigns, journeys
from engine.schema import campaign_schema
from engine.steps import KINDS
from tests.engine.builders import campaign, document, email, faults_of, situation

PAGE = Path(__file__).parents[3] / "docs" / "adding-a-block.md"


@pytest.fixture(autouse=True)
def gate_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The class `Gate` of the page, registered for one test."""
    [source] = re.findall(r"```python\n(\"\"\".*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    module = ModuleType("engine.steps.gate")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # dataclasses look their module up
    exec(compile(source, str(PAGE), "exec"), module.__dict__)
    monkeypatch.setitem(KINDS, "gate", module.Gate)


def gate(**fields: Any) -> dict[str, Any]:
    return {"gate": {"opens": "2026-07-04T00:00:00Z", **fields}}


def test_it_is_read_and_written() -> None:
    it = campaign(gate(), email())

    assert ["start.gate", "nudge"] == list(it.plan.blocks)
    assert it == campaigns.parse(campaigns.to_document(it))


def test_its_faults_have_places() -> None:
    assert "workflow[0].gate.opens" == faults_of(document(gate(opens="soon")))[0].place
    assert "workflow[0].gate.closes" == faults_of(document(gate(closes="x")))[0].place


def test_journeys_wait_in_it_and_pass_it() -> None:
    closed = journeys.enter(situation(campaign(gate(), email())))
    opened = journeys.enter(situation(campaign(gate(opens="2026-07-01T00:00:00Z"), email())))

    assert ("wait", "start.gate") == (closed.move.kind, closed.block)
    assert ("send", "nudge") == (opened.move.kind, opened.block)


def test_it_has_action_conditions_without_doing_anything_for_them() -> None:
    it = campaign(gate(**{"if": {"attribute": "patient", "equals": True}}), email())

    assert "nudge" == journeys.enter(situation(it)).block


def test_the_schema_knows_it() -> None:
    validator = jsonschema.Draft202012Validator(campaign_schema())

    assert validator.is_valid(document(gate()))
    assert not validator.is_valid(document(gate(closes="x")))
