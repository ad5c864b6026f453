from __future__ import annotations

from typing import Any

import pytest

from engine import segments
from engine.errors import DocumentError

PAYING: dict[str, Any] = {"name": "Paying customers", "condition": {"attribute": "plan", "one_of": ["pro", "team"]}}


@pytest.mark.parametrize("more", [{}, {"key": "paying"}, {"description": "Who pays."}, {"$schema": "x"}])
def test_a_segment_and_its_document_say_the_same(more: dict[str, Any]) -> None:
    read = segments.parse(PAYING | more)

    assert read == segments.parse(segments.to_document(read))


def test_the_key_is_made_of_the_name() -> None:
    assert "paying-customers" == segments.parse(PAYING).key


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ({}, ["name", "condition"]),
        ({"name": "x", "condition": {"all": []}}, ["condition"]),
        ({"name": "x", "condition": {"atribute": "plan", "equals": 1}}, ["condition.atribute"]),
        (PAYING | {"conditions": {}}, ["conditions"]),
        (PAYING | {"key": "Ä"}, ["key"]),
        ("x", ["", "name", "condition"]),
    ],
)
def test_every_fault_is_found(written: object, places: list[str]) -> None:
    with pytest.raises(DocumentError) as raised:
        segments.parse(written)

    assert places == [fault.place for fault in raised.value.faults]
