from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.conditions import holds, next_change
from tests.engine.conditions.builders import NOW, facts, read

WEEK_OLD = {"attribute": "seen", "before": {"ago": "7d"}}
SECOND = timedelta(seconds=1)


@pytest.mark.spec("3.13", "5.10")
@pytest.mark.parametrize(
    ("operator", "operand", "value", "held", "change"),
    [
        ("before", {"ago": "7d"}, "2024-06-10T00:00:00Z", False, datetime(2024, 6, 17, 0, 0, 1, tzinfo=UTC)),
        ("before", {"ago": "7d"}, "2024-06-01T00:00:00Z", True, None),
        ("after", {"ago": "7d"}, "2024-06-10T00:00:00Z", True, datetime(2024, 6, 17, tzinfo=UTC)),
        ("after", {"ago": "7d"}, "2024-06-01T00:00:00Z", False, None),
        ("before", {"from_now": "3d"}, "2024-06-20T00:00:00Z", False, datetime(2024, 6, 17, 0, 0, 1, tzinfo=UTC)),
        ("after", {"from_now": "3d"}, "2024-06-20T00:00:00Z", True, datetime(2024, 6, 17, tzinfo=UTC)),
        ("before", {"ago": "7d"}, "unknown", False, None),
        ("before", {"ago": "3650d"}, "9999-12-31", False, None),
    ],
)
def test_people_enter_and_leave_as_time_passes(
    operator: str, operand: Any, value: str, held: bool, change: datetime | None
) -> None:
    condition = read({"attribute": "seen", operator: operand})
    person = facts({"seen": value})

    assert held == holds(condition, person)
    assert change == next_change(condition, person)
    if change is not None:
        assert held == holds(condition, facts({"seen": value}, now=change - SECOND))
        assert held != holds(condition, facts({"seen": value}, now=change))


@pytest.mark.spec("3.14")
@pytest.mark.parametrize(
    "document",
    [
        {"attribute": "seen", "is_timestamp": True},
        {"attribute": "seen", "before": "2024-07-01"},
        {"in": "vip"},
        {"attribute": "seen", "exists": True},
    ],
)
def test_time_alone_changes_nothing_that_is_not_relative(document: Any) -> None:
    assert next_change(read(document), facts({"seen": "2024-06-16"})) is None


def test_a_conjunction_waits_for_the_last_of_its_false_parts() -> None:
    later = {"attribute": "bought", "before": {"ago": "7d"}}
    condition = read({"all": [WEEK_OLD, later]})

    assert next_change(condition, facts({"seen": "2024-06-10", "bought": "2024-06-12"})) == datetime(
        2024, 6, 19, 0, 0, 1, tzinfo=UTC
    )


def test_a_conjunction_that_data_must_change_first_is_never_due() -> None:
    condition = read({"all": [WEEK_OLD, {"attribute": "plan", "equals": "pro"}]})

    assert next_change(condition, facts({"seen": "2024-06-10", "plan": "free"})) is None
    assert next_change(condition, facts({"seen": "2024-06-10", "plan": "pro"})) is not None


def test_a_disjunction_held_by_something_else_is_never_due() -> None:
    condition = read({"any": [WEEK_OLD, {"attribute": "plan", "equals": "pro"}]})

    assert next_change(condition, facts({"seen": "2024-06-10", "plan": "pro"})) is None
    assert next_change(condition, facts({"seen": "2024-06-10"})) == datetime(2024, 6, 17, 0, 0, 1, tzinfo=UTC)


def test_the_first_of_many_items_decides() -> None:
    orders = {"orders": [{"placed": "2024-06-14"}, {"placed": "2024-06-12"}, {"placed": "never"}]}
    due = datetime(2024, 6, 19, 0, 0, 1, tzinfo=UTC)

    by_path = read({"attribute": "orders[].placed", "before": {"ago": "7d"}})
    by_item = read({"attribute": "orders[]", "same_item": [{"path": "placed", "before": {"ago": "7d"}}]})

    assert due == next_change(by_path, facts(orders))
    assert due == next_change(by_item, facts(orders))


def test_an_instant_inside_a_second_counts_as_its_second() -> None:
    condition = read(WEEK_OLD)
    person = {"seen": "2024-06-08T12:00:00Z"}

    assert not holds(condition, facts(person, now=NOW + timedelta(milliseconds=999)))
    assert next_change(condition, facts(person, now=NOW + timedelta(milliseconds=999))) == NOW + SECOND
