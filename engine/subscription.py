"""Somebody who unsubscribed gets no message, unless the campaign or the message itself says that it must go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.conditions.equality import is_boolean


def is_unsubscribed(attributes: Mapping[str, Any]) -> bool:
    """Whether the person has unsubscribed, in any spelling of true (behaviour 11.01, 11.08, 5.22)."""
    return is_boolean(attributes.get("unsubscribed"), wanted=True)


def withholds(*, unsubscribed: bool, campaign_sends: bool, message_sends: bool | None) -> bool:
    """Whether a message must not go. The message's setting wins over the campaign's (behaviour 11.02, 11.03).

    Args:
        unsubscribed: of the person, at the moment the message is due (11.04).
        campaign_sends: the campaign sends to unsubscribed people.
        message_sends: the message does; None is as the campaign.
    """
    return unsubscribed and not (campaign_sends if message_sends is None else message_sends)
