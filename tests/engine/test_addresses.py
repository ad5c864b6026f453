from __future__ import annotations

import pytest

from engine.addresses import parse_address, split_addresses, valid_address


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("ada@example.com", "ada@example.com"),
        (" Ada Lovelace <ada@example.com> ", "Ada Lovelace <ada@example.com>"),
        ('"Lovelace, Ada" <ada@example.com>', '"Lovelace, Ada" <ada@example.com>'),
        ("Lovelace, Ada <ada@example.com>", '"Lovelace, Ada" <ada@example.com>'),
        ("ada+tag@bücher.example", "ada+tag@xn--bcher-kva.example"),
    ],
)
def test_an_address_may_have_a_name(written: str, expected: str) -> None:
    assert expected == str(parse_address(written))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "a b@example.com",
        "a@b.c, d@e.f",
        "a@b.example\nBcc: x@y.example",
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    assert not valid_address(written)


def test_a_list_is_split_at_commas_outside_quotes() -> None:
    assert ['"A, B" <a@b.example>', "c@d.example"] == split_addresses('"A, B" <a@b.example>, ,c@d.example')
