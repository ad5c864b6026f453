from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.engine.conditions.builders import true_of


@pytest.mark.spec("5.20")
@pytest.mark.parametrize(
    ("value", "operand"), [("Pro", "pro"), ("pro ", "pro"), ("pro", " pro"), ("e\u0301", "\u00e9"), ("", "pro")]
)
def test_text_is_compared_byte_for_byte(value: str, operand: str) -> None:
    assert not true_of(value, equals=operand)
    assert true_of(value, equals=value)


@pytest.mark.spec("5.21")
@pytest.mark.parametrize("value", [5, 5.0, "5"])
@pytest.mark.parametrize("operand", [5, 5.0, "5"])
def test_a_number_equals_its_decimal_form(value: Any, operand: Any) -> None:
    assert true_of(value, equals=operand)


@pytest.mark.spec("5.21")
@pytest.mark.parametrize(
    ("value", "operand", "equal"),
    [
        ("5.10", 5.1, True),
        (-0.5, "-0.5", True),
        ("12345678901234567", 12345678901234567, True),
        ("12345678901234568", 12345678901234567, False),
        ("007", 7, False),
        ("+5", 5, False),
        ("1e3", 1000, False),
        ("5 ", 5, False),
        ("", 0, False),
        ("5.0", "5", False),
        (True, 1, False),
        (False, 0, False),
        (True, "true", False),
    ],
)
def test_values_of_other_types_are_not_equal(value: Any, operand: Any, equal: bool) -> None:
    assert equal == true_of(value, equals=operand)
    assert equal == true_of(value, one_of=["something else", operand])


@pytest.mark.spec("5.23")
@pytest.mark.parametrize(
    "operand", ["2024-01-01", date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC), "2024-01-01T01:00:00+01:00"]
)
@pytest.mark.parametrize(
    "value",
    ["2024-01-01", "2024-01-01 00:00", "2024-01-01T00:00:00.9Z", "20240101T000000Z", 1_704_067_200, "1704067200"],
)
def test_timestamps_of_the_same_second_are_equal(value: Any, operand: Any) -> None:
    assert true_of(value, equals=operand)
    assert not true_of(value, not_equals=operand)


@pytest.mark.spec("5.23")
@pytest.mark.parametrize(
    ("value", "operand", "equal"),
    [
        ("2024-01-01", 1_704_067_200, True),
        ("2024-01-01", "1704067200", True),
        ("2024-01-01T00:00:01Z", "2024-01-01", False),
        (5.2, 5, False),
        ("7", "007", False),
        ("2024-13-01", "2024-01-01", False),
    ],
)
def test_numbers_are_read_as_timestamps_only_beside_an_iso_text(value: Any, operand: Any, equal: bool) -> None:
    assert equal == true_of(value, equals=operand)


@pytest.mark.spec("5.24")
@pytest.mark.parametrize("value", [[], {}, ["a"], [5], {"a": 5}, [True], [None]])
@pytest.mark.parametrize("operand", ["a", 5, True, "", "[]", "2024-01-01"])
def test_an_object_or_list_equals_no_single_value(value: Any, operand: Any) -> None:
    assert not true_of(value, equals=operand)
    assert not true_of(value, one_of=[operand])


@pytest.mark.spec("5.24")
@pytest.mark.parametrize(
    ("items", "operand", "contained"),
    [
        ([5], "5", True),
        (["5"], "5", True),
        ([5.0], 5, True),
        (["x5"], "5", False),
        ([["5"]], "5", False),
        ([True], 1, False),
    ],
)
def test_contains_compares_each_item_of_a_list_like_equals(items: list[Any], operand: Any, contained: bool) -> None:
    assert contained == true_of(items, contains=operand)


@pytest.mark.spec("5.03")
def test_a_long_list_is_compared_like_a_short_one() -> None:
    listed = [f"code-{number}" for number in range(998)] + [7, True]

    assert true_of("code-997", one_of=listed)
    assert true_of("7", one_of=listed)
    assert true_of("true", one_of=listed)
    assert not true_of("code-998", one_of=listed)
