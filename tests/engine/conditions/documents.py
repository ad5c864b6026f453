"""Strategies for condition documents and for people, made so that conditions are met about as often as not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from engine.conditions import MISSING, Facts
from tests.engine.conditions.builders import NOW

PATHS: Final[dict[str, tuple[str | int | None, ...]]] = {
    "plan": ("plan",),
    "seen": ("seen",),
    '["a.b"]': ("a.b",),
    "items": ("items",),
    "items[]": ("items", None),
    "items[0]": ("items", 0),
    "items[].plan": ("items", None, "plan"),
    "items[1].seen": ("items", 1, "seen"),
    "items[].items[].plan": ("items", None, "items", None, "plan"),
}
"""Each path with its steps, None for any item: the reference does not rely on the parser of paths."""

SEGMENTS: Final = ("buyers", "vip", "paused")

moments = st.builds(
    lambda seconds, unix: (
        int((NOW + timedelta(seconds=seconds)).timestamp()) if unix else (NOW + timedelta(seconds=seconds)).isoformat()
    ),
    st.sampled_from([-864_000, -604_800, -60, -1, 0, 1, 59, 3600, 604_800, 864_000]) | st.integers(-900_000, 900_000),
    st.booleans(),
)
texts = st.sampled_from(
    ["pro", "a", "5", "5.0", "5.10", "007", "true", "0", "1", "a|b", "red socks", "2024-06-15"]
) | st.text(min_size=1, max_size=4)
numbers = (
    st.sampled_from([0, 1, 5, 5.0, 5.1, -3]) | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False)
)
scalars = texts | numbers | st.booleans() | moments
values = st.recursive(
    scalars | st.none() | st.just(""),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["plan", "seen", "items", "a.b"]), inner, max_size=4)
    ),
    max_leaves=12,
)
objects = st.fixed_dictionaries(
    {},
    optional={"plan": values, "seen": moments | values, "a.b": values, "items": st.lists(values, max_size=3) | values},
)
facts = st.builds(
    Facts,
    attributes=objects,
    segments=st.frozensets(st.sampled_from(SEGMENTS)),
    now=st.just(NOW) | st.integers(-900_000, 900_000).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    data=objects | values | st.just(MISSING),
)

relative = st.builds(
    lambda direction, duration: {direction: duration},
    st.sampled_from(["ago", "from_now"]),
    st.sampled_from(["0", "1m", "1h30m", "7d", "1w3d"]),
)
terms = st.lists(texts.map(lambda text: text.replace("\\", "").replace("|", r"\|") or "x"), min_size=1, max_size=3)


def ranges(ends: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(ends, min_size=2, max_size=2).map(sorted)


iso = moments.filter(lambda moment: isinstance(moment, str))
operands: Final[dict[str, st.SearchStrategy[Any]]] = {
    "exists": st.booleans(),
    "equals": scalars,
    "not_equals": scalars,
    "one_of": st.lists(scalars, min_size=1, max_size=4),
    "not_one_of": st.lists(scalars, min_size=1, max_size=4),
    "contains": terms.map("|".join),
    "not_contains": terms.map("|".join),
    "starts_with": texts,
    "ends_with": texts,
    "greater_than": numbers,
    "less_than": numbers,
    "at_least": numbers,
    "at_most": numbers,
    "is_true": st.sampled_from([True]),
    "is_false": st.sampled_from([True]),
    "is_timestamp": st.sampled_from([True]),
    "before": moments | relative,
    "after": moments | relative,
    "between": ranges(numbers) | ranges(iso),
    "matches": st.sampled_from([".*", "a+", "pro|a", r"\d+", "(?i)PRO"]),
}


def leaves(subjects: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    operator = st.sampled_from(sorted(operands)).flatmap(lambda name: st.tuples(st.just(name), operands[name]))
    return st.builds(
        lambda subject, path, chosen: {subject: path, chosen[0]: chosen[1]},
        st.sampled_from(subjects),
        st.sampled_from(sorted(PATHS)),
        operator,
    )


def groups(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(lambda key, parts: {key: parts}, st.sampled_from(["all", "any"]), st.lists(inner, max_size=3))


in_item = st.recursive(leaves(("path",)), groups, max_leaves=3)
same_items = st.builds(
    lambda subject, path, where: {subject: path, "same_item": where},
    st.sampled_from(["attribute", "data"]),
    st.sampled_from([path for path in sorted(PATHS) if path.endswith("[]")]),
    st.lists(in_item, min_size=1, max_size=3).filter(lambda parts: any("path" in part for part in parts)),
)
memberships = st.builds(
    lambda key, segment: {key: segment}, st.sampled_from(["in", "not_in"]), st.sampled_from(SEGMENTS)
)
conditions = st.recursive(leaves(("attribute", "data")) | memberships | same_items, groups, max_leaves=6)
