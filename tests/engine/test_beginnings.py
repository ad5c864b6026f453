"""A trigger segment that asks for a timestamp makes the journey wait for it (behaviour 1.19)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine import beginnings, conditions, journeys
from engine.campaigns import Campaign
from engine.conditions import Condition, Scope
from engine.decisions import Decision
from tests.engine.builders import HOUR, NOW, campaign, email, facts, kinds, outcome, situation

DAY = timedelta(days=1)
MAY, JUNE = datetime(2027, 5, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
RULES: dict[str, Any] = {
    "trial": {"attribute": "trial_ends", "is_timestamp": True},
    "renewal": {"attribute": "renews", "is_timestamp": True},
    "paying": {"attribute": "plan", "equals": "pro"},
    "soon": {"attribute": "trial_ends", "before": {"from_now": "400d"}},
    "nested": {"all": [{"in": "trial"}, {"in": "paying"}]},
    "either": {"any": [{"attribute": "trial_ends", "is_timestamp": True}, {"attribute": "plan", "equals": "pro"}]},
}
PERSON = {"trial_ends": MAY.timestamp(), "renews": JUNE.isoformat(), "plan": "free"}


def parsed(document: Any, scope: Scope) -> Condition:
    condition = conditions.parse(document, place="it", scope=scope, faults=[])
    assert condition is not None
    return condition


@pytest.mark.spec("1.19")
@pytest.mark.parametrize(
    ("trigger", "segments", "expected"),
    [
        ({"in": "trial"}, {"trial"}, MAY),
        ({"in": "paying"}, {"paying"}, None),
        ({"in": "soon"}, {"soon"}, None),
        ({"in": "by-hand"}, {"by-hand"}, None),
        ({"not_in": "trial"}, set(), None),
        ({"in": "nested"}, {"nested", "trial"}, MAY),
        ({"all": [{"in": "trial"}, {"in": "renewal"}]}, {"trial", "renewal"}, JUNE),
        ({"all": [{"in": "trial"}, {"in": "paying"}]}, {"trial", "paying"}, MAY),
        ({"any": [{"in": "trial"}, {"in": "renewal"}]}, {"trial", "renewal"}, MAY),
        ({"any": [{"in": "trial"}, {"in": "renewal"}]}, {"renewal"}, JUNE),
        ({"any": [{"in": "trial"}, {"in": "paying"}]}, {"trial"}, MAY),
        ({"any": [{"in": "trial"}, {"in": "paying"}]}, {"trial", "paying"}, None),
        ({"any": [{"in": "trial"}, {"in": "paying"}]}, set(), None),
        ({"in": "either"}, {"either"}, MAY),
    ],
)
def test_the_trigger_asks_to_wait_for_what_its_segments_ask(
    trigger: Any, segments: AbstractSet[str], expected: datetime | None
) -> None:
    rules = {key: parsed(rule, Scope.PERSON) for key, rule in RULES.items()}

    begins_at = beginnings.begins_at(parsed(trigger, Scope.FILTERS), facts(PERSON, segments=segments), rules)

    assert expected == begins_at


def test_an_alternative_in_a_segment_that_asks_for_nothing_begins_at_once() -> None:
    rules = {"either": parsed(RULES["either"], Scope.PERSON)}
    person = facts(PERSON | {"plan": "pro"}, segments={"either"})

    assert beginnings.begins_at(parsed({"in": "either"}, Scope.FILTERS), person, rules) is None


# Entering


def trials(*workflow: Any, **fields: Any) -> Campaign:
    return campaign(*workflow, trigger={"condition": {"in": "trial"}}, **fields)


def waiting(
    it: Campaign, *, left: timedelta = timedelta(), begins_at: datetime | None = None, **changes: Any
) -> Decision:
    """The decision of a look at a journey that entered a day ago and was told to wait so much longer."""
    changes = {"segments": {"trial"}, **changes}
    state: dict[str, Any] = {"state": "waiting_start", "due_at": NOW + left, "started_at": NOW - DAY}
    return journeys.next_move(situation(it, begins_at=begins_at, **state, **changes))


@pytest.mark.spec("1.19", "9.04")
def test_a_journey_waits_for_the_instant_before_its_first_block() -> None:
    decision = journeys.enter(situation(trials(email()), segments={"trial"}), begins_at=NOW + DAY)

    assert ("waiting_start", None, NOW, NOW + DAY) == (
        decision.state,
        decision.block,
        decision.arrived_at,
        decision.due_at,
    )
    assert ("wait", "Waits to begin, until 2026-07-04 08:00 UTC") == (decision.move.kind, decision.move.text)
    assert [("entered", None), ("waiting", None)] == kinds(decision)


@pytest.mark.spec("1.19")
@pytest.mark.parametrize("begins_at", [None, NOW, NOW - DAY])
def test_an_instant_that_has_passed_is_not_waited_for(begins_at: datetime | None) -> None:
    decision = journeys.enter(situation(trials(email()), segments={"trial"}), begins_at=begins_at)

    assert (("send", "nudge"), False) == (outcome(decision), decision.begins)


@pytest.mark.spec("1.19")
def test_at_the_instant_the_journey_begins_and_delays_count_from_it() -> None:
    decision = waiting(trials({"delay": {"id": "pause", "for": "1d"}}, email()), begins_at=NOW)

    assert ("running", "pause", NOW, NOW + DAY, True) == (
        decision.state,
        decision.block,
        decision.arrived_at,
        decision.due_at,
        decision.begins,
    )
    assert [("began", None), ("waiting", "pause")] == kinds(decision)


@pytest.mark.spec("1.19")
@pytest.mark.parametrize(
    ("begins_at", "due_at"), [(NOW + DAY, NOW + DAY), (NOW + 9 * DAY, NOW + 9 * DAY), (NOW + HOUR, NOW + HOUR)]
)
def test_another_instant_meanwhile_is_the_one_that_counts(begins_at: datetime, due_at: datetime) -> None:
    decision = waiting(trials(email()), left=DAY, begins_at=begins_at)

    assert ("waiting_start", due_at) == (decision.state, decision.due_at)
    assert ([] if begins_at == NOW + DAY else [("waiting", None)]) == kinds(decision)


@pytest.mark.spec("1.19")
def test_an_instant_that_was_moved_into_the_past_begins_the_journey() -> None:
    assert ("send", "nudge") == outcome(waiting(trials(email()), left=DAY, begins_at=NOW - DAY))


def test_who_matches_without_any_instant_begins() -> None:
    assert ("send", "nudge") == outcome(waiting(trials(email()), left=DAY, begins_at=None))


@pytest.mark.spec("10.34", "10.40")
def test_who_has_no_instant_any_more_waits_for_the_old_one_and_is_judged_then() -> None:
    it = trials(email())

    still, then = waiting(it, left=DAY, segments=set()), waiting(it, segments=set())

    assert ("waiting_start", NOW + DAY, ()) == (still.state, still.due_at, still.notes)
    assert ("leave", "stopped_matching_at_entry") == outcome(then)
    assert then.notes[-1].seen["trigger"]["holds"] is False


@pytest.mark.spec("10.43")
def test_with_never_the_journey_begins_for_whoever_once_matched() -> None:
    assert ("send", "nudge") == outcome(waiting(trials(email(), exit="never"), segments=set()))


@pytest.mark.spec("10.34", "10.37")
def test_the_exit_check_of_the_entry_is_made_when_the_journey_begins() -> None:
    paid = trials(email(), goal={"enters": "paid"}, exit="goal")
    buys = trials(email(), goal={"event": "purchase"}, exit="goal")

    waits = journeys.enter(situation(paid, segments={"trial", "paid"}), begins_at=NOW + DAY)

    assert "waiting_start" == waits.state
    assert ("leave", "goal_at_entry") == outcome(waiting(paid, segments={"trial", "paid"}))
    assert ("send", "nudge") == outcome(waiting(paid, segments={"trial"}))
    assert ("send", "nudge") == outcome(waiting(buys, goal_met=True))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ending": "manual"}, "manual"),
        ({"campaign_state": "stopped"}, "campaign_stopped"),
        ({"person_exists": False}, "person_deleted"),
    ],
)
def test_an_operator_a_stop_and_a_deletion_end_it_before_it_begins(changes: dict[str, Any], reason: str) -> None:
    assert ("leave", reason) == outcome(waiting(trials(email()), left=DAY, begins_at=NOW + DAY, **changes))
