from __future__ import annotations

import time

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import json_text
from engine.errors import InputError

_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES)
def test_what_can_be_stored_is_read_as_it_was_written(value: object) -> None:
    assert value == json_text.parse(orjson.dumps(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'"\\ud83d\\ude00 \\u00e9"', "😀 é"),
        (b'"a\\\\u0000"', "a\\u0000"),
        (b"18446744073709551615", 2**64 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b"1e3", 1000.0),
        (b"[" * 100 + b"]" * 100, None),
        (b"[" + b"[],[]," * 100 + b"[]]", None),
    ],
)
def test_unusual_but_sound_texts_are_read(text: bytes, value: object) -> None:
    read = json_text.parse(text)

    assert orjson.loads(text.removeprefix(b"\xef\xbb\xbf")) == read
    assert value is None or value == read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"a": 1,}', "Line 1, column"),
        (b'{\n"a" 1}', "Line 2, column 5"),
        (b"{} {}", "Line 1, column 4"),
        (b"name=x", "Line 1, column 1"),
        (b'"a\x00"', "Line 1, column 3"),
        (b'{"a": "\xff"}', "Byte 7 is not UTF-8"),
        (b'"\xed\xa0\x80"', "Byte 1 is not UTF-8"),
        ('"é"'.encode("utf-16"), "is not UTF-8"),
        (b"[NaN]", "NaN is not a JSON value"),
        (b"[-Infinity]", "-Infinity is not a JSON value"),
        (b'{"a": 1, "b": 2, "a": 3}', "The key 'a' appears twice"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "appears twice"),
        (b"18446744073709551616", "does not fit into 64 bits"),
        (b"-9223372036854775809", "does not fit into 64 bits"),
        (b"9" * 10_000, "does not fit into 64 bits"),
        (b"1e400", "The number 1e400 is too large"),
        (b'{"a": "\\u0000"}', "\\u0000"),
        (b'{"\\u0000": 1}', "\\u0000"),
        (b'["\\ud800"]', "surrogate"),
        (b'["\\udc00\\ud800"]', "surrogate"),
        (b"[" * 101 + b"]" * 101, "nested deeper than 100 levels"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "nested deeper than 100 levels"),
        (b"[" * 100_000, "nested deeper than 100 levels"),
    ],
)
def test_what_cannot_be_stored_or_meant_is_refused_with_its_reason(text: bytes, said: str) -> None:
    with pytest.raises(InputError) as raised:
        json_text.parse(text)

    assert said in raised.value.message
    assert len(raised.value.message) < 200


def test_a_key_given_twice_among_very_many_is_found_at_once() -> None:
    many = ",".join(f'"{number}": 0' for number in range(50_000))
    began = time.perf_counter()

    with pytest.raises(InputError, match="The key '49999' appears twice"):
        json_text.parse(f'{{{many},"49999": 1}}'.encode())
    assert time.perf_counter() - began < 2.0
