from __future__ import annotations

from typing import Any

import pytest

from engine.conditions import Scope, Touches, touches
from tests.engine.conditions.builders import read


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


def test_event_data_filters_look_at_the_data() -> None:
    assert Touches(data=True) == touches(read([{"path": "total", "equals": 5}], Scope.EVENT_DATA))
