"""Attributes are read as browsers read them, whose rule for characters by name is another one than in texts."""

from __future__ import annotations

import pytest

from engine.templates.markup import attribute_text


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
