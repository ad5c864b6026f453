from __future__ import annotations

from typing import Any

import pytest

from engine.campaigns import Campaign
from engine.review import review
from tests.engine.builders import campaign, email

QUESTION = {"attribute": "plan", "equals": "pro"}


def found(it: Campaign, **known: Any) -> list[tuple[str, str]]:
    return [(finding.level, finding.place) for finding in review(it, **known)]


def test_a_good_campaign_has_no_findings() -> None:
    it = campaign({"branch": {"if": QUESTION, "then": [email()]}}, filters={"in": "customers"})

    assert [] == found(it, known_segments={"customers"})


def test_segments_that_do_not_exist_are_errors() -> None:
    it = campaign(email(**{"if": {"in": "vip"}}), filters={"in": "customers"}, goal={"enters": "paid"})

    assert [("error", "filters"), ("error", "goal"), ("error", "workflow[0].email.if")] == found(
        it, known_segments=set()
    )
    assert [("error", "goal")] == found(it, known_segments={"customers", "vip"})
    assert [] == found(it)


def test_an_email_needs_a_sender_from_somewhere() -> None:
    nobody = campaign({"branch": {"if": QUESTION, "then": [email()]}}, **{"from": None})
    itself = campaign(email(**{"from": "a@shop.example"}), **{"from": None})

    assert [("error", "workflow[0].branch.then[0].email")] == found(nobody)
    assert [] == found(nobody, default_sender="a@shop.example")
    assert [] == found(itself)


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
