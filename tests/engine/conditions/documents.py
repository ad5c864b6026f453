"""Strategies for condition documents and for people, made so that conditions are met about as often as not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from engine.conditions import MISSING, Facts
from tests.engine.conditions.builders import NOW, Happened

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
writable = numbers.filter(lambda number: abs(number) < 2**63)
scalars = texts | numbers | st.booleans() | moments
written = texts | writable | st.booleans() | moments
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
    "equals": written,
    "not_equals": written,
    "one_of": st.lists(written, min_size=1, max_size=4),
    "not_one_of": st.lists(written, min_size=1, max_size=4),
    "contains": terms.map("|".join),
    "not_contains": terms.map("|".join),
    "starts_with": texts,
    "ends_with": texts,
    "greater_than": writable,
    "less_than": writable,
    "at_least": writable,
    "at_most": writable,
    "is_true": st.sampled_from([True]),
    "is_false": st.sampled_from([True]),
    "is_timestamp": st.sampled_from([True]),
    "before": moments | relative,
    "after": moments | relative,
    "between": ranges(writable) | ranges(iso),
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
moving_leaves = st.builds(
    lambda operator, operand: {"attribute": "seen", operator: operand}, st.sampled_from(["before", "after"]), relative
)
conditions = st.recursive(leaves(("attribute", "data")) | memberships | same_items, groups, max_leaves=6)

EVENTS: Final = (("event", "bought"), ("event", "asked"), ("page", "https://x/shop"), ("page", "https://x/help"))
Fragments = st.SearchStrategy[dict[str, Any]]
"""Keys of one condition, to be put together."""

WINDOWS: Final = ("1m", "1h30m", "1d", "7d", "10d")

names = st.sampled_from(
    [*({kind: name} for kind, name in EVENTS), {"page": {"contains": "/shop"}}, {"page": {"contains": "x"}}]
)
windows: Fragments = st.just({}) | st.sampled_from(WINDOWS).map(lambda within: {"within": within})
counts: Fragments = (
    st.just({})
    | st.integers(1, 4).map(lambda times: {"at_least": times})
    | st.integers(0, 4).map(lambda times: {"at_most": times})
    | st.integers(0, 4).map(lambda times: {"exactly": times})
)
fixed = st.recursive(
    leaves(("path",)).filter(lambda leaf: not any(isinstance(operand, dict) for operand in leaf.values())),
    groups,
    max_leaves=3,
)
wheres: Fragments = st.just({}) | st.lists(fixed, max_size=2).map(lambda where: {"where": where})
performed = st.builds(
    lambda name, count, within, where: {"performed": name | count | within | where}, names, counts, windows, wheres
) | st.builds(lambda name, within, where: {"not_performed": name | within | where}, names, windows, wheres)

device_leaves = (
    st.sampled_from(["ios", "android"]).map(lambda platform: {"path": "platform", "equals": platform})
    | relative.map(lambda operand: {"path": "last_used", "before": operand})
    | relative.map(lambda operand: {"path": "last_used", "after": operand})
)
devices_asked = st.builds(
    lambda key, where: {key: where},
    st.sampled_from(["device", "no_device"]),
    st.lists(st.recursive(device_leaves, groups, max_leaves=3), max_size=2) | st.just({}),
)
asked = st.recursive(
    performed | devices_asked | memberships | leaves(("attribute",)) | moving_leaves, groups, max_leaves=5
)
"""Documents of segments, which may ask about events and devices too."""

instants = st.builds(
    lambda seconds, micros: NOW + timedelta(seconds=seconds, microseconds=micros),
    st.sampled_from([-864_000, -604_800, -86_400, -60, -1, 0, 1, 60, 86_400]) | st.integers(-900_000, 900_000),
    st.sampled_from([0, 0, 1, 999_999]),
)
events = st.lists(
    st.builds(
        lambda named, at, data: Happened(kind=named[0], name=named[1], at=at, data=data),
        st.sampled_from(EVENTS),
        instants,
        objects | values | st.just(MISSING),
    ),
    max_size=8,
)
devices = st.lists(
    st.fixed_dictionaries(
        {"platform": st.sampled_from(["ios", "android"]), "last_used": instants.map(lambda at: int(at.timestamp()))}
    ),
    max_size=3,
)
