from __future__ import annotations

from typing import Any

import pytest

from engine import journeys
from engine.decisions import Note
from engine.moves import Wait
from engine.plans import Plan
from tests.engine.builders import HOUR, NOW, PRO, campaign, email, kinds, outcome, situation


@pytest.mark.spec("6.01", "6.02")
def test_a_journey_goes_from_top_to_bottom_and_finishes_at_the_end() -> None:
    it = campaign(email("one"), {"delay": "1h"}, email("two"))

    first = journeys.enter(situation(it))
    second = journeys.move_on(situation(it, at="one"), "one")
    third = journeys.next_move(situation(it, at="one.delay", waited=HOUR))
    last = journeys.move_on(situation(it, at="two"), "two")

    assert ("send", "one") == outcome(first)
    assert ("wait", "one.delay") == outcome(second)
    assert ("send", "two") == outcome(third)
    assert ("leave", "finished") == outcome(last)
    assert ("finished", None) == (last.state, last.exit_reason)


@pytest.mark.spec("6.02")
def test_an_exit_in_a_path_ends_the_journey_there() -> None:
    it = campaign({"branch": {"id": "fork", "if": PRO, "then": ["exit"]}}, email("after"))

    assert ("leave", "finished") == outcome(journeys.enter(situation(it, person={"plan": "pro"})))
    assert ("send", "after") == outcome(journeys.enter(situation(it)))


def test_a_campaign_without_anything_to_do_is_finished_at_entry() -> None:
    decision = journeys.enter(situation(campaign("exit")))

    assert ("leave", "finished") == outcome(decision)
    assert [("entered", None), ("finished", "start.exit")] == kinds(decision)


def test_a_walk_in_a_circle_is_an_error_and_not_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Plan, "entry_of", lambda plan, block, path: block)

    with pytest.raises(RuntimeError, match="does not end"):
        journeys.enter(situation(campaign({"delay": "0"})))


def test_the_decision_says_where_the_journey_stands() -> None:
    it = campaign({"delay": {"id": "pause", "for": "1h"}}, email())

    decision = journeys.enter(situation(it))

    assert ("pause", NOW, NOW + HOUR) == (decision.block, decision.arrived_at, decision.due_at)
    assert Wait(turn=7, until=NOW + HOUR, text="Delay pause (1 hour), until 2026-07-03 09:00 UTC") == (
        decision.with_turn(7).move
    )


def test_no_move_says_anything_about_the_person() -> None:
    person = {"id": "u1", "email": "ada@example.com", "plan": "secret"}
    asked = {"attribute": "plan", "equals": "secret"}
    it = campaign(
        {"branch": {"id": "fork", "if": asked, "then": [{"update_person": {"set": {"x": "{{customer.email}}"}}}]}},
        email(to="{{customer.email}}", subject="{{customer.plan}}"),
    )

    moves = [
        journeys.enter(situation(it, person=person)).move,
        journeys.move_on(situation(it, person=person), "fork").move,
        journeys.next_move(situation(it, at="nudge", person=person, person_exists=False)).move,
    ]

    assert ["act", "send", "leave"] == [move.kind for move in moves]
    for move in moves:
        assert "secret" not in move.model_dump_json()
        assert "ada" not in move.model_dump_json()


# Action conditions


@pytest.mark.spec("6.04")
@pytest.mark.parametrize(
    "block",
    [
        email("gated", **{"if": PRO}),
        {"delay": {"id": "gated", "for": "1h", "if": PRO}},
        {"update_person": {"id": "gated", "set": {"x": 1}, "if": PRO}},
    ],
)
def test_a_block_whose_condition_is_false_is_skipped_and_the_log_shows_it(block: Any) -> None:
    it = campaign(block, email("after"))

    skipped = journeys.enter(situation(it, person={"plan": "free"}))
    taken = journeys.enter(situation(it, person={"plan": "pro"}))

    assert ("send", "after") == outcome(skipped)
    note = skipped.notes[1]
    assert ("skipped", "gated") == (note.kind, note.block)
    assert "free" == note.seen["if"]["seen"]
    assert "gated" == taken.block


@pytest.mark.spec("5.30", "6.04")
def test_a_block_with_an_empty_condition_is_not_skipped() -> None:
    it = campaign(email("gated", **{"if": {"all": []}}))

    assert ("send", "gated") == outcome(journeys.enter(situation(it)))


def test_a_delay_asks_its_condition_on_arrival_only() -> None:
    it = campaign({"delay": {"id": "pause", "for": "2h", "if": PRO}}, email())

    decision = journeys.next_move(situation(it, at="pause", waited=HOUR, person={"plan": "free"}))

    assert ("wait", "pause") == outcome(decision)


# Messages


@pytest.mark.spec("6.07")
def test_checks_at_a_message_come_in_order() -> None:
    it = campaign(email(sending="off", **{"if": PRO}), filters={"in": "customers"})
    at_message: dict[str, Any] = {"at": "nudge", "unsubscribed": True}

    exit_first = journeys.next_move(situation(it, **at_message))
    then_condition = journeys.next_move(situation(it, **at_message, segments={"customers"}))
    then_sending = journeys.next_move(situation(it, **at_message, segments={"customers"}, person={"plan": "pro"}))
    on = campaign(email(**{"if": PRO}), filters={"in": "customers"})
    then_subscription = journeys.next_move(situation(on, **at_message, segments={"customers"}, person={"plan": "pro"}))

    assert [("exited", "nudge")] == kinds(exit_first)
    assert "condition" in then_condition.notes[0].text
    assert "off" in then_sending.notes[0].text
    assert ("withheld", "nudge") == kinds(then_subscription)[0]


@pytest.mark.spec("7.05")
def test_a_message_that_is_off_is_shown_as_skipped_and_the_journey_goes_on() -> None:
    it = campaign(email("quiet", sending="off"), email("after"))

    decision = journeys.enter(situation(it))

    assert ("send", "after") == outcome(decision)
    assert ("skipped", "quiet") in kinds(decision)


@pytest.mark.spec("1.06", "11.01", "11.05")
def test_an_unsubscribed_person_passes_through_and_the_log_shows_what_was_withheld() -> None:
    it = campaign(email("one"), {"update_person": {"id": "mark", "set": {"x": 1}}})

    decision = journeys.enter(situation(it, unsubscribed=True))

    assert ("act", "mark") == outcome(decision)
    assert ("withheld", "one") in kinds(decision)


@pytest.mark.spec("11.02", "11.03")
@pytest.mark.parametrize(
    ("campaign_sends", "message_sends", "expected"),
    [
        (None, None, "leave"),
        (True, None, "send"),
        (True, False, "leave"),
        (False, True, "send"),
    ],
)
def test_the_message_decides_about_unsubscribed_people_before_the_campaign(
    campaign_sends: bool | None, message_sends: bool | None, expected: str
) -> None:
    message = {} if message_sends is None else {"send_to_unsubscribed": message_sends}
    whole = {} if campaign_sends is None else {"send_to_unsubscribed": campaign_sends}

    decision = journeys.enter(situation(campaign(email(**message), **whole), unsubscribed=True))

    assert expected == decision.move.kind


@pytest.mark.spec("11.04")
def test_subscription_is_judged_when_the_message_is_due() -> None:
    it = campaign({"delay": {"id": "pause", "for": "1h"}}, email())

    assert ("wait", "pause") == outcome(journeys.enter(situation(it, unsubscribed=True)))
    assert ("send", "nudge") == outcome(journeys.next_move(situation(it, at="pause", waited=HOUR)))
    assert journeys.message_due(situation(it, at="nudge", unsubscribed=True), "nudge") is not None


@pytest.mark.spec("6.06")
def test_whatever_became_of_a_message_the_journey_goes_on() -> None:
    it = campaign(email("one"), email("two"))
    failed = Note(kind="due", block="one", text="Email one failed: no recipient")

    decision = journeys.move_on(situation(it, at="one"), "one", [failed])

    assert ("send", "two") == outcome(decision)
    assert failed == decision.notes[0]


def test_a_message_that_may_go_is_not_decided_again() -> None:
    it = campaign(email(), filters={"in": "customers"}, goal={"event": "purchase"}, exit="goal_or_stopped_matching")
    here = situation(it, at="nudge", segments={"customers"})

    assert journeys.check_exit(here) is None
    assert journeys.message_due(here, "nudge") is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"goal_met": True}, ("leave", "goal")),
        ({"segments": set()}, ("leave", "stopped_matching")),
        ({"unsubscribed": True}, ("send", "after")),
        ({"person": {"plan": "free"}}, ("send", "after")),
        ({"ending": "manual"}, ("leave", "manual")),
    ],
)
def test_the_claim_of_a_message_looks_at_everything_again(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    it = campaign(
        email(**{"if": PRO}),
        email("after", send_to_unsubscribed=True),
        filters={"in": "customers"},
        goal={"event": "purchase"},
        exit="goal_or_stopped_matching",
    )
    usual: dict[str, Any] = {"at": "nudge", "segments": {"customers"}, "person": {"plan": "pro"}}

    decision = journeys.message_due(situation(it, **(usual | changes)), "nudge")

    assert decision is not None
    assert expected == outcome(decision)


# What ends a journey whatever the workflow says


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ending": "manual"}, "manual"),
        ({"ending": "manual", "campaign_state": "stopped"}, "manual"),
        ({"campaign_state": "stopped"}, "campaign_stopped"),
        ({"campaign_state": "archived"}, "campaign_archived"),
        ({"person_exists": False}, "person_deleted"),
    ],
)
@pytest.mark.spec("9.05", "10.43")
def test_an_operator_a_stop_and_a_deletion_end_every_journey(changes: dict[str, Any], reason: str) -> None:
    it = campaign({"delay": {"id": "pause", "for": "1h"}}, email(), {"update_person": {"set": {"x": 1}}}, exit="never")

    decisions = [
        journeys.enter(situation(it, **changes)),
        journeys.next_move(situation(it, at="pause", **changes)),
        journeys.check_exit(situation(it, at="nudge", **changes)),
        journeys.message_due(situation(it, at="nudge", **changes), "nudge"),
        journeys.effect_due(situation(it, at="nudge.update_person", **changes), "nudge.update_person"),
        journeys.move_on(situation(it, at="nudge", **changes), "nudge"),
    ]

    for decision in decisions:
        assert decision is not None
        assert ("leave", reason) == outcome(decision)
        assert ("exited", reason) == (decision.state, decision.exit_reason)


def test_a_draining_campaign_lets_its_journeys_finish() -> None:
    it = campaign(email())

    assert ("send", "nudge") == outcome(journeys.next_move(situation(it, at="nudge", campaign_state="stopping")))
