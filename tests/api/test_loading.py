"""Starting a condition campaign for those who match already, as the API says and orders it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from storage.database import Pool

CAMPAIGN: dict[str, Any] = {
    "name": "Welcome",
    "from": "Shop <shop@example.com>",
    "trigger": {"condition": {"in": "pro"}},
    "workflow": [{"email": {"id": "hello", "subject": "Hello", "body": "Hello"}}],
}


@pytest.fixture
async def saved(manage: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client of a workspace with a condition campaign that is a draft."""
    condition = {"attribute": "plan", "equals": "pro"}
    assert (await manage.put("/segments/pro", json={"name": "Pro", "condition": condition})).is_success
    assert (await manage.put("/campaigns/welcome", json=CAMPAIGN)).is_success
    return manage


async def test_it_is_starting_and_temporal_is_told_to_let_people_in(saved: httpx.AsyncClient, pool: Pool) -> None:
    started = await saved.post("/campaigns/welcome/start", json={"matches": "current_and_future", "rate": 7})

    assert (200, "starting") == (started.status_code, started.json()["state"])
    shown = (await saved.get("/campaigns/welcome")).json()
    assert {"state": "loading", "entered": 0, "held_back": 0, "matching": None} == shown["loading"]
    told = [row["payload"]["type"] for row in await pool.fetch("SELECT payload FROM outbox WHERE kind = 'start'")]
    assert (["loading", "campaign"], 7) == (told, await pool.fetchval("SELECT load_rate FROM campaigns"))


async def test_it_is_paused_and_resumed_in_the_record_and_told_to_temporal(
    saved: httpx.AsyncClient, pool: Pool
) -> None:
    await saved.post("/campaigns/welcome/start", json={"matches": "current_and_future"})
    paused = await saved.post("/campaigns/welcome/loading", json={"action": "pause"})
    state = (await saved.get("/campaigns/welcome")).json()["loading"]["state"]
    await saved.post("/campaigns/welcome/loading", json={"action": "resume"})

    assert (200, "paused", "loading") == (
        paused.status_code,
        state,
        (await saved.get("/campaigns/welcome")).json()["loading"]["state"],
    )
    signals = await pool.fetch("SELECT payload ->> 'signal' AS name FROM outbox WHERE kind = 'signal' ORDER BY id")
    assert ["pause", "resume"] == [row["name"] for row in signals]


async def test_a_start_for_the_future_loads_nobody(saved: httpx.AsyncClient, pool: Pool) -> None:
    started = await saved.post("/campaigns/welcome/start")

    assert "running" == started.json()["state"]
    assert (await saved.get("/campaigns/welcome")).json()["loading"] is None
    assert 409 == (await saved.post("/campaigns/welcome/loading", json={"action": "pause"})).status_code


@pytest.mark.parametrize(
    "body",
    [{"matches": "everybody"}, {"rate": 0}, {"rate": 1001}, {"since": "yesterday"}, {"since": "2027-03-01T09:00"}],
)
async def test_nonsense_is_refused_and_starts_nothing(saved: httpx.AsyncClient, body: dict[str, Any]) -> None:
    refused = await saved.post("/campaigns/welcome/start", json=body)

    assert refused.status_code in (400, 422)
    assert "draft" == (await saved.get("/campaigns/welcome")).json()["state"]


async def test_a_stop_ends_the_loading(saved: httpx.AsyncClient) -> None:
    await saved.post("/campaigns/welcome/start", json={"matches": "current_and_future"})
    stopped = await saved.post("/campaigns/welcome/stop", json={"mode": "now"})

    assert "stopped" == stopped.json()["state"]
    assert "stopped" == (await saved.get("/campaigns/welcome")).json()["loading"]["state"]
    assert 409 == (await saved.post("/campaigns/welcome/loading", json={"action": "resume"})).status_code
