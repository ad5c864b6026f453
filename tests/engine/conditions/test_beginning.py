from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.conditions import Scope, begins_at
from tests.engine.conditions.builders import facts, read

JULY = datetime(2024, 7, 1, tzinfo=UTC)
AUGUST = datetime(2024, 8, 1, tzinfo=UTC)
PERSON = {"july": "2024-07-01", "august": int(AUGUST.timestamp()), "plan": "pro", "terms": ["2024-08-01", "2024-07-01"]}

IN_JULY = {"attribute": "july", "is_timestamp": True}
IN_AUGUST = {"attribute": "august", "is_timestamp": True}
PRO = {"attribute": "plan", "equals": "pro"}


@pytest.mark.spec("1.19")
@pytest.mark.parametrize(
    ("document", "instant"),
    [
        (IN_JULY, JULY),
        ({"all": [IN_JULY, PRO]}, JULY),
        ({"all": [IN_JULY, IN_AUGUST]}, AUGUST),
        ({"any": [IN_AUGUST, IN_JULY]}, JULY),
        ({"any": [IN_JULY, PRO]}, None),
        ({"any": [IN_JULY, {"attribute": "plan", "equals": "free"}]}, JULY),
        ({"attribute": "terms[]", "is_timestamp": True}, JULY),
        ({"attribute": "plan", "is_timestamp": True}, None),
        ({"attribute": "july", "after": {"ago": "1d"}}, None),
        ({"attribute": "july", "after": "2024-06-01"}, None),
        ({"in": "vip"}, None),
    ],
)
def test_a_journey_waits_for_the_instant_of_an_is_a_timestamp_condition(
    document: Any, instant: datetime | None
) -> None:
    assert instant == begins_at(read(document), facts(PERSON))


@pytest.mark.spec("1.19")
def test_the_item_that_meets_the_whole_condition_gives_the_instant() -> None:
    condition = read(
        {
            "attribute": "trips[]",
            "same_item": [{"path": "starts", "is_timestamp": True}, {"path": "paid", "is_true": True}],
        }
    )
    trips = [{"starts": "2024-07-01", "paid": False}, {"starts": "2024-08-01", "paid": True}]

    assert begins_at(condition, facts({"trips": trips})) == AUGUST


def test_counts_and_devices_ask_nobody_to_wait() -> None:
    dated = {"device": {"path": "bought", "is_timestamp": True}}
    condition = read({"all": [IN_JULY, {"performed": {"event": "bought"}}, dated]}, Scope.PERSON)

    assert begins_at(condition, facts(PERSON)) == JULY
