from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.goals import EntersSegment, EventGoal, LeavesSegment
from tests.engine.builders import campaign, facts


@pytest.mark.spec("10.01")
@pytest.mark.parametrize(
    ("written", "kind"),
    [({"event": "purchase"}, EventGoal), ({"enters": "paid"}, EntersSegment), ({"leaves": "trial"}, LeavesSegment)],
)
def test_a_goal_is_an_event_or_a_change_of_a_segment(written: dict[str, Any], kind: type) -> None:
    assert kind is type(campaign(goal=written).goal)
    assert campaign().goal is None


@pytest.mark.spec("10.02", "1.33")
@pytest.mark.parametrize(
    ("kind", "name", "data", "met"),
    [
        ("event", "purchase", {"total": 30}, True),
        ("event", "purchase", {"total": 10}, False),
        ("event", "Purchase", {"total": 30}, False),
        ("page", "purchase", {"total": 30}, False),
    ],
)
def test_an_event_goal_is_met_by_its_event_with_the_right_data(kind: str, name: str, data: Any, met: bool) -> None:
    goal = campaign(goal={"event": "purchase", "where": [{"path": "total", "at_least": 20}]}).goal

    assert isinstance(goal, EventGoal)
    assert met is goal.met_by(kind, name, facts(data=data))


def test_the_time_frame_is_kept_for_conversions() -> None:
    goal = campaign(goal={"enters": "paid", "within": "14d", "after": "opened"}).goal

    assert goal is not None
    assert (timedelta(days=14), "opened") == (goal.frame.within, goal.frame.after)
