"""A path leads to one JSON value or to many; in SQL that is an expression, or a chain of lists that are unfolded.

A value that is not there is SQL's NULL, which JSON's null is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.conditions.paths import EACH, Step
from storage.matching.arguments import Arguments

Test = Callable[[str], str]
"""From the expression of a value to the expression of a truth."""


@dataclass(frozen=True, slots=True)
class Values:
    """Where values are found: `value` is an expression, over the rows of `rows` if there may be many."""

    value: str
    rows: str | None = None

    def any(self, test: Test) -> str:
        """Return that the test holds for one of the values: NULL if only Python can say of one, and no other does."""
        truth = test(self.value)
        if self.rows is None:
            return truth
        return (
            "(SELECT CASE WHEN bool_or(t) THEN true WHEN bool_or(t IS NULL) THEN NULL::boolean ELSE false END "
            f"FROM (SELECT {truth} AS t FROM {self.rows}) AS truths)"
        )

    def earliest(self, instant: Test) -> str:
        """Return the earliest of the instants that values give; NULL if none does."""
        expression = instant(self.value)
        return expression if self.rows is None else f"(SELECT min({expression}) FROM {self.rows})"


def values(root: str, steps: tuple[Step, ...], arguments: Arguments) -> Values:
    """Return the values at the end of a path from a JSON expression."""
    value = root
    rows: list[str] = []
    for step in steps:
        if step is EACH:
            name = arguments.name()
            listed = f"CASE WHEN jsonb_typeof({value}) = 'array' THEN {value} END"
            rows.append(f"jsonb_array_elements({listed}) AS {name} (item)")
            value = f"{name}.item"
        elif isinstance(step, str):
            value = f"({value} -> {arguments.add(step, 'text')})"
        else:
            # Not `->`: to that a text or a number is a list of itself. And the value must not stand in here twice, or a
            # path of twenty numbers would be a text of a million.
            place = arguments.add(f"strict $[{step}]", "jsonpath")
            value = f"jsonb_path_query_first({value}, {place}, '{{}}', true)"
    return Values(value, " CROSS JOIN LATERAL ".join(rows) if rows else None)
