"""The scope of a receipt: Ada bought socks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from engine.templates import Scope

NOW = datetime(2024, 5, 6, 22, 30, tzinfo=UTC)


def scope(**changes: Any) -> Scope:
    values: dict[str, Any] = {
        "customer": {
            "first_name": "Ada",
            "nickname": "",
            "plan": None,
            "logins": 0,
            "tags": ["vip", "b<2"],
            "address": {"city": "Paris", "zip": None},
        },
        "event": {"price": 9.99, "product": "socks", "color": "blue", "items": [{"name": "socks"}, {"name": None}]},
        "event_name": "purchase",
        "event_timestamp": 1_715_000_000,
        "campaign": {"id": "receipts", "name": "Receipts", "type": "event"},
        "message": {"id": "receipt", "name": "Receipt", "type": "email", "subject": "Your order"},
        "delivery_id": "d1",
        "now": NOW,
    }
    return Scope(**(values | changes))
