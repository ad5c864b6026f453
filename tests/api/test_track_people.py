from __future__ import annotations

from typing import Any

import httpx
import pytest

from storage.database import Pool
from tests.api.conftest import NOW, Inbox


async def test_identify_keeps_the_attributes_exactly_as_sent(track: httpx.AsyncClient, inbox: Inbox) -> None:
    attributes = {
        "email": "p1@example.test",
        "created_at": 1795446713,
        "ok": True,
        "n": None,
        "empty": "",
        "tags": ["a", "b"],
        "nested": {"k": 1},
        "_update": True,
        "cio_subscription_preferences.topics.topic_3": False,
    }

    response = await track.put("/api/v1/customers/p1", json=attributes)

    assert (200, {}) == (response.status_code, response.json())
    assert [("identify", {"who": {"id": "p1"}, "attributes": attributes})] == await inbox()


async def test_an_input_belongs_to_the_caller_and_the_time_of_receipt(
    track: httpx.AsyncClient, pool: Pool, workspace: int
) -> None:
    await track.put("/api/v1/customers/p1", json={})

    row = await pool.fetchrow("SELECT workspace_id, received_at FROM inbox")

    assert row is not None
    assert (workspace, NOW) == tuple(row)


@pytest.mark.parametrize("body", [b"", b"  ", b"null", b"{}"])
async def test_identify_without_attributes_names_the_person(
    track: httpx.AsyncClient, inbox: Inbox, body: bytes
) -> None:
    response = await track.put("/api/v1/customers/p1", content=body)

    assert 200 == response.status_code
    assert [("identify", {"who": {"id": "p1"}, "attributes": {}})] == await inbox()


@pytest.mark.parametrize(("sent", "kept"), [(1795446713, 1795446713.0), ("1795446713000", 1795446713.0)])
async def test_the_instant_that_orders_updates_follows_the_rule_of_timestamps(
    track: httpx.AsyncClient, inbox: Inbox, sent: Any, kept: float
) -> None:
    await track.put("/api/v1/customers/p1", json={"_timestamp": sent, "plan": "pro"})

    [(_, payload)] = await inbox()
    assert {"_timestamp": kept, "plan": "pro"} == payload["attributes"]


async def test_an_instant_that_is_none_is_refused(track: httpx.AsyncClient, inbox: Inbox) -> None:
    response = await track.put("/api/v1/customers/p1", json={"_timestamp": "yesterday"})

    assert 400 == response.status_code
    assert "_timestamp" == response.json()["faults"][0]["place"]
    assert [] == await inbox()


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("DELETE", "/api/v1/customers/p1", "delete"),
        ("POST", "/api/v1/customers/p1/suppress", "suppress"),
        ("POST", "/api/v1/customers/p1/unsuppress", "unsuppress"),
    ],
)
@pytest.mark.parametrize("body", [None, b"{}", b"not json"], ids=["none", "object", "nonsense"])
async def test_calls_without_content_need_no_body_and_mind_none(
    track: httpx.AsyncClient, inbox: Inbox, method: str, path: str, kind: str, body: bytes | None
) -> None:
    headers = {"content-type": "application/json"}

    response = await track.request(method, path, content=body, headers=headers)

    assert (200, {}) == (response.status_code, response.json())
    assert [(kind, {"who": {"id": "p1"}})] == await inbox()
