from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Inbox

MERGE = "/api/v1/merge_customers"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"id": "p1"}, {"id": "p1"}),
        ({"email": "ada@example.com"}, {"email": "ada@example.com"}),
        ({"cio_id": "a3000001"}, {"cio_id": "a3000001"}),
        ({"cio_id": "cio_a3000001"}, {"cio_id": "a3000001"}),
        ({"id": 7}, {"id": "7"}),
        ({"id": "p1", "email": None, "cio_id": ""}, {"id": "p1"}),
    ],
)
async def test_each_side_is_named_by_one_identifier(
    track: httpx.AsyncClient, inbox: Inbox, sent: dict[str, Any], kept: dict[str, str]
) -> None:
    answer = await track.post(MERGE, json={"primary": sent, "secondary": {"id": "p2"}})

    assert (200, {}) == (answer.status_code, answer.json())
    assert [("merge", {"primary": kept, "secondary": {"id": "p2"}})] == await inbox()


@pytest.mark.parametrize(
    "side",
    [
        {"id": "p1", "email": "ada@example.com"},
        {},
        None,
        "p1",
        {"id": ["p1"]},
        {"phone": "1"},
        {"id": " "},
        {"id": True},
    ],
)
@pytest.mark.parametrize("name", ["primary", "secondary"])
async def test_a_side_that_is_not_named_by_exactly_one_is_refused(
    track: httpx.AsyncClient, inbox: Inbox, side: Any, name: str
) -> None:
    answer = await track.post(MERGE, json={"primary": {"id": "p1"}, "secondary": {"id": "p2"}, name: side})

    assert (400, []) == (answer.status_code, await inbox())
    assert answer.json()["meta"]["error"].startswith(name)
