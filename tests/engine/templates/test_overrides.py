"""An event says where the emails of its journey go."""

from __future__ import annotations

import pytest

from engine.templates import address_overrides


def test_an_event_replaces_the_addresses_it_names() -> None:
    event = {"from_address": "Shop <s@shop.example>", "recipient": "bob@example.com", "reply_to": " h@shop.example "}

    expected = {"sender": "Shop <s@shop.example>", "to": "bob@example.com", "reply_to": "h@shop.example"}
    assert expected == address_overrides(event | {"price": 9.99})


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_value_is_ignored(value: object) -> None:
    assert {} == address_overrides({"recipient": value})


def test_what_is_no_address_is_handed_on_for_the_channel_to_refuse() -> None:
    assert {"to": "42"} == address_overrides({"recipient": 42})


def test_without_an_event_nothing_is_replaced() -> None:
    assert {} == address_overrides(None)
