from __future__ import annotations

from typing import Any

import pytest

from engine.campaigns import Campaign
from engine.review import review
from tests.engine.builders import campaign, email

QUESTION = {"attribute": "plan", "equals": "pro"}
MATCH = {"condition": [{"in": "customers"}, {"not_in": "paying"}]}
ARMS = ("off", "automatic")
BIRTHDAY = {"date": "dates.birthday", "every": "year", "at": "09:00", "timezone": "UTC"}


def found(it: Campaign, **known: Any) -> list[tuple[str, str]]:
    return [(finding.level, finding.place) for finding in review(it, **known)]


def test_a_good_campaign_has_no_findings() -> None:
    it = campaign({"branch": {"if": QUESTION, "then": [email()]}}, filters={"in": "customers"}, goal={"page": "/paid"})

    assert [] == found(
        it,
        known_segments={"customers"},
        archived_segments=set(),
        known_events={("event", "cart_updated"), ("page", "/paid")},
        channels={"email"},
    )


@pytest.mark.spec("12.02")
def test_segments_that_do_not_exist_are_errors() -> None:
    it = campaign(email(**{"if": {"in": "vip"}}), trigger=MATCH, filters={"in": "customers"}, goal={"enters": "paid"})

    assert [
        ("error", "trigger.condition"),
        ("error", "trigger.condition"),
        ("error", "filters"),
        ("error", "goal"),
        ("error", "workflow[0].email.if"),
    ] == found(it, known_segments=set())
    assert [("error", "goal")] == found(it, known_segments={"customers", "paying", "vip"})
    assert [] == found(it)


@pytest.mark.spec("1.18")
def test_segments_that_the_trigger_brings_along_are_there() -> None:
    new = {
        "customers": {"name": "Customers", "condition": [QUESTION, {"in": "nowhere"}]},
        "paying": {"name": "Paying", "manual": True},
    }
    it = campaign(email(), {"update_segment": {"add": "paying"}}, trigger=MATCH | {"segments": new})

    assert [("warning", "trigger.segments.customers.condition")] == found(
        it, known_segments=set(), manual_segments=set()
    )
    assert [("warning", "trigger.segments.customers.condition")] == found(
        it, known_segments={"nowhere"}, archived_segments={"nowhere"}, manual_segments=set()
    )
    assert [] == found(it, known_segments={"nowhere"}, manual_segments=set())
    assert [] == found(it)


@pytest.mark.spec("12.02")
def test_archived_segments_are_errors_anywhere() -> None:
    it = campaign(email(**{"if": {"in": "vip"}}), trigger=MATCH, filters={"in": "staying"}, goal={"enters": "paid"})
    known = {"customers", "paying", "staying", "paid", "vip"}

    assert ["trigger.condition", "filters", "goal", "workflow[0].email.if"] == [
        place
        for segment in ("customers", "staying", "paid", "vip")
        for level, place in found(it, known_segments=known, archived_segments={segment})
        if level == "error"
    ]


@pytest.mark.spec("12.02")
@pytest.mark.parametrize(
    "block",
    [{"update_segment": {"add": "vip"}}, {"batch_update": {"people": {"not_in": "vip"}, "set": {"plan": "free"}}}],
)
def test_segments_of_data_blocks_have_to_be_there_too(block: dict[str, Any]) -> None:
    it = campaign({"delay": "1h"}, block, email())
    [key] = block

    there: dict[str, Any] = {"known_segments": {"vip"}, "manual_segments": {"vip"}}
    assert [] == found(it, **there)
    assert [("error", f"workflow[1].{key}")] == found(it, **there, archived_segments={"vip"})
    assert [("error", f"workflow[1].{key}")] == found(it, known_segments=set(), manual_segments=set())


def test_what_nobody_has_done_or_has_yet_is_a_warning() -> None:
    signed_up = campaign(trigger={"event": "signed_up"}, goal={"event": "purchase"})
    form = campaign(trigger={"form": "newsletter"})
    birthday = campaign(trigger=BIRTHDAY)

    assert [("warning", "trigger"), ("warning", "goal")] == found(
        signed_up, known_events={("page", "signed_up"), ("event", "Purchase")}
    )
    assert [] == found(signed_up, known_events={("event", "signed_up"), ("event", "purchase")})
    assert [("warning", "trigger")] == found(form, known_events=set(), known_forms={"contact"})
    assert [] == found(form, known_events=set(), known_forms={"newsletter"})
    assert [("warning", "trigger.date")] == found(birthday, known_attributes={"birthday"})
    assert [] == found(birthday, known_attributes={"dates"})


@pytest.mark.spec("12.03")
def test_that_nobody_matches_now_is_a_warning() -> None:
    assert [("warning", "trigger.condition")] == found(campaign(trigger=MATCH), matching_now=0)
    assert [] == found(campaign(trigger=MATCH), matching_now=1)


@pytest.mark.spec("12.02")
def test_an_email_needs_a_sender_from_somewhere() -> None:
    nobody = campaign({"branch": {"if": QUESTION, "then": [email()]}}, **{"from": None})
    itself = campaign(email(**{"from": "a@shop.example"}), **{"from": None})

    assert [("error", "workflow[0].branch.then[0].email")] == found(nobody, default_sender="")
    assert [("warning", "workflow[0].branch.then[0].email")] == found(nobody)
    assert [] == found(nobody, default_sender="a@shop.example")
    assert [] == found(itself)


@pytest.mark.spec("12.02")
def test_a_message_needs_its_channel_unless_it_is_off() -> None:
    assert [("error", "workflow[0].email")] == found(campaign(email()), channels={"sms"})
    assert [("warning", "workflow[0].email")] == found(campaign(email(sending="off")), channels={"sms"})


def test_each_arm_of_a_test_is_looked_at() -> None:
    off, on = [campaign(email(sending=one, ab_test={"sending": two})) for one, two in (ARMS, ARMS[::-1])]

    assert [("warning", "workflow[0].email"), ("error", "workflow[0].email.ab_test")] == found(off, channels={"sms"})
    assert [("error", "workflow[0].email"), ("warning", "workflow[0].email.ab_test")] == found(on, channels={"sms"})
    assert [("warning", "workflow[0].email.ab_test")] == found(on)


def test_of_a_variation_only_what_it_says_itself_is_looked_at() -> None:
    late = {"goal": {"event": "purchase", "after": "clicked"}, "trigger": BIRTHDAY}
    by_event = "{{event.product}}"

    assert [("error", "workflow[0].email.subject")] == found(
        campaign(email(subject=by_event, ab_test={"preheader": "B"}), **late)
    )
    assert [("error", "workflow[0].email.ab_test.preheader"), ("warning", "workflow[0].email.ab_test")] == found(
        campaign(email(ab_test={"preheader": by_event, "tracking": False}), **late)
    )


def test_a_data_campaign_needs_no_message_and_has_nobody_to_ask_about() -> None:
    by_data = {"branch": {"if": {"data": "x", "exists": True}, "then": ["exit"]}}
    by_person = {"branch": {"if": QUESTION, "then": ["exit"]}}
    by_segment = {"delay": {"for": "1h", "if": {"in": "a"}}}

    assert [("warning", "workflow[1].branch.if"), ("warning", "workflow[2].delay.if")] == found(
        campaign(by_data, by_person, by_segment, trigger="webhook"), known_segments={"a"}
    )


@pytest.mark.spec("12.03")
def test_an_email_that_is_not_tracked_is_a_warning_where_the_goal_counts_clicks() -> None:
    goals = {basis: {"event": "purchase", "after": basis} for basis in ("received", "opened", "clicked")}
    untracked = {basis: found(campaign(email(tracking=False), goal=goal)) for basis, goal in goals.items()}

    warned = [("warning", "workflow[0].email")]
    assert {"received": [], "opened": warned, "clicked": warned} == untracked
    assert [] == found(campaign(email(), goal=goals["clicked"]))


@pytest.mark.spec("12.03")
@pytest.mark.parametrize(
    ("workflow", "place"),
    [
        ([email(sending="off")], "workflow[0].email"),
        ([{"branch": {"then": [email()]}}], "workflow[0].branch"),
        ([email(), {"branch": {"if": QUESTION}}], "workflow[1].branch"),
        ([email(), "exit", {"delay": "1h"}], "workflow[2].delay"),
        ([{"delay": "1h"}], "workflow"),
    ],
)
def test_what_is_probably_not_meant_is_a_warning(workflow: list[Any], place: str) -> None:
    assert [("warning", place)] == found(campaign(*workflow))
