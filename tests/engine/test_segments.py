from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from engine import segments
from engine.errors import DocumentError
from engine.schema import segment_schema
from engine.source import read as read_source

PAYING: dict[str, Any] = {"name": "Paying customers", "condition": {"attribute": "plan", "one_of": ["pro", "team"]}}


PAGE = (Path(__file__).parents[2] / "docs" / "segments.md").read_text(encoding="utf-8")
LISTED: dict[str, Any] = {"name": "Beta testers", "manual": True}
SCHEMA = jsonschema.Draft202012Validator(segment_schema())


@pytest.mark.parametrize("written", [PAYING, LISTED])
@pytest.mark.parametrize("more", [{}, {"key": "paying"}, {"description": "Who pays."}, {"$schema": "x"}])
def test_a_segment_and_its_document_say_the_same(written: dict[str, Any], more: dict[str, Any]) -> None:
    read = segments.parse(written | more)

    assert SCHEMA.is_valid(written | more)
    assert SCHEMA.is_valid(segments.to_document(read))
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
        ({"name": "x", "manual": False}, ["condition"]),
        (PAYING | {"manual": True}, ["condition"]),
        (LISTED | {"manual": "yes"}, ["manual", "condition"]),
        (PAYING | {"key": "Ä"}, ["key"]),
        ("x", ["", "name", "condition"]),
    ],
)
def test_every_fault_is_found(written: object, places: list[str]) -> None:
    with pytest.raises(DocumentError) as raised:
        segments.parse(written)

    assert places == [fault.place for fault in raised.value.faults]


@pytest.mark.parametrize(
    "written",
    [
        {"name": "x", "manual": False},
        PAYING | {"manual": True},
        LISTED | {"manual": "yes"},
        PAYING | {"manual": "yes"},
        LISTED | {"members": []},
    ],
)
def test_the_schema_refuses_it_too(written: dict[str, Any]) -> None:
    assert not SCHEMA.is_valid(written)
    with pytest.raises(DocumentError):
        segments.parse(written)


def test_a_manual_segment_has_members_and_no_condition() -> None:
    listed = segments.parse(LISTED)

    assert listed.is_manual
    assert listed.condition is None
    assert listed.segments_used == frozenset()


def test_a_condition_segment_knows_which_segments_it_asks_about() -> None:
    written = {"name": "x", "manual": False, "condition": [{"in": "a"}, {"any": [{"not_in": "b"}]}]}
    segment = segments.parse(written)

    assert not segment.is_manual
    assert segment.segments_used == {"a", "b"}
    assert SCHEMA.is_valid(written)


@pytest.mark.parametrize("text", re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
def test_every_document_of_the_page_is_a_segment(text: str) -> None:
    written = read_source(text).data

    assert segments.parse(written).name
    assert SCHEMA.is_valid(written)


def test_the_page_explains_every_key() -> None:
    assert {"$schema"} == {key for key in segment_schema()["properties"] if f"`{key}" not in PAGE}
