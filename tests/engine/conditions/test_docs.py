from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.conditions import Scope
from engine.conditions.operators import OPERATORS
from tests.engine.conditions.builders import faults_of

PAGE = (Path(__file__).parents[3] / "docs" / "conditions.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)]


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_page_is_a_condition(example: Any) -> None:
    if "event" in example:
        assert faults_of(example["where"], Scope.EVENT_DATA) == []
    else:
        assert faults_of(example, Scope.PERSON) == []


@pytest.mark.parametrize("scope", list(Scope))
def test_the_table_of_subjects_says_where_each_may_stand(scope: Scope) -> None:
    column = {Scope.PERSON: 3, Scope.FILTERS: 4, Scope.EVENT_DATA: 5, Scope.JOURNEY: 6, Scope.PEOPLE: 7}[scope]
    rows = [
        [cell.strip() for cell in line.split("|")]
        for line in PAGE.splitlines()
        if re.match(r"\| `\w+: [^`]+` \|", line)
    ]
    told = {row[1].strip("`").split(":")[0] for row in rows if len(row) == 9 and row[column] == "yes"}

    assert set(scope.value) == told


@pytest.mark.parametrize("operator", [*OPERATORS, "same_item"])
def test_every_operator_is_on_the_page(operator: str) -> None:
    assert re.search(rf"\b{operator}:", PAGE)


def test_the_fault_shown_on_the_page_is_the_one_a_writer_gets() -> None:
    [fault] = faults_of([{"in": "a"}, {"attribute": "age", "greater_then": 5}])

    assert f"{fault.problem} {fault.remedy}" in PAGE
