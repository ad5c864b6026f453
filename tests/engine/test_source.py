from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DocumentError
from engine.source import DEEPEST, LARGEST, UnreadableError, read

DOCUMENT = """\
# A comment.
name: Welcome   # another
sending: off
at: 12:30
day: 2026-01-01
zip: 007
workflow:
  - delay: 1h
  - email:
      subject: "{{customer.name}}"
      body: |
        Hello
          you
"""


def test_plain_words_are_what_json_knows_and_text_otherwise() -> None:
    data = read(
        "a: off\nb: yes\nc: 12:30\nd: 2026-01-01\ne: 007\nf: 1_000\ng: .inf\nh: 0x10\ni: '1'\n"
        "j: true\nk: null\nl: ~\nm:\nn: -12\no: 1.50\np: 1e3\n"
    ).data

    texts = {
        "a": "off",
        "b": "yes",
        "c": "12:30",
        "d": "2026-01-01",
        "e": "007",
        "f": "1_000",
        "g": ".inf",
        "h": "0x10",
    }
    assert {**texts, "i": "1", "j": True, "k": None, "l": None, "m": None, "n": -12, "o": 1.5, "p": 1000.0} == data


def test_every_place_has_its_line() -> None:
    source = read(DOCUMENT)

    lines = {place: source.line_of(place) for place in ("name", "workflow[0].delay", "workflow[1].email.body")}
    assert {"name": 2, "workflow[0].delay": 8, "workflow[1].email.body": 11} == lines
    assert "Hello\n  you\n" == source.data["workflow"][1]["email"]["body"]


def test_a_place_that_is_not_there_has_the_line_of_what_surrounds_it() -> None:
    source = read(DOCUMENT)

    assert 9 == source.line_of("workflow[1].email.recipients[0]")
    assert 7 == source.line_of("workflow[9].delay")
    assert 2 == source.line_of("trigger")


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80),  # YAML ends keys at 1,024
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(10**15), 10**15)
            | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: round(number % 1e6, 3))
            | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            lambda inside: (
                st.lists(inside, max_size=3) | st.dictionaries(st.text("abc._-", max_size=5), inside, max_size=3)
            ),
            max_leaves=8,
        ),
        max_size=4,
    ),
    st.sampled_from([None, "\t", 2]),
    st.booleans(),
)
def test_json_is_read_as_json(document: dict[str, Any], indent: Any, escaped: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=escaped)

    assert document == read(text).data


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "no document"),
        ("\n# Later.\n", 1, "no document"),
        ("- a", 1, "a mapping of keys"),
        ("a: 1\na: 2", 2, "twice"),
        ("a: {b: 1, b: 2}", 1, "twice"),
        ("a: &x 1", 1, "anchors"),
        ("a: 1\nb: *x", 2, "anchors"),
        ("a: {<<: *x}", 1, "anchors"),
        ("a: !!python/object:os.system x", 1, "tag"),
        ("a: !set {b}", 1, "tag"),
        ("? [a]\n: b", 1, "a key is a text"),
        ("a: 1\n---\nb: 2", 2, "a second document"),
        ("a: 1\nb: [", 3, "neither YAML nor JSON"),
        ("a: \x07", 1, "neither YAML nor JSON"),
        ('{"a": "\\u0000"}', 1, "NUL"),
        ("a: " + "[" * 100_000, 1, "nests too deeply"),
        ("a: " + "{b: " * DEEPEST + "1" + "}" * DEEPEST, 1, "nests too deeply"),
    ],
)
def test_what_is_no_document_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read(text)

    assert f"Line {line}: " in refused.value.faults[0].problem
    assert said in refused.value.faults[0].problem
    assert refused.value.faults[0].remedy


def test_whoever_names_the_line_gets_the_fault_without_it() -> None:
    with pytest.raises(UnreadableError) as refused:
        read("a: 1\nb: *x")

    assert (2, "Anchors and aliases (& and *) are not taken.") == (refused.value.line, refused.value.unnumbered.problem)


def test_a_text_that_is_too_long_is_not_even_read() -> None:
    with pytest.raises(DocumentError, match="too long"):
        read("a: " + "x" * LARGEST)
