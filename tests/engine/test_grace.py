"""Who does not match when a message is due waits for a while, and is then decided about (behaviour 10.3)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

import pytest

from engine import journeys
from engine.subscription import is_unsubscribed
from tests.engine.builders import HOUR, NOW, campaign, email, outcome, situation
from tests.engine.nurture import DAY, INSIDE, after_delay, delay, in_grace, nurture, pause

# Whether there is any


@pytest.mark.spec("10.50", "10.32")
@pytest.mark.parametrize("segments", [set(), {"signed-up"}, {"viewed"}])
def test_who_does_not_match_trigger_and_filters_at_a_message_waits(segments: AbstractSet[str]) -> None:
    assert "grace" == after_delay(nurture(delay("1d"), email()), DAY, segments=segments).state


def test_who_matches_both_gets_the_message() -> None:
    decision = after_delay(nurture(delay("1d"), email()), DAY, segments=INSIDE)

    assert (("send", "nudge"), "running") == (outcome(decision), decision.state)


@pytest.mark.spec("10.60")
def test_where_grace_is_off_they_leave_at_once() -> None:
    decision = after_delay(nurture(delay("1d"), email(), grace="off"), DAY)

    assert ("leave", "stopped_matching") == outcome(decision)


@pytest.mark.spec("4.07", "10.56")
@pytest.mark.parametrize(
    "trigger",
    [
        {"event": "cart_updated"},
        {"form": "newsletter"},
        {"date": "birthday", "every": "year", "at": "09:00", "timezone": "UTC"},
    ],
)
def test_other_campaigns_know_no_grace(trigger: Any) -> None:
    decision = after_delay(nurture(delay("1d"), email(), trigger=trigger), DAY)

    assert ("leave", "stopped_matching") == outcome(decision)


@pytest.mark.spec("10.57")
@pytest.mark.parametrize("goal", [{"enters": "paid"}, {"leaves": "trial"}, {"event": "purchase"}])
def test_a_met_goal_is_no_reason_to_wait(goal: Any) -> None:
    it = nurture(delay("1d"), email(), goal=goal, exit="goal_or_stopped_matching")

    for segments in (set(), set(INSIDE)):
        assert ("leave", "goal") == outcome(after_delay(it, DAY, segments=segments | {"paid"}, goal_met=True))


@pytest.mark.parametrize("look", ["check_exit", "message_due"])
def test_who_stops_matching_between_the_decision_and_the_message_waits_too(look: str) -> None:
    here = situation(nurture(email()), at="nudge")

    decision = journeys.check_exit(here) if look == "check_exit" else journeys.message_due(here, "nudge")

    assert decision is not None
    assert ("grace", "nudge", DAY) == pause(decision)


def test_a_message_that_is_not_there_any_more_is_not_waited_for() -> None:
    before, after = nurture(email("gone"), email("kept")), nurture(delay("1h"), email("kept"))
    here = situation(after, at="gone", previous=before.plan)

    assert journeys.check_exit(here) is None
    assert "grace" == (journeys.message_due(here, "gone") or pytest.fail("nothing")).state
    assert "kept" == (journeys.message_due(here, "gone") or pytest.fail("nothing")).block


# Its end


@pytest.mark.spec("10.54")
def test_at_the_end_who_matches_again_gets_the_message_and_who_does_not_leaves() -> None:
    it = nurture(email(), delay("1d"))

    goes, leaves = in_grace(it, segments=INSIDE), in_grace(it, segments={"viewed"})

    assert (("send", "nudge"), "running", NOW) == (outcome(goes), goes.state, goes.arrived_at)
    assert ("leave", "stopped_matching") == outcome(leaves)
    assert leaves.notes[-1].seen["trigger"]["holds"] is False
    assert leaves.notes[-1].seen["filters"]["holds"] is True


@pytest.mark.spec("10.54")
@pytest.mark.parametrize("segments", [frozenset(), INSIDE])
def test_before_the_end_nothing_is_decided(segments: AbstractSet[str]) -> None:
    it = nurture(email())

    decision = in_grace(it, left=HOUR, segments=segments)

    assert ("grace", "nudge", HOUR) == pause(decision)
    assert (NOW - 35 * HOUR, ()) == (decision.arrived_at, decision.notes)


def test_a_look_before_the_end_gives_the_very_move_again() -> None:
    it = nurture(delay("3d"), email())
    begun = after_delay(it, 3 * DAY, unmatched_at=NOW - DAY)

    later = situation(it, at="nudge", state="grace", due_at=begun.due_at, waited=5 * HOUR, now=NOW + 5 * HOUR)

    assert begun.move == journeys.next_move(later).move


@pytest.mark.spec("10.55")
@pytest.mark.parametrize(
    ("segments", "building", "expected"),
    [
        (INSIDE, set(), ("send", "nudge")),
        ({"viewed"}, set(), ("wait", "nudge")),
        ({"signed-up"}, {"viewed"}, ("wait", "nudge")),
    ],
)
def test_with_early_return_who_matches_again_goes_on_at_once(
    segments: AbstractSet[str], building: set[str], expected: tuple[str, str]
) -> None:
    decision = in_grace(
        nurture(email(), grace="early_return"), left=HOUR, segments=segments, building=frozenset(building)
    )

    assert expected == outcome(decision)
    if expected[0] == "wait":
        assert ("grace", "nudge", HOUR) == pause(decision)


@pytest.mark.spec("10.57")
def test_a_goal_met_in_the_meantime_counts_at_the_next_look_at_the_message() -> None:
    goal: dict[str, Any] = {"goal": {"enters": "paid"}, "exit": "goal_or_stopped_matching"}
    at_end, early = nurture(email(), **goal), nurture(email(), grace="early_return", **goal)

    assert ("wait", "nudge") == outcome(in_grace(at_end, left=HOUR, segments={"paid"}))
    assert ("leave", "goal") == outcome(in_grace(at_end, segments=INSIDE | {"paid"}))
    assert ("leave", "goal") == outcome(in_grace(early, left=HOUR, segments={"paid"}))


def test_what_depends_on_a_segment_that_is_building_is_no_reason_to_wait_and_none_to_leave() -> None:
    it = nurture(email())
    building: dict[str, Any] = {"segments": {"signed-up"}, "building": frozenset({"viewed"})}

    assert ("send", "nudge") == outcome(journeys.next_move(situation(it, at="nudge", **building)))
    assert ("send", "nudge") == outcome(in_grace(it, **building))


def test_what_follows_the_message_counts_from_the_end_of_the_grace_period() -> None:
    it = nurture(email(sending="off"), delay("1d"))

    decision = in_grace(it, segments=INSIDE)

    assert ("running", "pause", DAY) == pause(decision)
    assert (None, NOW) == (decision.last_wait, decision.arrived_at)


def test_a_stop_and_an_operator_end_a_grace_period() -> None:
    for changes, reason in (
        ({"campaign_state": "stopped"}, "campaign_stopped"),
        ({"person_exists": False}, "person_deleted"),
    ):
        assert ("leave", reason) == outcome(in_grace(nurture(email()), left=HOUR, **changes))


# Edits


@pytest.mark.spec("15.35")
@pytest.mark.parametrize("changed", [{"grace": "off"}, {"exit": "never"}, {"filters": {"in": "signed-up"}}])
def test_a_running_grace_period_keeps_its_end_whatever_is_edited(changed: dict[str, Any]) -> None:
    edited = nurture(email(), **changed)

    assert ("grace", "nudge", HOUR) == pause(in_grace(edited, left=HOUR, segments={"signed-up"}))


@pytest.mark.spec("15.35")
def test_at_its_end_the_latest_settings_decide() -> None:
    outside: dict[str, Any] = {"segments": {"signed-up"}}

    assert ("leave", "stopped_matching") == outcome(in_grace(nurture(email(), grace="off"), **outside))
    assert ("send", "nudge") == outcome(in_grace(nurture(email(), exit="never"), filters_met=True, **outside))
    assert ("leave", "stopped_matching") == outcome(in_grace(nurture(email(), exit="never"), **outside))


@pytest.mark.spec("15.26")
def test_a_journey_whose_message_was_deleted_goes_on_behind_it() -> None:
    before = nurture(email(), delay("1d"), email("later"))
    after = nurture(delay("1d"), email("later"))

    decision = in_grace(after, left=HOUR, previous=before.plan)

    assert ("running", "pause", DAY) == pause(decision)


@pytest.mark.spec("15.26", "15.35")
@pytest.mark.parametrize("segments", [frozenset(), INSIDE])
def test_at_the_message_behind_a_deleted_one_the_grace_period_goes_on(segments: AbstractSet[str]) -> None:
    before, after = nurture(email(), email("next")), nurture(email("next"))

    waits = in_grace(after, left=HOUR, previous=before.plan, segments=segments)
    over = in_grace(after, previous=before.plan, segments=segments)

    assert ("grace", "next", HOUR) == pause(waits)
    assert (("send", "next") if segments else ("leave", "stopped_matching")) == outcome(over)


# The filters of those who do not leave for them


@pytest.mark.spec("4.08")
@pytest.mark.parametrize("setting", ["never", "goal"])
def test_who_does_not_leave_for_it_is_asked_the_filters_at_the_first_message_only(setting: str) -> None:
    it = nurture(email(), email("second"), exit=setting, goal={"event": "purchase"})
    outside: dict[str, Any] = {"segments": {"viewed"}}

    first = journeys.next_move(situation(it, at="nudge", **outside))
    failing = journeys.next_move(situation(it, at="nudge", segments={"signed-up"}))
    second = journeys.move_on(situation(it, at="nudge", filters_met=True), "nudge")

    assert (("send", "nudge"), True) == (outcome(first), first.filters_met)
    assert ("grace", "nudge", DAY) == pause(failing)
    assert {"filters", "grace"} == set(failing.notes[-1].seen)
    assert ("send", "second") == outcome(second)


@pytest.mark.spec("4.08")
def test_a_first_message_that_is_skipped_was_the_first_message() -> None:
    it = nurture(email(sending="off"), delay("1d"), email("second"), exit="never")

    entered = journeys.enter(situation(it, segments=INSIDE))

    assert (("wait", "pause"), True) == (outcome(entered), entered.filters_met)


def test_a_segment_that_is_building_leaves_the_one_look_for_the_next_message() -> None:
    it = nurture(email(sending="off"), delay("1d"), exit="never")

    entered = journeys.enter(situation(it, segments={"signed-up"}, building=frozenset({"viewed"})))

    assert (("wait", "pause"), False) == (outcome(entered), entered.filters_met)


# What is said about it


@pytest.mark.spec("10.59")
def test_the_log_shows_the_planned_length_and_what_was_seen() -> None:
    decision = after_delay(nurture(delay("3d"), email()), 3 * DAY, segments={"signed-up"}, unmatched_at=NOW - DAY)

    note = decision.notes[-1]
    assert ("grace", "nudge") == (note.kind, note.block)
    assert "Does not match: grace period of 1 day 12 hours, until 2026-07-04 20:00 UTC" == note.text
    assert {
        "length": "1 day 12 hours",
        "until": "2026-07-04T20:00:00+00:00",
        "half_of": "3 days",
    } == note.seen["grace"]
    assert (True, False) == (note.seen["trigger"]["holds"], note.seen["filters"]["holds"])


def test_what_temporal_is_told_names_the_block_and_the_length_and_nobody() -> None:
    decision = after_delay(nurture(delay("3d"), email()), 3 * DAY, unmatched_at=NOW - DAY)

    assert "Grace period before nudge (1 day 12 hours), until 2026-07-04 20:00 UTC" == decision.move.text


def test_the_log_of_a_message_that_goes_shows_trigger_and_filters() -> None:
    note = after_delay(nurture(delay("1d"), email()), DAY, segments=INSIDE).notes[-1]

    assert ("due", True, True) == (note.kind, note.seen["trigger"]["holds"], note.seen["filters"]["holds"])


# At entry


@pytest.mark.spec("1.17", "10.58")
def test_at_entry_the_filters_are_not_looked_at() -> None:
    decision = journeys.enter(situation(nurture(delay("10d"), email()), segments={"signed-up"}))

    assert ("wait", "pause") == outcome(decision)


@pytest.mark.spec("10.34", "10.58")
def test_at_entry_a_met_goal_ends_the_journey_without_grace() -> None:
    it = nurture(email(), goal={"enters": "paid"}, exit="goal_or_stopped_matching")

    assert ("leave", "goal_at_entry") == outcome(journeys.enter(situation(it, segments={"signed-up", "paid"})))


@pytest.mark.spec("4.05")
def test_data_blocks_and_delays_ask_neither_trigger_nor_filters() -> None:
    it = nurture({"update_person": {"id": "mark", "set": {"x": 1}}}, delay("1d"), email())

    entered = journeys.enter(situation(it, segments={"signed-up"}))
    at_data = journeys.effect_due(situation(it, at="mark"), "mark")
    after_data = journeys.move_on(situation(it, at="mark"), "mark")

    assert (("act", "mark"), None, ("wait", "pause")) == (outcome(entered), at_data, outcome(after_data))


# Data campaigns


@pytest.mark.spec("1.93", "1.03")
def test_the_journey_of_a_payload_is_nobodys_and_never_leaves_early() -> None:
    slack = {"branch": {"id": "fork", "if": {"data": "total", "at_least": 10}, "then": [delay("1h")], "else": ["exit"]}}
    it = campaign(slack, trigger={"webhook": {}})

    waits = journeys.enter(situation(it, data={"total": 12}))
    finishes = journeys.enter(situation(it, data=[1, 2]))

    assert ("wait", "pause") == outcome(waits)
    assert ("leave", "finished") == outcome(finishes)
    assert not is_unsubscribed({})
