from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml

from engine.conditions import AnyOf, InSegment, Leaf, Path, Relative, SameItem, Scope, Subject, document, parse
from engine.conditions.tree import All
from engine.errors import Fault
from tests.engine.conditions.builders import faults_of, read

PRO = {"attribute": "plan", "equals": "pro"}


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = PRO
    for _ in range(depth):
        inner = {"all": [inner]}
    return inner


def test_a_document_becomes_a_tree() -> None:
    text = """
        any:
          - {attribute: plan, one_of: [pro, 5, true]}
          - {not_in: paused}
          - {attribute: "orders[]", same_item: [{path: placed, after: {ago: 7d}}]}
    """
    recent = Leaf(Subject.PATH, Path(("placed",)), "after", Relative(timedelta(days=-7)))

    [first, second, third] = read(yaml.safe_load(text)).parts  # type: ignore[union-attr]  # a group, or the test fails

    assert Leaf(Subject.ATTRIBUTE, Path(("plan",)), "one_of", ("pro", 5, True)) == first
    assert InSegment("paused", negative=True) == second
    assert isinstance(third, SameItem)
    assert All((recent,)) == third.where


@pytest.mark.parametrize(
    ("operator", "written", "kept"),
    [
        ("equals", date(2024, 1, 2), "2024-01-02"),
        ("equals", datetime(2024, 1, 2, 3, 4, 5), "2024-01-02T03:04:05Z"),  # noqa: DTZ001  # as YAML gives it
        ("before", date(2024, 1, 2), datetime(2024, 1, 2, tzinfo=UTC)),
        ("before", 1_704_164_645, datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("after", {"from_now": {"days": 1}}, Relative(timedelta(days=1))),
        ("greater_than", "5", 5),
        ("contains", 5, ("5",)),
        ("contains", 0.5, ("0.5",)),
        ("contains", 1e-7, ("0.0000001",)),
        ("contains", r"a\|b|c", ("a|b", "c")),
        ("between", ["1", 2.5], (1, 2.5)),
        ("equals", 5.0, 5),
        ("one_of", [1.0, True], (1, True)),
    ],
)
def test_operands_are_settled_when_the_document_is_read(operator: str, written: Any, kept: Any) -> None:
    condition = read({"attribute": "x", operator: written})

    assert Leaf(Subject.ATTRIBUTE, Path(("x",)), operator, kept) == condition
    assert condition == read(document(condition))


def test_conditions_that_differ_only_in_the_type_of_a_value_are_different() -> None:
    assert read({"attribute": "x", "equals": 1}) != read({"attribute": "x", "equals": True})
    assert read({"attribute": "x", "one_of": [1, 0]}) != read({"attribute": "x", "one_of": [True, False]})


@pytest.mark.parametrize(
    ("document", "place", "remedy"),
    [
        (None, "when", "Write `attribute`, `data`, `in` or `not_in` with what it must be, or a group: {all: [...]}."),
        ("plan", "when", "Write `attribute`, `data`, `in` or `not_in` with what it must be, or a group: {all: [...]}."),
        ({"atribute": "plan", "equals": "pro"}, "when.atribute", "Did you mean `attribute`?"),
        ({"attribute": "plan", "greater_then": 5}, "when.greater_then", "Did you mean `greater_than`?"),
        ({"attribute": "plan", "gte": 5}, "when.gte", "Did you mean `at_least`?"),
        ({"attribute": "plan", "is": 5}, "when.is", "Did you mean `equals`?"),
        (
            {5: "plan"},
            "when.5",
            "A condition is `attribute`, `data`, `in` or `not_in` with one operator, such as `equals`.",
        ),
        ({"path": "plan", "equals": "pro"}, "when.path", "Use `attribute`, `data`, `in` or `not_in`."),
        ({"equals": "pro"}, "when", "Add `attribute`, `data`, `in` or `not_in`."),
        ({"attribute": "plan"}, "when", "Add an operator, such as `equals`."),
        ({"attribute": "plan", "data": "plan", "equals": "pro"}, "when.data", "Write two conditions."),
        ({"attribute": "plan", "equals": "pro", "exists": True}, "when.exists", "Write two conditions."),
        ({"in": "vip", "equals": "pro"}, "when.equals", "Remove it."),
        ({"in": ["vip"]}, "when.in", "Write one key."),
        ({"not_in": ""}, "when.not_in", "Write one key."),
        ({"all": PRO}, "when.all", "Write `all: [...]`."),
        ({"all": [PRO], "any": [PRO]}, "when.any", "Put it into a condition of its own inside `all`."),
        ({"all": [PRO], "in": "vip"}, "when.in", "Put it into a condition of its own inside `all`."),
        (
            {"all": [PRO, [PRO]]},
            "when.all[1]",
            "Write `attribute`, `data`, `in` or `not_in` with what it must be, or a group: {all: [...]}.",
        ),
        ({"attribute": "a", "same_item": [{"path": "b", "equals": 1}]}, "when.attribute", 'Write "a[]".'),
        ({"attribute": "a[]", "same_item": []}, "when.same_item", "Write conditions on `path`, read from the item."),
        ({"attribute": "a[]", "same_item": [{"in": "vip"}]}, "when.same_item[0].in", "Use `path`."),
    ],
)
def test_a_fault_names_its_place_and_what_would_be_right(document: Any, place: str, remedy: str) -> None:
    assert [(place, remedy)] == [(fault.place, fault.remedy) for fault in faults_of(document)]


@pytest.mark.parametrize(
    ("operator", "operand", "inside", "problem"),
    [
        ("equals", None, "", "Nothing is not a value."),
        ("equals", ["a"], "", "['a'] is not a single value."),
        ("equals", float("nan"), "", "nan is not a number."),
        ("equals", 2**64, "", "18446744073709551616 is too large a number."),
        ("less_than", 1e300, "", "1e+300 is too large a number."),
        ("one_of", "a", "", "This is not a list of values."),
        ("one_of", [], "", "This is not a list of values."),
        ("one_of", ["a"] * 1001, "", "This is not a list of values."),
        ("one_of", ["a", None], "[1]", "Nothing is not a value."),
        ("contains", "", "", "'' is not a text."),
        ("contains", "a|", "", "There is nothing on one side of a bar."),
        ("contains", True, "", "True is not a text."),
        ("starts_with", 44, "", "44 is not a text."),
        ("ends_with", "", "", "'' is not a text."),
        ("greater_than", "ten", "", "'ten' is not a number."),
        ("at_most", date(2024, 1, 1), "", "datetime.date(2024, 1, 1) is not a number."),
        ("exists", "yes", "", "'yes' is neither true nor false."),
        ("is_true", False, "", "This operator takes only true."),
        ("before", "soon", "", "'soon' is not a date."),
        ("before", 1_700_000_000_000, "", "1700000000000 is not a date."),
        ("after", {"in": "7d"}, "", "A moving date is either `ago` or `from_now`."),
        ("after", {"ago": "7d", "from_now": "7d"}, "", "A moving date is either `ago` or `from_now`."),
        ("after", {"ago": "7"}, ".ago", "'7' is not a duration."),
        ("between", [1], "", "This is not a range."),
        ("between", [1, "2024-01-01"], "[0]", "1 is not a date."),
        ("between", ["2024-01-01", "soon"], "[1]", "'soon' is not a date."),
        ("between", [2, 1], "", "The range begins after its end."),
        ("matches", "a" * 1001, "", "The pattern is too long."),
        ("matches", "(a", "", "The pattern cannot be used: missing ): (a."),
        ("matches", "(?=a)", "", "The pattern cannot be used: invalid perl operator: (?=."),
        ("matches", r"(\pL{100}){10}", "", "The pattern cannot be used: pattern too large - compile failed."),
        ("matches", "\ud800", "", "The pattern cannot be used: it is not valid Unicode."),
    ],
)
def test_an_operand_that_cannot_be_meant_is_refused(operator: str, operand: Any, inside: str, problem: str) -> None:
    [fault] = faults_of({"all": [PRO, {"attribute": "x", operator: operand}]})

    assert (f"when.all[1].{operator}{inside}", problem) == (fault.place, fault.problem)
    assert fault.remedy


@pytest.mark.spec("5.47")
@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.PERSON, {"attribute", "performed", "not_performed", "device", "no_device", "in", "not_in"}),
        (Scope.FILTERS, {"in", "not_in"}),
        (Scope.EVENT_DATA, {"path"}),
        (Scope.JOURNEY, {"attribute", "data", "in", "not_in"}),
    ],
)
def test_a_scope_takes_its_own_subjects_and_no_other(scope: Scope, allowed: set[str]) -> None:
    documents: dict[str, Any] = {subject: {subject: "x", "equals": 1} for subject in ("attribute", "data", "path")}
    documents |= {key: {key: "vip"} for key in ("in", "not_in")}
    documents |= {key: {key: {"event": "bought"}} for key in ("performed", "not_performed")}
    documents |= {key: {key: {}} for key in ("device", "no_device")}

    assert allowed == {subject for subject, one in documents.items() if not faults_of(one, scope)}


def test_every_fault_of_a_document_is_found_at_once() -> None:
    document = {
        "any": [{"attribute": "a[", "equals": None}, {"all": [{"in": 5}, {"attribute": "b", "before": "soon"}]}]
    }

    places = [fault.place for fault in faults_of(document)]

    assert places == [
        "when.any[0].attribute",
        "when.any[0].equals",
        "when.any[1].all[0].in",
        "when.any[1].all[1].before",
    ]


def test_groups_nest_ten_deep_and_no_deeper() -> None:
    assert faults_of(nested(10)) == []
    assert [
        Fault(
            place="when" + ".all[0]" * 10 + ".all",
            problem="Groups are nested more than 10 deep.",
            remedy="Move the inner part to a segment.",
        )
    ] == faults_of(nested(11))


@pytest.mark.parametrize("part", [PRO, {"all": []}])
def test_a_document_has_at_most_two_hundred_conditions_and_as_many_groups(part: Any) -> None:
    assert faults_of({"any": [part] * 199}) == []
    assert len(faults_of({"any": [part] * 100_000})) == 1


def test_a_document_that_contains_itself_is_refused() -> None:
    document: dict[str, Any] = {"all": []}
    document["all"].append(document)

    assert len(faults_of(document)) == 1


def test_an_empty_place_stands_for_the_document_itself() -> None:
    faults: list[Fault] = []
    parse([PRO, {"attribute": "x"}, {"in": 1}], place="", scope=Scope.PERSON, faults=faults)

    assert [fault.place for fault in faults] == ["[1]", "[2].in"]


def test_faults_found_earlier_do_not_count() -> None:
    faults = [Fault(place="name", problem="No name.", remedy="Write one.")]

    assert AnyOf((InSegment("vip"),)) == parse({"any": [{"in": "vip"}]}, place="", scope=Scope.FILTERS, faults=faults)
