"""The examples are the first thing that anybody copies: each of them is read, checked, reviewed and rendered here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from engine import campaigns, segments
from engine.campaigns import Campaign
from engine.errors import Fault
from engine.file_references import inline_files
from engine.review import review
from engine.schema import campaign_schema, segment_schema
from engine.source import read
from engine.steps import Email, SendEvent, UpdatePerson
from engine.templates import Scope
from engine.triggers import TriggerType
from tests.engine.builders import NOW

EXAMPLES = Path(__file__).parents[2] / "examples"
CAMPAIGNS = sorted(EXAMPLES.glob("campaigns/*.yaml"))
SEGMENTS = sorted(EXAMPLES.glob("segments/*.yaml"))

PARCEL: dict[str, Any] = {"parcel": {"number": "P-1", "carrier": "Post", "customer_email": "ada@example.com"}}
EVENT: dict[str, Any] = PARCEL | {
    "items": [{"name": "Wool socks", "category": "socks", "price": 9.99}],
    "order_id": "A-17",
    "total": 29.97,
    "score": 3,
    "comment": "Too <small>",
    "manager": "boss@shop.example",
}


def data_of(path: Path) -> dict[str, Any]:
    return read(path.read_text(encoding="utf-8")).data


def campaign_at(path: Path) -> Campaign:
    faults: list[Fault] = []
    document = inline_files(data_of(path), lambda name: (path.parent / name).read_text(encoding="utf-8"), faults)
    assert [] == faults
    return campaigns.parse(document)


def test_there_are_examples() -> None:
    assert {"cart-reminder", "receipt", "survey", "welcome"} <= {path.stem for path in CAMPAIGNS}
    assert {"customers", "paying"} <= {path.stem for path in SEGMENTS}
    assert set(get_args(TriggerType)) == {campaign_at(path).trigger.type for path in CAMPAIGNS}


@pytest.mark.parametrize("path", CAMPAIGNS, ids=lambda path: path.stem)
def test_a_campaign_is_valid_as_it_is_written_and_has_no_findings(path: Path) -> None:
    known = {segments.parse(data_of(segment)).key for segment in SEGMENTS}
    it = campaign_at(path)

    jsonschema.validate(data_of(path), campaign_schema())
    assert path.stem == it.key
    assert [] == review(it, known_segments=known)
    assert it == campaigns.parse(campaigns.to_document(it))


@pytest.mark.parametrize("path", SEGMENTS, ids=lambda path: path.stem)
def test_a_segment_is_valid_as_it_is_written(path: Path) -> None:
    it = segments.parse(data_of(path))

    jsonschema.validate(data_of(path), segment_schema())
    assert path.stem == it.key


@pytest.mark.parametrize("path", CAMPAIGNS, ids=lambda path: path.stem)
@pytest.mark.parametrize("person", [{"first_name": "Ada"}, {}], ids=["known", "nameless"])
def test_every_message_renders_for_people_with_and_without_a_name(path: Path, person: dict[str, Any]) -> None:
    it = campaign_at(path)
    scope = Scope(
        customer={"id": "u1", "email": "ada@example.com", **person},
        event=None if it.is_data else EVENT,
        event_name=None if it.is_data else "something",
        event_timestamp=int(NOW.timestamp()),
        trigger=PARCEL if it.is_data else None,
        campaign={"id": it.key, "name": it.name, "type": it.trigger.type},
        message={},
        delivery_id="d1",
        now=NOW,
    )

    for step in it.plan.blocks.values():
        if isinstance(step, Email):
            assert "ada@example.com" == step.compose(scope, sender=it.sender).to
        elif isinstance(step, UpdatePerson | SendEvent):
            assert step.effects(scope)
