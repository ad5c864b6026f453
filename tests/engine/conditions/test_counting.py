from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.conditions import MISSING, Facts, Scope, holds, next_change
from tests.engine.conditions.builders import NOW, Happened, bought, person, read

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def true_of(document: dict[str, Any], *events: Happened, now: datetime = NOW, **known: Any) -> bool:
    condition = read(document, Scope.PERSON)
    return holds(condition, person(condition, events, now=now, **known))


@pytest.mark.spec("3.06")
@pytest.mark.parametrize("within", [{}, {"within": "45m"}, {"within": "12h"}, {"within": "30d"}])
@pytest.mark.parametrize(
    ("count", "times"),
    [
        ({}, {1, 2, 3, 4}),
        ({"at_least": 2}, {2, 3, 4}),
        ({"at_most": 2}, {0, 1, 2}),
        ({"exactly": 2}, {2}),
        ({"at_most": 0}, {0}),
        ({"exactly": 0}, {0}),
    ],
)
def test_an_event_is_counted_ever_or_within_a_window(
    within: dict[str, Any], count: dict[str, Any], times: set[int]
) -> None:
    document = {"performed": {"event": "bought", **count, **within}}
    long_ago = bought(NOW - 400 * DAY) if within else []

    assert times == {n for n in range(5) if true_of(document, *long_ago, *bought(*[NOW - timedelta(minutes=9)] * n))}


@pytest.mark.spec("3.06")
@pytest.mark.parametrize("within", [{}, {"within": "30d"}])
def test_not_performed_is_true_of_who_never_did_it(within: dict[str, Any]) -> None:
    document = {"not_performed": {"event": "bought", **within}}

    assert true_of(document)
    assert true_of(document, Happened(name="asked", at=NOW))
    assert not true_of(document, *bought(NOW))


@pytest.mark.spec("3.06")
@pytest.mark.parametrize("key", ["performed", "not_performed"])
def test_only_events_whose_data_meets_the_conditions_count(key: str) -> None:
    where = [{"path": "total", "greater_than": 100}, {"path": "items[].sku", "equals": "s1"}]
    document = {key: {"event": "bought", "where": where}}

    def answers(data: Any) -> bool:
        return true_of(document, Happened(at=NOW, data=data)) == (key == "performed")

    assert answers({"total": 101, "items": [{"sku": "s2"}, {"sku": "s1"}]})
    assert not answers({"total": 100, "items": [{"sku": "s1"}]})
    assert not answers({"total": 101, "items": []})
    assert not answers(MISSING)


@pytest.mark.spec("3.07")
@pytest.mark.parametrize("kind", ["page", "screen"])
def test_a_view_is_named_exactly(kind: str) -> None:
    document = {"performed": {kind: "https://x/shop", "at_least": 2}}
    seen = Happened(kind=kind, name="https://x/shop", at=NOW)

    assert true_of(document, seen, seen)
    assert not true_of(document, seen, Happened(kind=kind, name="https://x/shop/2", at=NOW))
    assert not true_of(document, seen, Happened(kind="event", name="https://x/shop", at=NOW))


@pytest.mark.spec("3.07")
@pytest.mark.parametrize(
    ("part", "address", "is_seen"),
    [
        ("/shop", "https://x/shop/2", True),
        ("/shop", "https://x/Shop", False),
        (r"a\|b", "https://x/a|b", True),
        (r"a\|b", "https://x/a", False),
    ],
)
def test_a_page_may_be_named_by_a_part_of_its_address(part: str, address: str, is_seen: bool) -> None:
    document = {"performed": {"page": {"contains": part}, "exactly": 1, "within": "1d"}}

    assert is_seen is true_of(document, Happened(kind="page", name=address, at=NOW))
    assert not true_of(document, Happened(kind="event", name=address, at=NOW))


@pytest.mark.spec("3.08")
def test_the_window_ends_now_and_begins_just_after_its_start() -> None:
    document = {"performed": {"event": "bought", "at_least": 2, "within": "7d"}}

    assert true_of(document, *bought(NOW - 7 * DAY + TICK, NOW))
    assert not true_of(document, *bought(NOW - 7 * DAY, NOW))
    assert not true_of(document, *bought(NOW - DAY, NOW + TICK))


@pytest.mark.spec("3.09")
def test_one_event_leaves_the_window_by_time_alone() -> None:
    condition = read({"performed": {"event": "bought", "within": "7d"}}, Scope.PERSON)
    events = bought(NOW - DAY)

    assert next_change(condition, person(condition, events)) == NOW + 6 * DAY
    assert holds(condition, person(condition, events, now=NOW + 6 * DAY - TICK))
    assert not holds(condition, person(condition, events, now=NOW + 6 * DAY))
    assert next_change(condition, person(condition, events, now=NOW + 6 * DAY)) is None


@pytest.mark.parametrize(
    ("count", "change"),
    [
        ({"at_least": 3}, NOW + DAY),
        ({"at_least": 2}, NOW + 2 * DAY),
        ({"at_least": 4}, None),
        ({"at_most": 2}, NOW + DAY),
        ({"at_most": 3}, None),
        ({"exactly": 2}, NOW + DAY),
        ({"exactly": 3}, NOW + DAY),
        ({"at_most": 0}, NOW + 3 * DAY),
    ],
)
def test_of_several_events_the_one_that_matters_sets_the_time(count: dict[str, Any], change: datetime | None) -> None:
    condition = read({"performed": {"event": "bought", **count, "within": "7d"}}, Scope.PERSON)
    events = bought(NOW - 4 * DAY, NOW - 6 * DAY, NOW - 5 * DAY, NOW - 8 * DAY)

    assert change == next_change(condition, person(condition, events))


@pytest.mark.spec("3.10", "3.11")
def test_who_never_does_it_joins_when_they_are_known_for_long_enough() -> None:
    condition = read({"not_performed": {"event": "bought", "within": "30d"}}, Scope.PERSON)
    young = person(condition, known_since=NOW - 29 * DAY)

    assert not holds(condition, young)
    assert next_change(condition, young) == NOW + DAY
    assert not holds(condition, person(condition, known_since=NOW - 29 * DAY, now=NOW + DAY - TICK))
    assert holds(condition, person(condition, known_since=NOW - 29 * DAY, now=NOW + DAY))
    assert next_change(condition, person(condition, known_since=NOW - 30 * DAY)) is None


@pytest.mark.spec("3.11")
def test_who_did_it_leaves_at_once_and_joins_again_after_the_window() -> None:
    condition = read({"not_performed": {"event": "bought", "within": "30d"}}, Scope.PERSON)

    def buyer(now: datetime) -> Facts:
        return person(condition, bought(NOW), now=now, known_since=NOW - 90 * DAY)

    assert not holds(condition, buyer(NOW))
    assert next_change(condition, buyer(NOW)) == NOW + 30 * DAY
    assert not holds(condition, buyer(NOW + 30 * DAY - TICK))
    assert holds(condition, buyer(NOW + 30 * DAY))


@pytest.mark.spec("3.12")
def test_newer_people_are_included_by_asking_for_not_performed_ever_too() -> None:
    recently = {"not_performed": {"event": "bought", "within": "30d"}}
    ever = {"not_performed": {"event": "bought"}}
    young = {"known_since": NOW - DAY}

    assert not true_of(recently, **young)
    assert true_of({"any": [recently, ever]}, **young)
    assert not true_of({"any": [recently, ever]}, *bought(NOW - DAY), **young)


def test_a_count_of_at_most_includes_the_newest_people() -> None:
    assert true_of({"performed": {"event": "bought", "at_most": 2, "within": "30d"}}, known_since=NOW)


@pytest.mark.parametrize("within", [{}, {"within": "7d"}])
def test_an_event_from_the_future_counts_once_its_time_has_come(within: dict[str, Any]) -> None:
    condition = read({"performed": {"event": "bought", "at_least": 2, **within}}, Scope.PERSON)
    before = person(condition, bought(NOW, NOW + DAY))
    after = person(condition, bought(NOW), now=NOW + DAY)

    assert not holds(condition, before)
    assert next_change(condition, before) == NOW + DAY
    assert holds(condition, person(condition, bought(NOW, NOW + DAY), now=NOW + DAY))
    assert not holds(condition, after)


def test_one_event_that_comes_as_another_leaves_changes_nothing() -> None:
    condition = read({"performed": {"event": "bought", "within": "7d"}}, Scope.PERSON)
    who = person(condition, bought(NOW - 6 * DAY, NOW + DAY))

    assert next_change(condition, who) == NOW + 8 * DAY


def test_an_instant_at_the_end_of_time_is_no_error() -> None:
    condition = read({"performed": {"event": "bought", "within": "3650d"}}, Scope.PERSON)
    last = datetime.max.replace(tzinfo=NOW.tzinfo)

    assert next_change(condition, person(condition, bought(last))) == last
