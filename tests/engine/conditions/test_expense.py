"""Conditions that are expensive on purpose: refused when they are saved, or cheap enough for everybody all the same."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, ClassVar

import pytest

from engine.conditions import Scope, compile_condition, parse
from engine.conditions.parsing import MOST_DEPTH, MOST_INSTRUCTIONS, MOST_LEAVES
from engine.errors import Fault
from tests.engine.conditions.builders import facts, faults_of

LARGE = ".*a[ab]{900}b"  # on texts of a and b it is tried at every character


def test_patterns_that_are_large_together_are_refused_once() -> None:
    fitting = MOST_INSTRUCTIONS // 914
    parts = [{"attribute": "code", "matches": LARGE}] * (fitting + 3)

    assert [] == faults_of({"any": parts[:fitting]})
    assert [
        Fault(
            place=f"when.any[{fitting}].matches",
            problem="The patterns are too large, taken together.",
            remedy="Repeat less, {1,50} say, use fewer classes such as \\pL, or move some patterns to a segment.",
        )
    ] == faults_of({"any": parts})


def test_as_many_usual_patterns_as_conditions_are_taken() -> None:
    parts = [{"attribute": "email", "matches": rf".*@shop-{n}\.example"} for n in range(MOST_LEAVES - 1)]

    assert [] == faults_of({"any": parts})


@pytest.mark.timeout(20)
def test_the_worst_patterns_that_are_taken_are_through_the_longest_text_in_seconds() -> None:
    """Where they were not counted it took minutes."""
    text = "".join(Random(1).choices("ab", k=99_000)) + "a"
    condition = read({"any": [{"path": "t", "matches": LARGE}] * (MOST_INSTRUCTIONS // 914)})

    assert not condition(facts(data={"t": text}))


@pytest.mark.parametrize("depth", [0, MOST_DEPTH - 3])
def test_each_condition_is_asked_of_each_item_once_however_deep_it_stands(depth: int) -> None:
    asked = [{"path": "n", "equals": number} for number in range(MOST_LEAVES - 1)]
    inner: dict[str, Any] = {"any": asked}
    for _ in range(depth):
        inner = {"any": [inner]}
    condition = read({"path": "items[]", "same_item": [inner]})
    items = [Counted() for _ in range(100)]

    assert not condition(facts(data={"items": items}))
    assert {len(asked)} == {item.reads for item in items}


def test_lists_inside_lists_cost_as_much_as_there_is_in_them() -> None:
    """Each level reads its own items; nothing is read once per item of another list."""
    path = "a[].b[].c[].n"
    items = [Counted() for _ in range(1000)]
    data = {"a": [{"b": [{"c": items[k : k + 10]} for k in range(n, n + 100, 10)]} for n in range(0, 1000, 100)]}
    condition = read({"path": path, "equals": "nothing"})

    assert not condition(facts(data=data))
    assert {1} == {item.reads for item in items}


def test_a_list_of_1000_costs_the_same_for_each_value() -> None:
    """It is one look into a table: the operand is not gone through."""
    condition = read({"path": "codes[]", "one_of": [f"code-{n}" for n in range(1000)]})
    codes = [Compared(f"other-{n}") for n in range(100)]
    Compared.times = 0

    assert not condition(facts(data={"codes": codes}))
    assert Compared.times < len(codes)


class Counted(dict[str, Any]):
    """An item that counts how often its property is asked for."""

    def __init__(self) -> None:
        super().__init__(n=-1)
        self.reads = 0

    def __getitem__(self, key: str) -> Any:
        self.reads += 1
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.reads += 1
        return super().get(key, default)

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("an item is gone through")


class Compared(str):
    """A text that counts how often it is compared."""

    __slots__ = ()
    times: ClassVar[int] = 0

    def __eq__(self, other: object) -> bool:
        Compared.times += 1
        return super().__eq__(other)

    __hash__ = str.__hash__


def read(document: Any) -> Any:
    """Return the compiled condition on an event's data."""
    faults: list[Fault] = []
    condition = parse(document, place="when", scope=Scope.EVENT_DATA, faults=faults)
    assert ([], True) == (faults, condition is not None)
    assert condition is not None
    return compile_condition(condition)
