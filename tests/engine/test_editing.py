"""What an edit of a live campaign does to people in flight (behaviour 15)."""

from __future__ import annotations

from typing import Any

import pytest

from engine import journeys
from engine.campaigns import Campaign
from engine.decisions import Decision
from tests.engine.builders import HOUR, NOW, campaign, email, situation

PAUSE = {"delay": {"id": "pause", "for": "2h"}}


def edited(before: Campaign, after: Campaign, at: str, **changes: Any) -> Decision:
    """What a journey at `at` does next once the campaign is edited; it arrived there an hour ago."""
    changes = {"waited": HOUR, **changes}
    return journeys.next_move(situation(after, at=at, previous=before.plan, **changes))


@pytest.mark.spec("15.01")
def test_a_journey_looks_its_block_up_in_the_latest_version() -> None:
    before = campaign(PAUSE, email("old"))
    after = campaign({"delay": {"id": "pause", "for": "1h"}}, email("new"))

    assert "new" == edited(before, after, "pause").block


@pytest.mark.spec("15.02")
def test_nobody_is_sent_back_to_blocks_inserted_before_them() -> None:
    before = campaign(PAUSE, email("last"))
    after = campaign(email("inserted"), PAUSE, email("last"))

    assert ("pause", "wait") == ((decision := edited(before, after, "pause")).block, decision.move.kind)


@pytest.mark.spec("15.20")
def test_an_inserted_block_is_reached_by_those_who_have_not_passed_its_place() -> None:
    before = campaign(PAUSE, email("last"))
    after = campaign(PAUSE, email("inserted"), email("last"))

    assert "inserted" == edited(before, after, "pause", waited=2 * HOUR).block
    assert "leave" == journeys.move_on(situation(after, at="last", previous=before.plan), "last").move.kind


@pytest.mark.spec("15.12", "15.26")
@pytest.mark.parametrize(
    ("following", "block", "kind"),
    [
        (email("last"), "last", "send"),
        ({"update_person": {"id": "mark", "set": {"x": 1}}}, "mark", "act"),
        ({"delay": {"id": "next", "for": "3h"}}, "next", "wait"),
    ],
)
def test_people_in_a_deleted_delay_go_to_the_next_block_at_once(following: Any, block: str, kind: str) -> None:
    before = campaign(PAUSE, following)
    after = campaign(following)

    decision = edited(before, after, "pause")

    assert (block, NOW, kind) == (decision.block, decision.arrived_at, decision.move.kind)
    assert ("moved", "pause") == (decision.notes[0].kind, decision.notes[0].block)


@pytest.mark.spec("15.26")
def test_a_journey_goes_on_behind_its_deleted_block_wherever_that_still_exists() -> None:
    fork = {"branch": {"id": "fork", "if": {"attribute": "plan", "exists": True}, "then": [PAUSE, email("gone")]}}
    before = campaign(fork, email("gone-too"), email("kept"))
    after = campaign(email("kept"))

    assert "kept" == edited(before, after, "pause").block


@pytest.mark.spec("15.26")
def test_a_journey_finishes_if_nothing_followed_its_deleted_block() -> None:
    before = campaign(email("first"), PAUSE)
    after = campaign(email("first"))

    assert "finished" == edited(before, after, "pause").state


def test_a_message_deleted_while_it_was_due_is_not_sent() -> None:
    before = campaign(email("gone"), email("kept"))
    after = campaign(email("kept"))

    decision = journeys.message_due(situation(after, at="gone", previous=before.plan), "gone")

    assert decision is not None
    assert ("send", "kept") == (decision.move.kind, decision.block)


def test_a_message_deleted_while_it_was_sent_is_followed_by_what_followed_it() -> None:
    before = campaign(email("gone"), email("kept"))
    after = campaign(email("kept"))

    decision = journeys.move_on(situation(after, at="gone", previous=before.plan), "gone")

    assert "kept" == decision.block
    assert ["due"] == [note.kind for note in decision.notes]


def test_a_change_of_data_deleted_while_it_was_due_is_not_carried_out() -> None:
    before = campaign({"update_person": {"id": "gone", "set": {"x": 1}}}, email("kept"))
    after = campaign(email("kept"))

    decision = journeys.effect_due(situation(after, at="gone", previous=before.plan), "gone")

    assert decision is not None
    assert "kept" == decision.block


def test_a_change_of_data_that_was_renamed_while_it_was_due_is_still_carried_out() -> None:
    mark = {"update_person": {"set": {"x": 1}}}
    before = campaign(email("first"), mark, email("last"))
    after = campaign(email("first"), email("inserted"), mark, email("last"))

    decision = journeys.effect_due(
        situation(after, at="first.update_person", previous=before.plan), "first.update_person"
    )

    assert decision is not None
    assert ("act", "inserted.update_person") == (decision.move.kind, decision.block)


def test_a_block_that_became_another_kind_is_arrived_at_anew() -> None:
    after = campaign({"delay": {"id": "nudge", "for": "1h"}}, email("last"))
    here = situation(after, at="nudge")

    for decision in (journeys.message_due(here, "nudge"), journeys.effect_due(here, "nudge")):
        assert decision is not None
        assert ("nudge", NOW + HOUR) == (decision.block, decision.due_at)


def test_a_delay_without_an_id_keeps_its_people_when_a_block_is_inserted_before_it() -> None:
    before = campaign(email("first"), {"delay": "2h"}, email("last"))
    after = campaign(email("first"), email("inserted"), {"delay": "2h"}, email("last"))

    decision = edited(before, after, "first.delay")

    assert ("inserted.delay", NOW - HOUR, NOW + HOUR) == (decision.block, decision.arrived_at, decision.due_at)


def test_a_delay_without_an_id_that_was_deleted_does_not_hand_its_people_to_another_one() -> None:
    before = campaign(email("first"), {"delay": "2h"}, email("middle"), {"delay": "3h"}, email("last"))
    after = campaign(email("first"), email("middle"), {"delay": "3h"}, email("last"))

    assert "middle" == edited(before, after, "first.delay").block


def test_a_deleted_delay_with_an_id_is_not_taken_for_the_one_put_in_its_place() -> None:
    before = campaign(email("first"), PAUSE, email("last"))
    after = campaign(email("first"), {"delay": {"id": "other", "for": "2h"}}, email("last"))

    assert "last" == edited(before, after, "pause").block


def test_a_journey_whose_block_no_plan_knows_is_an_error_and_not_an_end() -> None:
    with pytest.raises(ValueError, match="lost"):
        journeys.next_move(situation(campaign(email()), at="lost"))


def _pause(length: str, block: str = "pause", condition: Any = None) -> Any:
    return {"delay": {"id": block, "for": length} | ({"if": condition} if condition else {})}


FORK = {"branch": {"id": "fork", "if": {"attribute": "plan", "exists": True}, "then": [_pause("2h", "inner")]}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([_pause("2h"), email("last")], [_pause("1h"), email("last")]),
        ([_pause("2h"), email("last")], [_pause("3h"), email("last")]),
        ([_pause("2h"), email("last")], [email("last")]),
        ([_pause("2h"), email("last")], [email("pause"), email("last")]),
        ([{"delay": "2h"}, email("last")], [email("first"), {"delay": "1h"}, email("last")]),
        ([FORK], [{"branch": FORK["branch"] | {"then": [_pause("1h", "inner")]}}]),
    ],
    ids=["shortened", "lengthened", "deleted", "replaced", "renamed and shortened", "inside a branch"],
)
def test_an_edited_wait_releases_somebody(before: list[Any], after: list[Any]) -> None:
    assert campaign(*before).plan.releases_in(campaign(*after).plan)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([_pause("2h"), email("last")], [_pause("120m"), email("last", subject="Better"), email("more")]),
        ([_pause("2h"), email("last")], [email("first"), _pause("2h"), email("last")]),
        ([_pause("2h")], [_pause("2h", condition={"attribute": "plan", "exists": True})]),
        ([{"delay": "2h"}, email("last")], [email("first"), {"delay": "2h"}, email("last")]),
        ([email("one"), email("two")], [email("two")]),
        ([FORK], [{"branch": FORK["branch"] | {"if": {"attribute": "plan", "exists": False}}}]),
    ],
    ids=["the same in other words", "moved", "another condition", "renamed", "no wait", "another fork"],
)
def test_an_edit_that_leaves_the_waits_alone_releases_nobody(before: list[Any], after: list[Any]) -> None:
    assert not campaign(*before).plan.releases_in(campaign(*after).plan)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([email("two")], True),
        ([email("one", subject="Better"), email("two")], False),
        ([email("two"), email("one")], False),
    ],
    ids=["deleted", "edited", "moved"],
)
def test_where_people_wait_at_messages_the_deletion_of_one_releases_somebody(after: list[Any], expected: bool) -> None:
    before = campaign(email("one"), email("two")).plan

    assert expected is before.releases_in(campaign(*after).plan, has_grace=True)
