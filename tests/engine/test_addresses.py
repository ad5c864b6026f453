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


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com",
        " ada@example.com ",
        "ada.lovelace+news@mail.example.co.uk",
        "o'hara_1@example.com",
        "Ada Lovelace <ada@example.com>",
        "Ada <ada@example.com>",
        '"Lovelace, Ada" <ada@example.com>',
        "<ada@example.com>",
        "Ädä 🎉 <ada@example.com>",
        "ada@bücher.example",
        "ada@xn--bcher-kva.example",
        f"{'a' * 64}@example.com",
    ],
)
def test_these_are_addresses(text: str) -> None:
    assert valid_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "ada",
        "@example.com",
        "ada@",
        "ada@localhost",
        "ada@example..com",
        "ada@-example.com",
        "ada@example.com.",
        "ada@127.0.0.1",
        "a da@example.com",
        ".ada@example.com",
        "ada.@example.com",
        "ada@@example.com",
        "ada@example.com, bob@example.com",
        "ada@example.com bob@example.com",
        "Ada <ada@example.com> <bob@example.com>",
        "Ada <ada@example.com",
        "ada@example.com\n",
        "Ada\r\nBcc: x <ada@example.com>",
        "ada\x00@example.com",
        "ädä@example.com",
        "ada@exa mple.com",
        f"{'a' * 65}@example.com",
        f"ada@{'a' * 64}.com",
        f"ada@{'a.' * 130}com",
        f"ada@{'ü' * 80}.com",
        "None",
    ],
)
def test_these_are_not(text: str) -> None:
    assert not valid_address(text)


def test_an_international_domain_travels_in_ascii() -> None:
    assert "ada@xn--bcher-kva.example" == parse_address("Ada <ada@bücher.example>").addr_spec


def test_a_display_name_with_a_comma_stays_one_address() -> None:
    address = parse_address('"Lovelace, Ada" <ada@example.com>')

    assert ("Lovelace, Ada", "ada@example.com") == (address.display_name, address.addr_spec)
