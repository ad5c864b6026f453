from __future__ import annotations

from typing import Any

import pytest

from engine.subscription import is_unsubscribed, withholds


@pytest.mark.spec("11.01", "11.08")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("true", True),
        (1, True),
        ("1", True),
        (False, False),
        ("false", False),
        (0, False),
        ("", False),
        (None, False),
        ("yes", False),
        ([True], False),
    ],
)
def test_unsubscribed_has_the_spellings_of_true(value: Any, expected: bool) -> None:
    assert expected is is_unsubscribed({"unsubscribed": value})


def test_without_the_attribute_nobody_is_unsubscribed() -> None:
    assert not is_unsubscribed({})


@pytest.mark.spec("11.02", "11.03")
@pytest.mark.parametrize(
    ("campaign_sends", "message_sends", "withheld"),
    [
        (False, None, True),
        (True, None, False),
        (False, True, False),
        (True, False, True),
        (False, False, True),
        (True, True, False),
    ],
)
def test_the_message_wins_over_the_campaign(campaign_sends: bool, message_sends: bool | None, withheld: bool) -> None:
    for unsubscribed in (True, False):
        assert (unsubscribed and withheld) is withholds(
            unsubscribed=unsubscribed, campaign_sends=campaign_sends, message_sends=message_sends
        )
