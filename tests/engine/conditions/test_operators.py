from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.conditions import MISSING
from tests.engine.conditions.builders import true_of

EVERY_POSITIVE_OPERATOR = [
    ("exists", True),
    ("equals", "a"),
    ("equals", 0),
    ("equals", False),
    ("one_of", ["a", 0, False]),
    ("contains", "a"),
    ("starts_with", "a"),
    ("ends_with", "a"),
    ("greater_than", -1),
    ("less_than", 1),
    ("at_least", 0),
    ("at_most", 0),
    ("is_true", True),
    ("is_false", True),
    ("is_timestamp", True),
    ("before", "2024-01-01"),
    ("before", {"ago": "1d"}),
    ("after", "1960-01-01"),
    ("after", {"from_now": "1d"}),
    ("between", [-1, 1]),
    ("between", ["1960-01-01", "2024-01-01"]),
    ("matches", ".*"),
]


@pytest.mark.spec("5.01")
@pytest.mark.parametrize(
    ("value", "present"),
    [
        ("a", True),
        (0, True),
        (False, True),
        ([], True),
        ({}, True),
        (" ", True),
        ("", False),
        (None, False),
        (MISSING, False),
    ],
)
def test_a_value_exists_unless_it_is_null_or_the_empty_text(value: Any, present: bool) -> None:
    assert present == true_of(value, exists=True)
    assert (not present) == true_of(value, exists=False)


@pytest.mark.spec("5.02")
@pytest.mark.parametrize(
    ("value", "operand", "equal"),
    [
        ("pro", "pro", True),
        ("pro", "free", False),
        (5, 5, True),
        (5, 6, False),
        (None, "pro", False),
        (MISSING, "pro", False),
    ],
)
def test_not_equal_is_also_true_when_the_value_is_absent(value: Any, operand: Any, equal: bool) -> None:
    assert equal == true_of(value, equals=operand)
    assert (not equal) == true_of(value, not_equals=operand)


@pytest.mark.spec("5.03")
@pytest.mark.parametrize(
    ("value", "listed"),
    [("de", True), ("at", True), (5, True), ("5", True), ("fr", False), (None, False), (MISSING, False)],
)
def test_one_of_is_equal_to_any_of_the_list_and_not_one_of_to_none(value: Any, listed: bool) -> None:
    assert listed == true_of(value, one_of=["de", "at", 5])
    assert (not listed) == true_of(value, not_one_of=["de", "at", 5])


@pytest.mark.spec("5.04", "1.35")
@pytest.mark.parametrize(
    ("value", "operand", "contained"),
    [
        ("warm socks", "socks", True),
        ("warm socks", "shoes|socks", True),
        ("red shoes", "shoes|socks", True),
        ("hats", "shoes|socks", False),
        ("SOCKS", "socks", False),
        ("a|b", r"a\|b", True),
        ("ab", r"a\|b", False),
        (["socks", "hats"], "socks|shoes", True),
        (["warm socks"], "socks", False),
        ([1, 5.0], 5, True),
        (["5"], 5, True),
        ([{"socks": 1}], "socks", False),
        ({"socks": 1}, "socks", False),
        (155, "5", False),
        ([], "socks", False),
        (None, "socks", False),
        (MISSING, "socks", False),
    ],
)
def test_contains_looks_for_a_part_of_a_text_or_an_item_of_a_list(value: Any, operand: Any, contained: bool) -> None:
    assert contained == true_of(value, contains=operand)
    assert (not contained) == true_of(value, not_contains=operand)


@pytest.mark.spec("5.05")
@pytest.mark.parametrize(
    ("value", "starts", "ends"),
    [("ab", True, False), ("ba", False, True), ("a", True, True), ("A", False, False), (["a"], False, False)],
)
def test_starts_with_and_ends_with_look_at_texts_only(value: Any, starts: bool, ends: bool) -> None:
    assert starts == true_of(value, starts_with="a")
    assert ends == true_of(value, ends_with="a")


@pytest.mark.spec("5.06")
@pytest.mark.parametrize("operand", [5, "5", 5.0])
@pytest.mark.parametrize(
    ("value", "greater", "less"),
    [
        (6, True, False),
        (4.9, False, True),
        (5, False, False),
        ("10", True, False),
        ("-3", False, True),
        ("5.0", False, False),
    ],
)
def test_numbers_are_compared_by_size(value: Any, greater: bool, less: bool, operand: Any) -> None:
    assert greater == true_of(value, greater_than=operand)
    assert less == true_of(value, less_than=operand)
    assert (not less) == true_of(value, at_least=operand)
    assert (not greater) == true_of(value, at_most=operand)


@pytest.mark.spec("5.06")
@pytest.mark.parametrize("value", ["ten", "", "007", "1e9", " 5", True, None, [5], {}, float("nan"), MISSING])
@pytest.mark.parametrize("operator", ["greater_than", "less_than", "at_least", "at_most"])
def test_what_is_not_a_number_is_neither_above_nor_below_one(value: Any, operator: str) -> None:
    assert not true_of(value, **{operator: -1})
    assert not true_of(value, **{operator: 10})


@pytest.mark.spec("5.07", "5.22")
@pytest.mark.parametrize(
    ("value", "says_true", "says_false"),
    [
        (True, True, False),
        ("true", True, False),
        (1, True, False),
        ("1", True, False),
        (False, False, True),
        ("false", False, True),
        (0, False, True),
        ("0", False, True),
        ("True", False, False),
        ("yes", False, False),
        (2, False, False),
        (None, False, False),
        ([], False, False),
        (MISSING, False, False),
    ],
)
def test_booleans_have_four_spellings_each(value: Any, says_true: bool, says_false: bool) -> None:
    assert says_true == true_of(value, is_true=True)
    assert says_true == true_of(value, equals=True)
    assert says_false == true_of(value, is_false=True)
    assert says_false == true_of(value, equals=False)


@pytest.mark.spec("5.08")
@pytest.mark.parametrize(
    ("value", "timestamp"),
    [
        (1_700_000_000, True),
        ("1700000000", True),
        (0, True),
        ("2024-06-15", True),
        ("2024-06-15T12:00:00+02:00", True),
        (1_700_000_000_000, False),
        ("2024-06-31", False),
        ("15 June 2024", False),
        (True, False),
        ([0], False),
        (None, False),
        (MISSING, False),
    ],
)
def test_a_timestamp_is_unix_seconds_or_iso_8601(value: Any, timestamp: bool) -> None:
    assert timestamp == true_of(value, is_timestamp=True)


@pytest.mark.spec("5.09")
@pytest.mark.parametrize(
    "operand",
    ["2024-01-01", date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC), 1_704_067_200, "2024-01-01T01:00:00+01:00"],
)
@pytest.mark.parametrize(
    ("value", "before", "after"),
    [
        ("2023-12-31T23:59:59Z", True, False),
        (1_704_067_199, True, False),
        ("2024-01-01", False, False),
        ("2024-01-01T00:00:00.900Z", False, False),
        (1_704_067_201, False, True),
        ("1704067201", False, True),
        ("tomorrow", False, False),
        (MISSING, False, False),
    ],
)
def test_dates_are_compared_with_an_absolute_instant(value: Any, before: bool, after: bool, operand: Any) -> None:
    assert before == true_of(value, before=operand)
    assert after == true_of(value, after=operand)


@pytest.mark.spec("5.10")
@pytest.mark.parametrize(
    ("value", "operand", "before", "after"),
    [
        ("2024-06-08T11:59:59Z", {"ago": "7d"}, True, False),
        ("2024-06-08T12:00:00Z", {"ago": "7d"}, False, False),
        ("2024-06-08T12:00:01Z", {"ago": "7d"}, False, True),
        ("2024-06-18T11:59:59Z", {"from_now": "3d"}, True, False),
        ("2024-06-18T12:00:00Z", {"from_now": "3d"}, False, False),
        ("2024-06-18T12:00:01Z", {"from_now": "3d"}, False, True),
        ("2024-06-15T10:29:59Z", {"ago": "1h30m"}, True, False),
        ("2024-06-15T12:00:01Z", {"ago": "0"}, False, True),
        ("soon", {"from_now": "3d"}, False, False),
        (MISSING, {"ago": "7d"}, False, False),
    ],
)
def test_dates_are_compared_with_an_instant_that_moves_with_the_clock(
    value: Any, operand: Any, before: bool, after: bool
) -> None:
    assert before == true_of(value, before=operand)
    assert after == true_of(value, after=operand)


@pytest.mark.spec("5.11")
@pytest.mark.parametrize(
    ("value", "operand", "within"),
    [
        (10, [10, 20], True),
        (20, [10, 20], True),
        ("15", [10, "20"], True),
        (9.99, [10, 20], False),
        (21, [10, 20], False),
        ("2024-01-01", ["2024-01-01", date(2024, 1, 31)], True),
        (1_706_659_200, ["2024-01-01", "2024-01-31"], True),
        ("2024-01-31T00:00:00.500Z", ["2024-01-01", "2024-01-31"], True),
        ("2024-01-31T00:00:01Z", ["2024-01-01", "2024-01-31"], False),
        ("2024-01-15", [10, 20], False),
        (True, [0, 2], False),
        (MISSING, [10, 20], False),
    ],
)
def test_between_includes_both_ends(value: Any, operand: Any, within: bool) -> None:
    assert within == true_of(value, between=operand)


@pytest.mark.spec("5.12")
@pytest.mark.parametrize(
    ("value", "pattern", "matched"),
    [
        ("ab-12", r"[a-z]+-\d+", True),
        ("xx ab-12", r"[a-z]+-\d+", False),
        ("ab-12 xx", r"[a-z]+-\d+", False),
        ("AB-12", r"(?i)[a-z]+-\d+", True),
        ("a", "a|b", True),
        ("b", "a|b", True),
        (12, r"\d+", False),
        ("\ud800", ".*", False),
        (MISSING, ".*", False),
    ],
)
def test_a_pattern_matches_the_whole_text(value: Any, pattern: str, matched: bool) -> None:
    assert matched == true_of(value, matches=pattern)


@pytest.mark.spec("5.12")
@pytest.mark.timeout(5)
def test_a_pattern_that_makes_other_dialects_hang_is_matched_in_linear_time() -> None:
    assert not true_of("a" * 50_000 + "!", matches="(a+)+")


@pytest.mark.spec("5.25")
@pytest.mark.parametrize(("operator", "operand"), EVERY_POSITIVE_OPERATOR)
@pytest.mark.parametrize("value", [MISSING, None])
def test_a_condition_on_an_absent_value_is_false(operator: str, operand: Any, value: Any) -> None:
    assert not true_of(value, **{operator: operand})


@pytest.mark.spec("5.25")
@pytest.mark.parametrize(
    ("operator", "operand"), [("exists", False), ("not_equals", "a"), ("not_one_of", ["a"]), ("not_contains", "a")]
)
@pytest.mark.parametrize("value", [MISSING, None])
def test_a_negative_condition_on_an_absent_value_is_true(operator: str, operand: Any, value: Any) -> None:
    assert true_of(value, **{operator: operand})
