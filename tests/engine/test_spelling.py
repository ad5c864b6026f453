"""Whoever corrects a mistyped key must not meet the next fault only then."""

from __future__ import annotations

from typing import Any

import pytest

from engine import segments, spelling
from engine.errors import DocumentError
from tests.engine.builders import document, email, faults_of


def told(written: object) -> list[tuple[str, str]]:
    """Return place and problem of every fault of a campaign."""
    return [(fault.place, fault.problem) for fault in faults_of(written)]


def test_what_is_wrong_behind_a_mistyped_key_is_told_with_it_where_it_is_written() -> None:
    trigger = {"conditon": {"all": [{"in": "a"}, {"on": "b"}]}}

    assert [
        ("trigger.conditon", "`conditon` is not known here."),
        ("trigger.conditon.all[1].on", "`on` is not a key of a condition."),
    ] == told(document(trigger=trigger))


def test_what_is_there_under_a_mistyped_key_is_not_missing_as_well() -> None:
    written = email()
    written["email"]["subjct"] = written["email"].pop("subject")

    assert [("workflow[0].email.subjct", "`subjct` is not known here.")] == told(document(written))


@pytest.mark.parametrize(
    ("block", "places"),
    [
        ({"dealy": {"fr": "1h"}}, ["dealy", "dealy.fr"]),
        ({"dealay": "soon"}, ["dealay", "dealay.for"]),
        (
            {"branch": {"if": {"atribute": "a", "equal": {}}}},
            ["branch.if.atribute", "branch.if.equal", "branch.if.equal"],
        ),
        (
            {"brnch": {"thn": [{"dlay": "soon"}]}},
            ["brnch", "brnch.thn", "brnch.thn[0].dlay", "brnch.thn[0].dlay.for"],
        ),
    ],
)
def test_mistyped_keys_within_each_other_are_looked_behind(block: dict[str, Any], places: list[str]) -> None:
    assert [f"workflow[0].{place}" for place in places] == [place for place, _ in told(document(block))]


def test_a_key_that_is_there_beside_its_mistyped_double_is_the_one_that_counts() -> None:
    twice = email(subject="Hello", subjct=7, subjet=7)
    missing = email(subject=None, subjct=7, subjet=7)
    del missing["email"]["subject"]

    assert ["subjct", "subjet"] == [place.rpartition(".")[2] for place, _ in told(document(twice))]
    assert ["subjct", "subjct", "subjet"] == [place.rpartition(".")[2] for place, _ in told(document(missing))]


def test_what_is_only_somewhat_like_a_known_key_is_asked_about_and_not_read_as_it() -> None:
    assert [("workflow[0].delay", "`for` is missing."), ("workflow[0].delay.fro", "`fro` is not known here.")] == [
        (place.removesuffix(".for"), problem) for place, problem in told(document({"delay": {"fro": 7}}))
    ]


def test_a_test_of_two_messages_tells_each_fault_once() -> None:
    assert ["ab_test.subjct", "ab_test.subjct"] == [
        place.removeprefix("workflow[0].email.")
        for place, _ in told(document(email(ab_test={"subjct": "{{ nobody }}"})))
    ]


def test_a_segment_is_looked_through_as_well() -> None:
    with pytest.raises(DocumentError) as refused:
        segments.parse({"name": "A", "conditions": {"attribute": "plan", "equal": {}}})

    assert ["conditions", "conditions.equal", "conditions.equal"] == [fault.place for fault in refused.value.faults]


def test_the_same_name_spelled_by_somebody_else_comes_first() -> None:
    done = ["login", "order_shipped", "orders_placed", "OrderPlaced", "order-placed", "order_placed"]

    assert ["OrderPlaced", "order-placed", "orders_placed"] == spelling.alike("order_placed", done)
    assert [] == spelling.alike("!", ["?", "a"])
