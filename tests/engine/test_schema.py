"""The published schemas take what `parse` takes, and refuse the mistakes that an editor can point at."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from engine import campaigns, segments
from engine.errors import DocumentError
from engine.schema import campaign_schema, segment_schema
from engine.steps import KINDS
from tests.engine.builders import document, email, faults_of
from tests.engine.test_campaigns import EVERYTHING

CAMPAIGN = jsonschema.Draft202012Validator(campaign_schema())
SEGMENT = jsonschema.Draft202012Validator(segment_schema())

QUESTION = {"attribute": "plan", "equals": "pro"}

VALID: list[dict[str, Any]] = [
    document(),
    EVERYTHING,
    document(
        {"delay": "1h30m"}, {"delay": 0}, {"delay": {"id": "a", "for": {"hours": 1}}}, "exit", {"exit": {"id": "z"}}
    ),
    document({"delay": "0"}, {"exit": None}, {"exit": {}}),
    document({"email": {"id": "b", "subject": "x", "text": "y"}}),
    document(
        email(ab_test={"share": 33.3, "subject": "B", "body": "<p>B</p>", "sending": "off"}), email("b", ab_test={})
    ),
    document({"branch": {}}, {"branch": {"if": [QUESTION], "then": [{"branch": {"else": ["exit"]}}]}}),
    document({"update_person": {"remove": ["a"], "person": {"id": "{{event.boss}}"}}}),
    document({"send_event": "a"}, {"send_event": {"event": "b", "data": {"x": [1]}, "workspace": "Other"}}),
    document({"update_segment": {"add": "vip"}}, {"update_segment": {"remove": "vip"}}),
    document({"batch_update": {"people": {"attribute": "n", "at_least": "{{event.n}}"}, "set": {"x": 1}}}),
    document({"batch_update": {"people": [{"in": "a"}], "event": "b", "data": {"x": "{{event.x}}"}}}),
    document({"webhook": {"id": "crm", "url": "https://{{event.host}}/", "body": {"a": 1}, "save": {"b": "c[0].d"}}}),
    document({"webhook": {"id": "crm", "method": "GET", "url": "https://x.example", "headers": {"X_A": "b"}}}),
    document(frequency="once"),
    document(frequency={"once_per": "24h"}, trigger={"page": "/cart"}),
    document(frequency={"every_match": "7d"}, trigger={"condition": [{"in": "a"}, {"not_in": "b"}]}, grace="off"),
    document(frequency={"every": "30d"}, trigger={"condition": {"in": "a"}}, grace="early_return"),
    document(trigger={"condition": {"in": "a"}, "segments": {"a": {"name": "A", "condition": QUESTION}}}),
    document(trigger={"condition": {"in": "a"}, "segments": {"a": {"name": "A", "manual": True}}}),
    document({"delay": "1h"}, trigger="webhook"),
    document(goal={"enters": "paid", "after": "opened"}, exit="goal"),
    document(goal={"leaves": "trial"}),
    document(goal={"screen": "Home", "where": {"any": [{"path": "a", "equals": 1}]}}),
    document(filters=[{"in": "a"}, {"any": [{"in": "b"}, {"not_in": "c"}]}]),
    document(**{"$schema": "./campaign.json"}),
]

INVALID: list[dict[str, Any]] = [
    {},
    document(nmae="x"),
    document(name=""),
    document(key="Not a key"),
    document(tags="cart"),
    document(trigger={"event": "x", "page": "y"}),
    document(trigger={"where": []}),
    document(trigger={"event": "x", "where": [{"attribute": "a", "equals": 1}]}),
    document(trigger={"condition": {"in": "a"}, "segments": {"A b": {"name": "A", "condition": QUESTION}}}),
    document(trigger={"condition": {"in": "a"}, "segments": {"a": {"condition": QUESTION}}}),
    document(trigger={"event": "x", "segments": {"a": {"name": "A", "condition": QUESTION}}}),
    document(filters={"attribute": "plan", "equals": "pro"}),
    document(filters={"in": "a", "not_in": "b"}),
    document(frequency="sometimes"),
    document(frequency={"once_per": "soon"}),
    document(frequency={"once_per": "1d", "every": "1d"}),
    document(trigger={"condition": {"in": "a"}}, grace="later"),
    document(goal={"event": "a", "enters": "b"}),
    document(goal={"enters": "b", "where": [{"path": "a", "exists": True}]}),
    document(goal={"event": "a", "after": "bought"}),
    document(exit="soon"),
    document(exit=False),
    document(send_to_unsubscribed="no"),
    document(unknown_outcome="guess"),
    {**document(), "workflow": []},
    {**document(), "workflow": {"delay": "1h"}},
    document("delay"),
    document({"dealy": "1h"}),
    document({"delay": "1h", "exit": {}}),
    document({"delay": {"id": "A b", "for": "1h"}}),
    document({"delay": {}}),
    document({"delay": "1x"}),
    document({"delay": ""}),
    document({"branch": {"then": {}}}),
    document({"branch": {"then": [{"x": 1}]}}),
    document({"exit": {"if": QUESTION}}),
    document({"email": {"subject": "x", "body": "y"}}),
    document({"email": {"id": "x", "body": "y"}}),
    document(email("a.b")),
    document(email(sending="draft")),
    document(email(tracking="no")),
    document(email(body={"path": "x"})),
    document(email(headers={"X Y": "1"})),
    document(email(unknown=1)),
    document(email(ab_test=30)),
    document(email(ab_test={"share": "30"})),
    document(email(ab_test={"share": 101})),
    document(email(ab_test={"id": "b"})),
    document(email(ab_test={"if": QUESTION})),
    document(email(ab_test={"subject": ""})),
    document(email(ab_test={"ab_test": {}})),
    document({"update_person": {"set": {}}}),
    document({"update_person": {"set": {"x": 1}, "person": {"id": "a", "email": "b"}}}),
    document({"send_event": {}}),
    document({"send_event": {"event": "a", "data": "b"}}),
    document({"update_segment": {"add": "Not a key"}}),
    document({"batch_update": {"set": {"x": 1}}}),
    document({"batch_update": {"people": {"performed": {"event": "a"}}, "set": {"x": 1}}}),
    document({"webhook": {"url": "https://x.example"}}),
    document({"webhook": {"id": "x"}}),
    document({"webhook": {"id": "x", "url": "https://x.example", "ab_test": {"share": 10}}}),
    document({"webhook": {"id": "x", "url": "https://x.example", "method": "HEAD"}}),
    document({"webhook": {"id": "x", "url": "https://x.example", "headers": {"X Y": "1"}}}),
    document({"webhook": {"id": "x", "url": "https://x.example", "save": {}}}),
]


def test_the_schemas_are_schemas() -> None:
    jsonschema.Draft202012Validator.check_schema(campaign_schema())
    jsonschema.Draft202012Validator.check_schema(segment_schema())


@pytest.mark.parametrize("written", VALID)
def test_what_is_valid_passes(written: dict[str, Any]) -> None:
    assert [] == [error.message for error in CAMPAIGN.iter_errors(written)]


@pytest.mark.parametrize("written", VALID)
def test_what_is_valid_passes_once_it_is_normalised(written: dict[str, Any]) -> None:
    normal = campaigns.to_document(campaigns.parse(written))

    assert [] == [error.message for error in CAMPAIGN.iter_errors(normal)]


def test_a_file_is_valid_for_the_editor_because_the_command_line_reads_it() -> None:
    assert CAMPAIGN.is_valid(document(email(body={"file": "emails/nudge.html"})))
    assert CAMPAIGN.is_valid(document(email(ab_test={"body": {"file": "emails/nudge.html"}})))


@pytest.mark.parametrize("written", INVALID)
def test_what_is_invalid_is_refused_by_the_schema_and_by_the_reader(written: dict[str, Any]) -> None:
    assert not CAMPAIGN.is_valid(written)
    assert faults_of(written)


@pytest.mark.parametrize(
    ("written", "valid"),
    [
        ({"name": "x", "condition": QUESTION}, True),
        ({"name": "x", "key": "y", "description": "z", "condition": [{"in": "a"}, QUESTION], "$schema": "s"}, True),
        ({"name": "x"}, False),
        ({"name": "x", "condition": {"path": "a", "equals": 1}}, False),
        ({"name": "x", "condition": QUESTION, "filters": {}}, False),
    ],
)
def test_segments_have_a_schema_too(written: dict[str, Any], valid: bool) -> None:
    assert valid is SEGMENT.is_valid(written)
    try:
        segments.parse(written)
    except DocumentError:
        assert not valid


def test_every_kind_of_block_explains_itself_to_the_writer() -> None:
    definitions = campaign_schema()["$defs"]

    for kind in KINDS:
        body = definitions[f"{kind}_block"]
        assert body["description"]
        keys = (body["anyOf"][0] if "anyOf" in body else body)["properties"]
        assert [] == [key for key, one in keys.items() if "description" not in one and "$ref" not in one]
