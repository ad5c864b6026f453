from __future__ import annotations

from typing import Any

import pytest

from engine import journeys
from tests.engine.builders import PRO, campaign, email, kinds, outcome, situation


@pytest.mark.spec("6.90")
def test_a_branch_takes_the_path_of_its_answer_and_the_paths_meet_again() -> None:
    fork = {"branch": {"id": "fork", "if": PRO, "then": [email("yes")], "else": [email("no")]}}
    it = campaign(fork, email("after"))

    pro = journeys.enter(situation(it, person={"plan": "pro"}))

    assert ("send", "yes") == outcome(pro)
    assert ("branched", "fork") == kinds(pro)[1]
    assert pro.notes[1].seen["if"]["holds"] is True
    assert ("send", "no") == outcome(journeys.enter(situation(it)))
    assert ("send", "after") == outcome(journeys.move_on(situation(it, at="yes"), "yes"))
    assert ("send", "after") == outcome(journeys.move_on(situation(it, at="no"), "no"))


@pytest.mark.spec("5.30", "6.90")
@pytest.mark.parametrize("question", [{}, {"if": {"all": []}}, {"if": []}])
def test_a_branch_without_a_condition_is_false(question: dict[str, Any]) -> None:
    it = campaign({"branch": {"then": [email("yes")], "else": [email("no")], **question}})

    assert ("send", "no") == outcome(journeys.enter(situation(it)))


def test_an_empty_path_leads_to_what_follows_the_branch() -> None:
    inner = {"branch": {"id": "inner", "if": PRO, "then": [email("deep")]}}
    it = campaign(
        {"branch": {"id": "outer", "if": {"attribute": "x", "exists": True}, "then": [inner]}}, email("after")
    )

    assert ("send", "after") == outcome(journeys.enter(situation(it, person={"x": 1})))
    assert ("send", "after") == outcome(journeys.move_on(situation(it, at="deep"), "deep"))


def test_branches_and_conditions_read_the_data_of_the_trigger_event() -> None:
    it = campaign({"branch": {"if": {"data": "total", "at_least": 100}, "then": [email("big")], "else": ["exit"]}})

    assert ("send", "big") == outcome(journeys.enter(situation(it, data={"total": 120})))
    assert ("leave", "finished") == outcome(journeys.enter(situation(it, data={"total": 20})))
