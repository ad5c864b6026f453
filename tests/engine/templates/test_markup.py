"""Attributes are read as browsers read them, whose rule for characters by name is another one than in texts."""

from __future__ import annotations

import pytest

from engine.templates.markup import attribute_text, unescaped

READERS = (attribute_text, unescaped)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a=1&amp;b=2", "a=1&b=2"),
        ("a=1&copy=2&copyright=3&copy", "a=1&copy=2&copyright=3©"),
        ("&copy;&copy;=&amp;amp;", "©©=&amp;"),
        ("&#65;&#x42;&#X43&#68", "ABCD"),
        ("&nothing;&;&&#;&#x;", "&nothing;&;&&#;&#x;"),
        ("&notit;", "&notit;"),
    ],
)
def test_a_name_is_a_character_only_if_nothing_follows_that_could_belong_to_it(written: str, text: str) -> None:
    assert text == attribute_text(written)


@pytest.mark.parametrize("number", ["65", "0" * 5000 + "65"])
def test_a_number_may_have_as_many_zeros_before_it_as_it_likes(number: str) -> None:
    assert ["A A1", "A A1"] == [read(f"&#{number} &#{number};1") for read in READERS]


@pytest.mark.parametrize("number", ["1114112", "1" * 9, "1" * 5000])
def test_a_number_that_is_no_characters_is_a_question_mark_however_long_it_is(number: str) -> None:
    assert ["\ufffdx", "\ufffdx"] == [read(f"&#{number};x") for read in READERS]
