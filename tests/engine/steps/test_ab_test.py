from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from engine import campaigns, journeys
from engine.steps import KINDS, Email
from tests.engine.builders import PRO, campaign, document, email, faults_of, kinds, situation

MANY = range(1, 1001)

VALUES: dict[str, Any] = {
    "name": "Another name",
    "subject": "Another subject",
    "body": "<p>Another body</p>",
    "text": "Another text",
    "preheader": "Another line",
    "from": "other@shop.example",
    "to": "{{customer.work_email}}",
    "reply_to": "other@shop.example",
    "cc": ["other@shop.example"],
    "bcc": "other@shop.example",
    "bcc_as": "separate",
    "headers": {"X-Other": "1"},
    "tracking": False,
    "sending": "off",
    "send_to_unsubscribed": True,
    "unknown_outcome": "resend",
    "language": "jinja2",
}
"""A value of its own for every key of an email."""


def arms(ab_test: dict[str, Any], **fields: Any) -> tuple[Email, Email]:
    """Return original and variation of an email."""
    original = campaign(email(**fields, ab_test=ab_test)).plan.blocks["nudge"]
    assert isinstance(original, Email)
    assert original.ab_test is not None
    variation = original.ab_test.variation
    assert isinstance(variation, Email)
    return original, variation


def who_gets_it(share: float) -> set[int]:
    """Return the journeys that get the variation."""
    plan = campaign(email(ab_test={"share": share, "subject": "B"})).plan
    return {journey for journey in MANY if getattr(plan.step("nudge", journey), "arm", None) == "variation"}


@pytest.mark.spec("6.102")
@pytest.mark.parametrize("key", KINDS["email"].json_schema())
def test_everything_that_an_email_has_may_differ(key: str) -> None:
    original, variation = arms({key: VALUES[key]})

    given = email(**{"body": None if key == "text" else "<p>Hello</p>", key: VALUES[key]})
    assert campaign(given).plan.blocks["nudge"].body() == variation.body()
    assert campaign(email()).plan.blocks["nudge"].body() == original.body()


@pytest.mark.spec("6.102")
def test_what_a_variation_does_not_say_is_as_in_the_original() -> None:
    _, variation = arms({"subject": "B"}, preheader="In short", sending="off", cc="desk@shop.example", **{"if": PRO})
    expected = campaign(
        email(subject="B", preheader="In short", sending="off", cc="desk@shop.example", **{"if": PRO})
    ).plan.blocks["nudge"]

    assert (expected.body(), expected.condition) == (variation.body(), variation.condition)


def test_a_variation_may_be_without_what_the_original_has() -> None:
    _, variation = arms({"cc": [], "headers": {}, "sending": "automatic"}, cc="a@b.example", headers={"X-A": "1"})

    assert ((), {}, "automatic") == (variation.cc, variation.headers, variation.sending)


def test_a_new_body_does_not_go_out_with_the_text_of_the_original() -> None:
    _, variation = arms({"body": "<p>B</p>"}, text="A")
    _, plain = arms({"text": "B"}, text="A")

    assert ("<p>B</p>", None) == (variation.html, variation.text)
    assert (None, "B") == (plain.html, plain.text)


@pytest.mark.spec("6.101")
def test_nobody_gets_the_variation_unless_a_share_says_so() -> None:
    plan = campaign(email(ab_test={"subject": "B"})).plan

    assert {"original"} == {getattr(plan.step("nudge", journey), "arm", None) for journey in MANY}
    assert (set(), set(MANY)) == (who_gets_it(0), who_gets_it(100))


@pytest.mark.spec("6.101")
@pytest.mark.parametrize("share", [0, 0.01, 12.25, 30, 99.99, 100])
def test_any_split_is_allowed_and_written_as_it_was(share: float) -> None:
    written = campaigns.to_document(campaign(email(ab_test={"share": share})))

    assert share == written["workflow"][0]["email"]["ab_test"]["share"]


@pytest.mark.spec("6.103")
def test_a_larger_share_takes_in_more_journeys_and_lets_go_of_none() -> None:
    shares = [0, 0.01, 10, 30, 30.5, 99, 100]

    assert all(who_gets_it(less) <= who_gets_it(more) for less, more in pairwise(shares))
    assert 250 < len(who_gets_it(30)) < 350


@pytest.mark.spec("6.103")
def test_a_message_that_was_begun_stays_what_it_is_whatever_the_share() -> None:
    nobody, everybody = [campaign(email(ab_test={"share": share, "sending": "off"})) for share in (0, 100)]

    assert "skipped" in [kind for kind, _ in kinds(_due(nobody, begun="variation"))]
    assert None is journeys.message_due(situation(everybody, at="nudge", begun="original"), "nudge")


@pytest.mark.spec("6.102", "7.05")
def test_only_the_arm_that_is_off_is_skipped_and_the_log_names_it() -> None:
    it = campaign(email(ab_test={"share": 50, "sending": "off"}))
    decided = [journeys.enter(situation(it, journey=journey)) for journey in MANY]

    said = {(decision.move.kind, decision.notes[1].text) for decision in decided}
    assert {
        ("send", "Email nudge (original) is due"),
        ("leave", "Skipped nudge (variation): its sending is off"),
    } == said


def test_the_subscription_is_that_of_the_arm() -> None:
    it = campaign(email(ab_test={"share": 50, "send_to_unsubscribed": True}))
    decided = [journeys.enter(situation(it, journey=journey, unsubscribed=True)) for journey in MANY]

    said = {(decision.move.kind, decision.notes[1].text) for decision in decided}
    assert {
        ("send", "Email nudge (variation) is due"),
        ("leave", "Withheld nudge (original): the person has unsubscribed"),
    } == said


@pytest.mark.parametrize(
    ("ab_test", "place", "remedy"),
    [
        ("B", "", "`key: value`"),
        ({"share": "a third"}, ".share", "from 0 to 100"),
        ({"share": -1}, ".share", "from 0 to 100"),
        ({"share": 100.5}, ".share", "from 0 to 100"),
        ({"share": 33.333}, ".share", "two decimals"),
        ({"share": True}, ".share", "from 0 to 100"),
        ({"share": float("nan")}, ".share", "from 0 to 100"),
        ({"subject": "{{ nobody.x }}"}, ".subject", "A template can read"),
        ({"headers": {"Subject": "x"}}, ".headers.Subject", "own keys"),
        ({"cc": ["a@b.example", "x"]}, ".cc[1]", "Write one"),
        ({"sending": "draft"}, ".sending", "Write automatic"),
        ({"body": {"file": "b.html"}}, ".body", "Apply the document"),
        ({"language": "jinja2"}, ".subject", ""),
        ({"subjct": "B"}, ".subjct", "Did you mean `subject`?"),
        ({"id": "b"}, ".id", "Known here: share, name, subject"),
        ({"if": PRO}, ".if", "Known here: share, name, subject"),
        ({"ab_test": {"share": 10}}, ".ab_test", "Known here: share, name, subject"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(ab_test: Any, place: str, remedy: str) -> None:
    [fault] = faults_of(document(email(subject="{{customer.name | default: 'you'}}", ab_test=ab_test)))

    assert f"workflow[0].email.ab_test{place}" == fault.place
    assert remedy in fault.remedy


def test_a_fault_of_the_original_is_not_said_again_of_the_variation() -> None:
    bad = {"subject": "{{ nobody.x }}", "to": "nobody", "if": {"attribut": "x", "equals": 1}}

    assert ["if.attribut", "subject", "to", "ab_test.subject"] == [
        fault.place.removeprefix("workflow[0].email.")
        for fault in faults_of(document(email(**bad, ab_test={"share": 10, "subject": "{{ nobody.x }}"})))
    ]


def test_a_message_without_a_person_has_no_test() -> None:
    [fault] = faults_of(document({"webhook": {"id": "crm", "url": "https://x.example", "ab_test": {"share": 10}}}))

    assert "workflow[0].webhook.ab_test" == fault.place


def _due(it: Any, **standing: Any) -> Any:
    decision = journeys.message_due(situation(it, at="nudge", **standing), "nudge")
    assert decision is not None
    return decision
