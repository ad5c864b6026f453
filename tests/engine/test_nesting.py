from __future__ import annotations

import pytest

from engine.errors import DocumentError
from engine.nesting import circles, dependents, refuse_circle

USES = {"a": {"b"}, "b": {"c", "d"}, "c": set[str](), "e": {"a", "missing"}}


def test_dependents_are_found_through_others() -> None:
    assert {"a", "b", "e"} == dependents("c", USES)
    assert {"e"} == dependents("missing", USES)
    assert frozenset() == dependents("e", USES)


def test_what_has_no_circle_is_let_through() -> None:
    for key in ("a", "b", "c", "e", "new"):
        refuse_circle(key, USES)


@pytest.mark.parametrize(
    ("uses", "way"),
    [
        ({"a": {"a"}}, "a → a"),
        ({"a": {"b"}, "b": {"c", "d"}, "d": {"a"}}, "a → b → d → a"),
    ],
)
@pytest.mark.spec("3.15")
def test_a_circle_is_refused_with_the_way_round(uses: dict[str, set[str]], way: str) -> None:
    with pytest.raises(DocumentError, match=way):
        refuse_circle("a", uses)


def test_a_circle_that_the_segment_only_leads_into_is_not_its_own_and_ends_the_search() -> None:
    refuse_circle("x", {"x": {"a"}, "a": {"b"}, "b": {"a"}})

    assert {"x", "b"} == dependents("a", {"x": {"a"}, "a": {"b"}, "b": {"a"}})


@pytest.mark.spec("3.15")
def test_each_circle_is_told_once_at_the_place_of_the_first_segment_on_it() -> None:
    uses = {"x": {"a"}, "a": {"b", "c"}, "b": {"a"}, "c": {"a"}, "d": {"e"}, "e": {"d"}}

    found = circles({key: f"{key}.condition" for key in "xabcd"}, uses)

    assert [("a.condition", "a → c → a"), ("b.condition", "b → a → b"), ("d.condition", "d → e → d")] == [
        (fault.place, fault.problem.partition(": ")[2].rstrip(".")) for fault in found.values()
    ]
    assert ["a", "b", "d"] == list(found)
