"""What is told of a value that has another form than its place takes: once, and with the form that is right."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.builders import document, email, faults_of


@pytest.mark.parametrize(
    ("block", "remedy"),
    [
        ({"exit": "now"}, "Write `- exit`, without anything behind it."),
        ({"update_segment": "vip"}, "Write `update_segment: {add: vip}`."),
        ({"email": "hello"}, "Write `email: {id: welcome, subject: …, body: …}`."),
        ({"branch": ["exit"]}, "Write `branch: {if: …, then: […], else: […]}`."),
    ],
)
def test_a_block_that_is_no_mapping_is_told_how_it_is_written(block: dict[str, Any], remedy: str) -> None:
    [fault] = faults_of(document(block))

    assert (f"workflow[0].{next(iter(block))}", remedy) == (fault.place, fault.remedy)


def test_a_goal_that_is_no_mapping_is_told_how_it_is_written() -> None:
    [fault] = faults_of(document("exit", goal="purchase"))

    assert ("goal", "Write {event: purchase}, {enters: paid} or {leaves: trial}.") == (fault.place, fault.remedy)


def test_only_what_may_be_left_out_is_told_so() -> None:
    remedies = {fault.place: fault.remedy for fault in faults_of(document(email(subject=5, name=["a"]), name=5))}

    assert remedies == {
        "name": "Write a text.",
        "workflow[0].email.name": 'Write a text, such as "…", or leave it out.',
        "workflow[0].email.subject": "Write a text.",
    }


@pytest.mark.parametrize(("more", "asked"), [({}, True), ({"event": "x"}, False)])
def test_an_event_that_is_given_a_name_is_asked_whether_that_is_its_event(more: dict[str, Any], asked: bool) -> None:
    [fault] = faults_of(document({"send_event": {"name": "x"} | more}))

    assert ("workflow[0].send_event.name", "`name` is not known here.") == (fault.place, fault.problem)
    assert asked is (fault.remedy == "Did you mean `event`?")


def test_a_block_with_a_key_beside_it_is_read_all_the_same() -> None:
    faults = faults_of(document(email("a", subject=5) | {"if": {"in": "vip"}}, email("a")))

    assert ["workflow[0]", "workflow[0].email.subject", "workflow[1].email.id"] == [fault.place for fault in faults]
