from __future__ import annotations

from typing import Any

import pytest

from engine.conditions import Question, Scope, Touches, touches
from tests.engine.conditions.builders import read

TOTAL = read([{"path": "total", "equals": 5}], Scope.EVENT_DATA)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, Touches()),
        ({"attribute": "address.city", "equals": "Bern"}, Touches(attributes=frozenset({"address"}))),
        ({"attribute": '["a.b"]', "exists": False}, Touches(attributes=frozenset({"a.b"}))),
        ({"in": "vip"}, Touches(segments=frozenset({"vip"}))),
        ({"not_in": "vip"}, Touches(segments=frozenset({"vip"}))),
        ({"data": "total", "equals": 5}, Touches(data=True)),
        ({"attribute": "seen", "before": "2024-01-01"}, Touches(attributes=frozenset({"seen"}))),
        ({"attribute": "seen", "before": {"ago": "1d"}}, Touches(attributes=frozenset({"seen"}), time=True)),
        (
            {"attribute": "items[]", "same_item": [{"path": "price", "equals": 5}]},
            Touches(attributes=frozenset({"items"})),
        ),
        (
            {"data": "items[]", "same_item": [{"path": "sold", "after": {"from_now": "1d"}}]},
            Touches(data=True, time=True),
        ),
        (
            {"all": [{"attribute": "a", "equals": 1}, {"any": [{"attribute": "b.c", "equals": 1}, {"in": "vip"}]}]},
            Touches(attributes=frozenset({"a", "b"}), segments=frozenset({"vip"})),
        ),
    ],
)
def test_a_condition_says_what_it_looks_at(document: Any, expected: Touches) -> None:
    assert expected == touches(read(document))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"performed": {"event": "bought", "where": [{"path": "total", "equals": 5}]}},
            Touches(questions=frozenset({Question("event", "bought", where=TOTAL)}), time=True),
        ),
        (
            {"not_performed": {"page": {"contains": "/x"}, "within": "1d"}},
            Touches(
                attributes=frozenset({"created_at"}),  # how long they are known
                questions=frozenset({Question("page", "/x", part=True, newest=1)}),
                time=True,
            ),
        ),
        ({"device": {}}, Touches(devices=True)),
        ({"no_device": {"path": "platform", "equals": "ios"}}, Touches(devices=True)),
        ({"device": {"path": "last_used", "after": {"ago": "1d"}}}, Touches(devices=True, time=True)),
        (
            {"all": [{"performed": {"event": "a"}}, {"any": [{"performed": {"event": "b"}}, {"device": {}}]}]},
            Touches(questions=frozenset({Question("event", "a"), Question("event", "b")}), devices=True, time=True),
        ),
    ],
)
def test_a_segment_says_which_events_and_devices_it_looks_at(document: Any, expected: Touches) -> None:
    assert expected == touches(read(document, Scope.PERSON))


def test_event_data_filters_look_at_the_data() -> None:
    assert Touches(data=True) == touches(read([{"path": "total", "equals": 5}], Scope.EVENT_DATA))
