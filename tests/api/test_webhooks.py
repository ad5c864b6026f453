from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from storage.database import Pool
from tests.api.conftest import NOW, Inbox

TOKEN = "unguessable-token"


@pytest.fixture
async def caller(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who knows the address and has no key."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sojourn") as client:
        yield client


@pytest.fixture
async def campaign(pool: Pool, workspace: int) -> int:
    """A running data campaign."""
    return int(
        await pool.fetchval(
            """
            WITH campaign AS (
                INSERT INTO campaigns (workspace_id, key, name, state, latest_version, created_at, updated_at,
                                       webhook_token)
                VALUES ($1, 'orders', 'Orders', 'running', 1, $2, $2, $3) RETURNING id
            )
            INSERT INTO campaign_versions SELECT id, 1, '{"trigger": {"webhook": {}}, "workflow": []}', '{}', $2
            FROM campaign RETURNING campaign_id
            """,
            workspace,
            NOW,
            TOKEN,
        )
    )


@pytest.mark.spec("1.91")
@pytest.mark.parametrize(
    "data", [{"order": {"id": 7, "lines": [{"sku": "A1"}]}}, [1, [2, {"a": None}]], "text", 7, None]
)
async def test_any_json_is_taken(caller: httpx.AsyncClient, inbox: Inbox, campaign: int, data: Any) -> None:
    answer = await caller.post(f"/webhooks/{TOKEN}", content=json.dumps(data))

    assert (200, {}) == (answer.status_code, answer.json())
    assert [("webhook", {"campaign": campaign, "data": data, "depth": 0})] == await inbox()


@pytest.mark.spec("1.98")
@pytest.mark.parametrize("body", [b"", b"not json", b'{"a": 1', b"\xff"])
async def test_what_is_no_json_is_refused(caller: httpx.AsyncClient, inbox: Inbox, campaign: int, body: bytes) -> None:
    answer = await caller.post(f"/webhooks/{TOKEN}", content=body)

    assert (400, []) == (answer.status_code, await inbox())


@pytest.mark.spec("6.50")
@pytest.mark.parametrize(("said", "depth"), [("3", 3), ("-1", 0), ("\u0663", 0), ("12345", 0), ("", 0)])
async def test_a_call_by_a_campaign_says_how_many_it_came_through(
    caller: httpx.AsyncClient, inbox: Inbox, campaign: int, said: str, depth: int
) -> None:
    await caller.post(f"/webhooks/{TOKEN}", json={}, headers={b"Sojourn-Depth": said.encode()})

    assert [depth] == [payload["depth"] for _, payload in await inbox()]


@pytest.mark.spec("1.98")
@pytest.mark.parametrize("token", ["other", "%00", "unguessable%2Dtoken%2F"])
async def test_an_unknown_token_is_not_found(
    caller: httpx.AsyncClient, inbox: Inbox, campaign: int, token: str
) -> None:
    answer = await caller.post(f"/webhooks/{token}", json={})

    assert (404, []) == (answer.status_code, await inbox())


@pytest.mark.spec("1.98")
@pytest.mark.parametrize("state", ["draft", "stopping", "stopped", "archived"])
async def test_a_call_of_a_campaign_that_is_not_running_is_ignored_and_remembered(
    caller: httpx.AsyncClient, manage: httpx.AsyncClient, inbox: Inbox, pool: Pool, campaign: int, state: str
) -> None:
    await pool.execute("UPDATE campaigns SET state = $1", state)

    answers = [await caller.post(f"/webhooks/{TOKEN}", json={"order": 7}) for _ in range(2)]

    refusals = (await manage.get("/campaigns/orders/refusals")).json()["items"]
    assert ([202, 202], []) == ([answer.status_code for answer in answers], await inbox())
    assert ["campaign_not_running"] * 2 == [refusal["reason"] for refusal in refusals]


async def test_the_body_is_bounded(caller: httpx.AsyncClient, inbox: Inbox, campaign: int) -> None:
    answer = await caller.post(f"/webhooks/{TOKEN}", json="x" * 1_000_001)

    assert (413, []) == (answer.status_code, await inbox())


@pytest.mark.spec("1.90")
async def test_the_campaign_shows_its_address(manage: httpx.AsyncClient, campaign: int) -> None:
    shown = (await manage.get("/campaigns/orders")).json()

    assert f"http://sojourn/webhooks/{TOKEN}" == shown["webhook_url"]


@pytest.mark.spec("1.90")
async def test_saving_a_webhook_trigger_makes_an_address_that_stays(manage: httpx.AsyncClient) -> None:
    document = {"name": "Orders", "trigger": "webhook", "workflow": [{"delay": "1h"}]}
    addresses: list[str] = []
    for name in ("orders", "orders", "returns"):
        saved = await manage.put(f"/campaigns/{name}", json={**document, "description": str(len(addresses))})
        assert 200 == saved.status_code, saved.text
        addresses.append((await manage.get(f"/campaigns/{name}")).json()["webhook_url"])

    assert addresses[0] == addresses[1] != addresses[2]
    assert all(len(address.rpartition("/")[2]) >= 32 for address in addresses)


async def test_a_draft_that_gets_another_trigger_has_no_address(
    manage: httpx.AsyncClient, caller: httpx.AsyncClient
) -> None:
    document = {"name": "Orders", "trigger": "webhook", "workflow": [{"delay": "1h"}]}
    await manage.put("/campaigns/orders", json=document)
    address = (await manage.get("/campaigns/orders")).json()["webhook_url"]

    await manage.put("/campaigns/orders", json={**document, "trigger": {"event": "ordered"}})

    called = await caller.post(address, json={})
    assert (404, None) == (called.status_code, (await manage.get("/campaigns/orders")).json()["webhook_url"])
