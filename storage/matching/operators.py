"""The operators of behaviour 5.1 in SQL, each true, false, or NULL where only Python can say.

A text that begins like a number or a date may be equal to one, so it is left to Python where that matters; so is a
number of more digits than a float holds. An absent value is false for every operator, as in `engine/conditions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from engine.conditions import Leaf, Relative
from engine.conditions.equality import Scalar, as_number, as_unix
from engine.conditions.moving import offset_seconds
from engine.instants import LARGEST_UNIX, parse_iso, unix
from storage.matching.arguments import Arguments
from storage.matching.values import Test

Build = Callable[[Any, Arguments], Test]

_EXACT: Final = 15
"""Digits of a number that a float and a decimal hold alike."""

_LIKE_A_NUMBER: Final = "'^[-0-9]'"


def test_of(leaf: Leaf, arguments: Arguments, *, now: datetime) -> Test:
    """Return the positive test of a leaf's operator."""
    if isinstance(leaf.operand, Relative):
        return _moving(leaf.operator, leaf.operand, arguments, now)
    return _TESTS[leaf.operator](leaf.operand, arguments)


def change_of(leaf: Leaf, arguments: Arguments, *, now: datetime) -> Test:
    """Return when time alone turns the answer for a value of a leaf with a moving date; NULL if it never does."""
    assert isinstance(leaf.operand, Relative)
    # The first second of the other answer: see engine/conditions/moving.py.
    later = (1 if leaf.operator == "before" else 0) - offset_seconds(leaf.operand)
    shift, present = arguments.add(later, "bigint"), arguments.add(unix(now), "bigint")

    def change(value: str) -> str:
        turning = f"floor(({value})::numeric) + {shift}"
        return (
            f"CASE WHEN {_is_second(value)} AND {turning} > {present} "
            f"THEN to_timestamp(({turning})::double precision) END"
        )

    return change


def _exists(_: bool, __: Arguments) -> Test:
    return lambda value: f"coalesce({value} <> 'null'::jsonb AND {value} <> '\"\"'::jsonb, false)"


def _equals(operand: Scalar, arguments: Arguments) -> Test:
    return _one_of((operand,), arguments)


def _one_of(operands: Iterable[Scalar], arguments: Arguments) -> Test:
    written = tuple(operands)
    booleans = [one for one in written if isinstance(one, bool)]
    numbers = [one for one in written if isinstance(one, int | float) and not isinstance(one, bool)]
    texts = [one for one in written if isinstance(one, str)]
    sizes = {*numbers, *(size for text in texts if (size := as_number(text)) is not None)}
    seconds = {unix(instant) for text in texts if (instant := parse_iso(text))}
    may_be_size = bool(sizes) or any(as_unix(text) is not None for text in texts)
    if texts and not (booleans or may_be_size):
        listed = arguments.add(texts, "jsonb[]")
        return lambda value: f"coalesce({value} = ANY ({listed}), false)"
    of_text = texts + [spelling for one in booleans for spelling in (("true", "1") if one else ("false", "0"))]
    spelled = arguments.add(of_text, "text[]")
    said = arguments.add(booleans, "jsonb[]")
    known = (
        [_decimal(size) for size in sizes] + [Decimal(int(one)) for one in booleans] + [Decimal(one) for one in seconds]
    )
    sized = arguments.add(known, "numeric[]") if all(map(_is_exact, known)) else None

    def equals(value: str) -> str:
        text = f"({value} #>> '{{}}')"
        otherwise = f"CASE WHEN {text} ~ {_LIKE_A_NUMBER} THEN NULL::boolean ELSE false END" if may_be_size else "false"
        number = "NULL::boolean" if sized is None else f"({value})::numeric = ANY ({sized})"
        if seconds:  # a fraction of a second denotes the same second
            number = f"CASE WHEN ({value})::numeric % 1 = 0 THEN {number} END"
        return (
            f"CASE jsonb_typeof({value}) WHEN 'boolean' THEN {value} = ANY ({said}) "
            f"WHEN 'number' THEN {_exactly(value, number)} "
            f"WHEN 'string' THEN CASE WHEN {text} = ANY ({spelled}) THEN true ELSE {otherwise} END ELSE false END"
        )

    return equals


def _contains(terms: tuple[str, ...], arguments: Arguments) -> Test:
    listed = arguments.add(list(terms), "text[]")
    is_plain = all(as_unix(term) is None and as_number(term) is None for term in terms)

    def contains(value: str) -> str:
        items = f"{value} ?| {listed}" if is_plain else f"CASE WHEN jsonb_array_length({value}) = 0 THEN false END"
        text = f"EXISTS (SELECT FROM unnest({listed}) AS term WHERE strpos({value} #>> '{{}}', term) > 0)"
        return f"CASE jsonb_typeof({value}) WHEN 'string' THEN {text} WHEN 'array' THEN {items} ELSE false END"

    return contains


def _starts_with(text: str, arguments: Arguments) -> Test:
    wanted = arguments.add(text, "text")
    return _of_text(lambda value: f"starts_with({value}, {wanted})")


def _ends_with(text: str, arguments: Arguments) -> Test:
    wanted = arguments.add(text, "text")
    return _of_text(lambda value: f"right({value}, char_length({wanted})) = {wanted}")


def _compared(sign: str) -> Build:
    def build(bound: float, arguments: Arguments) -> Test:
        if not _is_exact(_decimal(bound)):
            return _of_number(_only_python)
        wanted = arguments.add(_decimal(bound), "numeric")
        return _of_number(lambda number: f"{number} {sign} {wanted}")

    return build


def _is_boolean(*, wanted: bool) -> Build:
    spellings = "'true', '1'" if wanted else "'false', '0'"

    def build(_: bool, __: Arguments) -> Test:
        def test(value: str) -> str:
            number = _exactly(value, f"({value})::numeric = {int(wanted)}")
            return (
                f"CASE jsonb_typeof({value}) WHEN 'boolean' THEN {value} = '{str(wanted).lower()}'::jsonb "
                f"WHEN 'string' THEN ({value} #>> '{{}}') IN ({spellings}) WHEN 'number' THEN {number} ELSE false END"
            )

        return test

    return build


def _is_timestamp(_: bool, __: Arguments) -> Test:
    return _of_second(lambda _: "true")


def _before(instant: datetime, arguments: Arguments) -> Test:
    bound = arguments.add(unix(instant), "bigint")
    return _of_second(lambda second: f"{second} < {bound}")


def _after(instant: datetime, arguments: Arguments) -> Test:
    bound = arguments.add(unix(instant), "bigint")
    return _of_second(lambda second: f"{second} > {bound}")


def _between(ends: tuple[Any, Any], arguments: Arguments) -> Test:
    low, high = ends
    if isinstance(low, datetime):
        first, last = arguments.add(unix(low), "bigint"), arguments.add(unix(high), "bigint")
        return _of_second(lambda second: f"{second} BETWEEN {first} AND {last}")
    if not (_is_exact(_decimal(low)) and _is_exact(_decimal(high))):
        return _of_number(_only_python)
    least, most = arguments.add(_decimal(low), "numeric"), arguments.add(_decimal(high), "numeric")
    return _of_number(lambda number: f"{number} BETWEEN {least} AND {most}")


def _matches(_: str, __: Arguments) -> Test:
    return lambda value: f"CASE WHEN jsonb_typeof({value}) = 'string' THEN NULL::boolean ELSE false END"


def _moving(operator: str, operand: Relative, arguments: Arguments, now: datetime) -> Test:
    bound = arguments.add(unix(now) + offset_seconds(operand), "bigint")
    sign = "<" if operator == "before" else ">"
    return _of_second(lambda second: f"{second} {sign} {bound}")


def _of_text(test: Test) -> Test:
    return lambda value: (
        f"CASE WHEN jsonb_typeof({value}) = 'string' THEN {test(f'({value} #>> {_ROOT})')} ELSE false END"
    )


_ROOT: Final = "'{}'"


def _only_python(_: str) -> str:
    return "NULL::boolean"


def _by_type(value: str, number: str) -> str:
    text = _if_text(value)
    return f"CASE jsonb_typeof({value}) WHEN 'number' THEN {number} WHEN 'string' THEN {text} ELSE false END"


def _of_number(test: Test) -> Test:
    def of(value: str) -> str:
        number = _exactly(value, test(f"({value})::numeric"))
        return _by_type(value, number)

    return of


def _of_second(test: Test) -> Test:
    """A test of whole Unix seconds. What is no plain count of seconds is left to Python, or too large to be one."""

    def of(value: str) -> str:
        number = (
            f"CASE WHEN {_is_second(value)} THEN {test(f'floor(({value})::numeric)')} "
            f"WHEN ({value})::numeric > {LARGEST_UNIX} THEN false END"
        )
        return _by_type(value, number)

    return of


def _is_second(value: str) -> str:
    return (
        f"CASE WHEN jsonb_typeof({value}) = 'number' AND length(({value})::text) <= {_EXACT} "
        f"THEN ({value})::numeric BETWEEN 0 AND {LARGEST_UNIX} ELSE false END"
    )


def _exactly(value: str, test: str) -> str:
    return f"CASE WHEN length(({value})::text) <= {_EXACT} THEN {test} END"


def _if_text(value: str) -> str:
    """A text is no number and no date unless it begins like one."""
    return f"CASE WHEN ({value} #>> '{{}}') ~ {_LIKE_A_NUMBER} THEN NULL::boolean ELSE false END"


def _is_exact(number: Decimal) -> bool:
    return len(str(number)) <= _EXACT


def _decimal(number: float) -> Decimal:
    return Decimal(repr(number))


_TESTS: Final[Mapping[str, Build]] = {
    "exists": _exists,
    "equals": _equals,
    "not_equals": _equals,
    "one_of": _one_of,
    "not_one_of": _one_of,
    "contains": _contains,
    "not_contains": _contains,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "greater_than": _compared(">"),
    "less_than": _compared("<"),
    "at_least": _compared(">="),
    "at_most": _compared("<="),
    "is_true": _is_boolean(wanted=True),
    "is_false": _is_boolean(wanted=False),
    "is_timestamp": _is_timestamp,
    "before": _before,
    "after": _after,
    "between": _between,
    "matches": _matches,
}
