"""An event may say where the emails of its journey go: receipts to whoever was named at the checkout.

`from_address`, `recipient` and `reply_to` of the trigger event replace the fields of every email of that journey,
whatever the campaign says (behaviour 8.12). They mean nothing to other channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_FIELDS: Final = {"from_address": "sender", "recipient": "to", "reply_to": "reply_to"}


def address_overrides(event: Mapping[str, Any] | None) -> dict[str, str]:
    """Email field (`sender`, `to`, `reply_to`) → address, for each that the event overrides.

    An empty value is ignored. Whether a value is an address is not judged here: the channel refuses what is none, and
    the delivery fails with that reason (behaviour 8.13).
    """
    given = ((field, (event or {}).get(name)) for name, field in _FIELDS.items())
    return {field: text for field, value in given if value is not None and (text := str(value).strip())}
