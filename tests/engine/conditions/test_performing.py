from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.conditions import Performed, Question, Scope, document, question_document, question_from, touches
from engine.errors import DocumentError
from tests.engine.conditions.builders import faults_of, read

BOUGHT = {"event": "bought"}
EVENT = {"path": "total", "equals": 5}


def asked(**performed: Any) -> Performed:
    condition = read({"performed": performed}, Scope.PERSON)
    assert isinstance(condition, Performed)
    return condition


@pytest.mark.parametrize(
    ("written", "least", "most", "newest"),
    [
        ({}, 1, None, 0),
        ({"at_least": 3}, 3, None, 0),
        ({"at_most": 3}, 0, 3, 0),
        ({"exactly": 3}, 3, 3, 0),
        ({"within": "7d"}, 1, None, 1),
        ({"within": "7d", "at_least": 3}, 3, None, 3),
        ({"within": "7d", "at_most": 3}, 0, 3, 4),
        ({"within": "7d", "exactly": 3}, 3, 3, 4),
        ({"at_least": 1_000_000}, 1_000_000, None, 0),
        ({"within": "3650d", "at_least": 1000}, 1000, None, 1000),
    ],
)
def test_a_count_keeps_no_more_instants_than_it_can_tell_apart(
    written: dict[str, Any], least: int, most: int | None, newest: int
) -> None:
    condition = asked(**BOUGHT, **written)
    within = timedelta(days=int(written["within"][:-1])) if "within" in written else None

    assert Performed(Question("event", "bought", newest=newest), least, most, within) == condition
    assert condition == read(document(condition), Scope.PERSON)


def test_a_document_goes_there_and_back() -> None:
    written = {"page": {"contains": r"a\|b"}, "at_least": 2, "within": "1d12h", "where": [EVENT]}

    assert {"performed": written} == document(asked(**written))
    assert asked(**written).question.name == "a|b"


def test_names_are_trimmed_as_those_of_events_are() -> None:
    assert asked(event=" bought ") == asked(event="bought")


def test_conditions_that_ask_nothing_are_none() -> None:
    assert asked(event="bought", where=[]) == asked(event="bought", where={"any": []}) == asked(event="bought")


@pytest.mark.parametrize("key", ["performed", "not_performed"])
@pytest.mark.parametrize(
    ("written", "inside", "remedy"),
    [
        ("bought", "", "Write {event: …} or {page: …} or {screen: …}."),
        ({}, "", "Write {event: purchase}, {page: /pricing} or {screen: Home}."),
        ({"within": "7d"}, "", "Write {event: purchase}, {page: /pricing} or {screen: Home}."),
        ({"event": "a", "page": "b"}, ".page", "Write two conditions."),
        ({"event": " "}, ".event", 'Write a text, such as "…", or leave it out.'),
        ({"event": {"contains": "a"}}, ".event", 'Write a text, such as "…", or leave it out.'),
        ({"event": "a" * 1001}, ".event", "Write at most 1000."),
        ({"page": {}}, ".page.contains", "Write {contains: /pricing}; for the whole address write just that."),
        ({"page": {"contains": "a", "equals": "b"}}, ".page.equals", "Known here: contains."),
        (
            {"page": {"contains": "a|b"}},
            ".page.contains",
            r"Write one condition for each part, in a group `any`; a bar that is meant is \|.",
        ),
        (
            {**BOUGHT, "within": "soon"},
            ".within",
            'Write minutes, hours, days or weeks, such as "45m", "1h30m", "2d" or "1w"; "0" is no time at all.',
        ),
        ({**BOUGHT, "within": 0}, ".within", "Write 1m to 3650d, or leave it out for ever."),
        ({**BOUGHT, "within": "3651d"}, ".within", "Write at most 3650 days."),
        ({**BOUGHT, "where": [{"path": "total"}]}, ".where[0]", "Add an operator, such as `equals`."),
        ({**BOUGHT, "where": {"attribute": "plan", "equals": "pro"}}, ".where.attribute", "Use `path`."),
        (
            {**BOUGHT, "where": [{"path": "due", "after": {"ago": "7d"}}]},
            ".where",
            "Write a fixed date; to count the latest events write `within`.",
        ),
        ({**BOUGHT, "withn": "7d"}, ".withn", "Did you mean `within`?"),
    ],
)
def test_a_fault_names_its_place_and_what_would_be_right(key: str, written: Any, inside: str, remedy: str) -> None:
    assert [(f"when.{key}{inside}", remedy)] == [
        (fault.place, fault.remedy) for fault in faults_of({key: written}, Scope.PERSON)
    ]


@pytest.mark.parametrize(
    ("written", "place", "remedy"),
    [
        ({"at_least": 0}, "at_least", "Write 1 to 1000000."),
        ({"at_most": -1}, "at_most", "Write 0 to 1000000."),
        ({"exactly": 1.5}, "exactly", "Write 0 to 1000000."),
        ({"exactly": True}, "exactly", "Write 0 to 1000000."),
        ({"at_least": "3"}, "at_least", "Write 1 to 1000000."),
        ({"at_least": 1_000_001}, "at_least", "Write 1 to 1000000."),
        ({"at_least": 1001, "within": "7d"}, "at_least", "Write 1 to 1000 within a window."),
        ({"at_least": 1, "at_most": 2}, "at_most", "Write one of `at_least`, `at_most` or `exactly`."),
    ],
)
def test_a_count_that_cannot_be_meant_is_refused(written: dict[str, Any], place: str, remedy: str) -> None:
    faults = faults_of({"performed": {**BOUGHT, **written}}, Scope.PERSON)

    assert [(f"when.performed.{place}", remedy)] == [(fault.place, fault.remedy) for fault in faults]


@pytest.mark.parametrize("count", ["at_least", "at_most", "exactly"])
def test_not_performed_takes_no_count(count: str) -> None:
    [fault] = faults_of({"not_performed": {**BOUGHT, count: 2}}, Scope.PERSON)

    assert f"when.not_performed.{count}" == fault.place


@pytest.mark.parametrize("key", ["at_least", "within", "where"])
def test_what_belongs_inside_is_sent_there(key: str) -> None:
    [fault] = faults_of({"performed": BOUGHT, key: 2}, Scope.PERSON)

    assert f"when.{key}" == fault.place
    assert f"Remove it, or move it into `performed`: {{performed: {{{key}: …}}}}." == fault.remedy


def test_an_event_beside_no_subject_is_one_that_was_performed() -> None:
    assert [fault.remedy for fault in faults_of(BOUGHT, Scope.PERSON)] == ["Did you mean `performed`?"]


def test_two_hundred_counts_fit_into_one_document() -> None:
    assert faults_of({"any": [{"performed": BOUGHT}, {"device": {}}] * 100}, Scope.PERSON) == []
    assert len(faults_of({"any": [{"performed": BOUGHT}] * 201}, Scope.PERSON)) == 1


@pytest.mark.parametrize(
    "written",
    [
        {"event": "bought"},
        {"page": {"contains": "a|b".replace("|", r"\|")}, "within": "1d", "at_most": 9},
        {"screen": "Home", "where": {"any": [EVENT, {"path": "items[].sku", "one_of": [1, True, "1"]}]}},
    ],
)
def test_a_question_is_stored_and_found_again(written: dict[str, Any]) -> None:
    [question] = touches(asked(**written)).questions

    assert question is question_from(question_document(question))


def test_documents_that_the_database_holds_to_be_equal_are_one_question() -> None:
    one, other = (asked(event="bought", where=[{"path": "total", "equals": total}]) for total in (5, 5.0))

    assert one.question is other.question
    assert one != asked(event="bought", where=[{"path": "total", "equals": True}])


def test_a_stored_question_of_another_release_is_an_error() -> None:
    with pytest.raises(DocumentError):
        question_from({"touch": "bought", "newest": 0})
