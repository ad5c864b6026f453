"""Who leaves early, why, and at which blocks it is looked at (behaviour 10.2)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any

import pytest

from engine import journeys
from engine.decisions import Decision
from engine.exits import Exit
from tests.engine.builders import HOUR, campaign, document, email, faults_of, situation

BUYS = {"event": "purchase"}
PAYS = {"enters": "paid"}
QUITS = {"leaves": "trial"}
CUSTOMERS = {"in": "customers"}


def left(decision: Decision) -> str | None:
    return decision.exit_reason


@pytest.mark.spec("10.30")
def test_without_a_setting_people_leave_when_they_stop_matching() -> None:
    assert Exit.STOPPED_MATCHING is campaign().exit


@pytest.mark.spec("10.30", "10.32")
@pytest.mark.parametrize(
    ("setting", "goal_met", "matches", "reason"),
    [
        ("goal", True, True, "goal"),
        ("goal", False, False, None),
        ("stopped_matching", True, True, None),
        ("stopped_matching", False, False, "stopped_matching"),
        ("goal_or_stopped_matching", True, True, "goal"),
        ("goal_or_stopped_matching", False, False, "stopped_matching"),
        ("goal_or_stopped_matching", False, True, None),
        ("never", True, False, None),
    ],
)
def test_each_setting_ends_the_journey_for_its_own_reasons(
    setting: str, goal_met: bool, matches: bool, reason: str | None
) -> None:
    it = campaign({"delay": {"id": "pause", "for": "1h"}}, email(), filters=CUSTOMERS, goal=BUYS, exit=setting)
    segments = {"customers"} if matches else set()

    decision = journeys.next_move(situation(it, at="pause", waited=HOUR, segments=segments, goal_met=goal_met))

    assert reason == left(decision)
    assert ("leave" if reason else "send") == decision.move.kind


@pytest.mark.spec("10.32")
def test_an_event_campaign_without_filters_never_stops_matching() -> None:
    assert left(journeys.next_move(situation(campaign(email()), at="nudge"))) is None


@pytest.mark.spec("10.31")
@pytest.mark.parametrize("setting", ["goal", "goal_or_stopped_matching"])
def test_leaving_by_the_goal_needs_a_goal(setting: str) -> None:
    assert ["exit"] == [fault.place for fault in faults_of(document(exit=setting))]
    assert () == faults_of(document(exit=setting, goal=BUYS))


@pytest.mark.spec("10.33", "10.39", "4.04", "4.05")
def test_only_messages_look_at_the_exit_condition() -> None:
    it = campaign(
        {"update_person": {"id": "mark", "set": {"x": 1}}},
        {"branch": {"id": "fork"}},
        {"delay": {"id": "pause", "for": "1h"}},
        email(),
        filters=CUSTOMERS,
    )
    outside: dict[str, Any] = {"segments": set()}

    at_data = journeys.effect_due(situation(it, at="mark", **outside), "mark")
    after_data = journeys.move_on(situation(it, at="mark", **outside), "mark")
    at_message = journeys.next_move(situation(it, at="pause", waited=HOUR, **outside))

    assert at_data is None
    assert ("wait", "pause") == (after_data.move.kind, after_data.block)
    assert "stopped_matching" == left(at_message)


@pytest.mark.spec("4.08", "10.43")
def test_who_never_exits_is_not_judged_by_the_filters_again() -> None:
    it = campaign(email(), filters=CUSTOMERS, exit="never")

    decision = journeys.next_move(situation(it, at="nudge", segments=set()))

    assert "send" == decision.move.kind


@pytest.mark.spec("10.34", "10.35", "10.36", "10.37")
@pytest.mark.parametrize(
    ("goal", "segments", "reason"),
    [
        (PAYS, {"paid"}, "goal_at_entry"),
        (PAYS, set(), None),
        (QUITS, set(), "goal_at_entry"),
        (QUITS, {"trial"}, None),
        (BUYS, set(), None),
    ],
)
def test_who_has_met_the_goal_already_leaves_at_entry(
    goal: Any, segments: AbstractSet[str], reason: str | None
) -> None:
    it = campaign({"update_person": {"id": "mark", "set": {"x": 1}}}, email(), goal=goal, exit="goal")

    decision = journeys.enter(situation(it, segments=segments, goal_met=isinstance(goal, dict) and "event" in goal))

    assert reason == left(decision)
    assert (None if reason else "mark") == decision.block


@pytest.mark.spec("10.34")
def test_who_does_not_match_leaves_at_entry() -> None:
    decision = journeys.enter(situation(campaign(filters=CUSTOMERS), segments=set()))

    assert "stopped_matching_at_entry" == left(decision)


@pytest.mark.spec("10.38")
def test_a_goal_met_during_the_first_delay_ends_the_journey_before_any_message() -> None:
    goal = {"event": "purchase", "within": "1m", "after": "clicked"}
    it = campaign({"delay": {"id": "pause", "for": "30d"}}, email(), goal=goal, exit="goal")

    decision = journeys.next_move(situation(it, at="pause", waited=timedelta(days=30), goal_met=True))

    assert "goal" == left(decision)


@pytest.mark.spec("10.41")
def test_a_segment_goal_is_judged_by_membership_at_the_check() -> None:
    it = campaign(email(), goal=PAYS, exit="goal")

    assert "goal" == left(journeys.next_move(situation(it, at="nudge", segments={"paid"})))
    assert left(journeys.next_move(situation(it, at="nudge", segments=set()))) is None


@pytest.mark.spec("10.42")
def test_without_another_message_the_journey_simply_finishes() -> None:
    it = campaign(email(), {"delay": {"id": "pause", "for": "1h"}}, goal=BUYS, exit="goal")

    decision = journeys.next_move(situation(it, at="pause", waited=HOUR, goal_met=True))

    assert ("finished", None) == (decision.state, decision.exit_reason)


@pytest.mark.spec("15.31", "15.35")
def test_edited_filters_and_settings_apply_at_the_next_message() -> None:
    before = campaign(email(), filters=CUSTOMERS)
    after = campaign(email(), filters={"not_in": "customers"})
    switched_off = campaign(email(), filters={"not_in": "customers"}, exit="never")

    reasons = [left(journeys.next_move(situation(it, at="nudge", segments={"customers"}))) for it in (before, after)]

    assert [None, "stopped_matching"] == reasons
    assert left(journeys.next_move(situation(switched_off, at="nudge", segments={"customers"}))) is None


def test_the_log_shows_what_an_exit_check_saw() -> None:
    it = campaign(email(), filters=CUSTOMERS, goal=BUYS, exit="goal_or_stopped_matching")

    goes = journeys.next_move(situation(it, at="nudge", segments={"customers"}))
    leaves = journeys.next_move(situation(it, at="nudge", segments=set()))

    assert {"event": "purchase", "performed": False} == goes.notes[0].seen["goal"]
    assert goes.notes[0].seen["filters"]["holds"] is True
    assert leaves.notes[0].seen["filters"]["holds"] is False


@pytest.mark.spec("3.04")
@pytest.mark.parametrize(
    ("filters", "segments", "building", "reason"),
    [
        ({"in": "new"}, set(), {"new"}, None),
        ({"not_in": "new"}, {"new"}, {"new"}, None),
        ({"in": "new"}, set(), {"other"}, "stopped_matching"),
        ({"all": [{"in": "new"}, CUSTOMERS]}, {"customers"}, {"new"}, None),
        ({"all": [{"in": "new"}, CUSTOMERS]}, set(), {"new"}, "stopped_matching"),
        ({"any": [{"in": "new"}, CUSTOMERS]}, set(), {"new"}, None),
    ],
)
def test_nobody_stops_matching_by_a_segment_that_is_building(
    filters: Any, segments: AbstractSet[str], building: AbstractSet[str], reason: str | None
) -> None:
    it = situation(campaign(email(), filters=filters), at="nudge", segments=segments, building=frozenset(building))

    decision = journeys.next_move(it)

    assert reason == left(decision)
    assert reason == (left(refused) if (refused := journeys.check_exit(it)) else None)
    if reason is None:
        assert sorted(building) == decision.notes[0].seen["building"]


@pytest.mark.spec("3.04")
@pytest.mark.parametrize(("goal", "segments"), [(PAYS, {"paid"}), (QUITS, set())])
def test_nobody_meets_a_goal_by_a_segment_that_is_building(goal: Any, segments: AbstractSet[str]) -> None:
    it = campaign(email(), goal=goal, exit="goal")
    building = frozenset({"paid", "trial"})

    goes = journeys.next_move(situation(it, at="nudge", segments=segments, building=building))
    enters = journeys.enter(situation(it, segments=segments, building=building))

    assert (None, None) == (left(goes), left(enters))
    assert [next(iter({"paid", "trial"} & set(goal.values())))] == goes.notes[0].seen["building"]
