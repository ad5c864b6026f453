from __future__ import annotations

import asyncio

import httpx
import pytest

from storage.database import Pool
from tests.api.conftest import NOW
from tests.records import add_delivery, add_journey, add_person


@pytest.fixture
async def ids(manage: httpx.AsyncClient, pool: Pool, workspace: int) -> dict[str, str]:
    document = {"name": "Welcome", "trigger": {"event": "signed_up"}, "workflow": [{"delay": "1h"}]}
    assert 200 == (await manage.put("/campaigns/welcome", json=document)).status_code
    campaign = int(await pool.fetchval("SELECT id FROM campaigns"))
    person = await add_person(pool, workspace, NOW, email="ada@example.com")
    journey = await add_journey(pool, workspace, campaign, person, NOW)
    states = ("sent", "unknown", "failed")
    return {state: await add_delivery(pool, workspace, campaign, person, journey, NOW, state=state) for state in states}


async def test_deliveries_are_listed_by_state_campaign_and_person(
    manage: httpx.AsyncClient, ids: dict[str, str]
) -> None:
    for path in ("/deliveries", "/campaigns/welcome/deliveries", "/people/ada/deliveries"):
        everything = (await manage.get(path)).json()["items"]
        unknown = (await manage.get(path, params={"state": "unknown"})).json()["items"]

        assert ["failed", "unknown", "sent"] == [one["state"] for one in everything]
        assert [ids["unknown"]] == [one["id"] for one in unknown]
        assert all("content" not in one for one in everything)


async def test_one_delivery_shows_its_content(manage: httpx.AsyncClient, ids: dict[str, str]) -> None:
    shown = (await manage.get(f"/deliveries/{ids['sent']}")).json()

    assert ({"html": "<p>Hello</p>"}, "ada@example.com", "welcome") == (
        shown["content"],
        shown["recipient"],
        shown["campaign"]["key"],
    )
    assert 404 == (await manage.get("/deliveries/none")).status_code


async def test_resending_starts_one_workflow_for_one_attempt(
    manage: httpx.AsyncClient, pool: Pool, ids: dict[str, str]
) -> None:
    path = f"/deliveries/{ids['unknown']}/settle"

    answers = await asyncio.gather(*(manage.post(path, json={"action": "resend"}) for _ in range(2)))

    delivery = await pool.fetchval("SELECT id FROM deliveries WHERE state = 'unknown'")
    rows = await pool.fetch("SELECT workflow_id, payload FROM outbox")
    assert [200, 200] == [answer.status_code for answer in answers]
    assert {f"resend:{delivery}:2"} == {row["workflow_id"] for row in rows}
    assert ("resend", delivery) == (rows[0]["payload"]["type"], rows[0]["payload"]["argument"]["delivery"])


async def test_dropping_makes_it_undeliverable_and_says_who_did(
    manage: httpx.AsyncClient, pool: Pool, ids: dict[str, str]
) -> None:
    path = f"/deliveries/{ids['unknown']}/settle"

    dropped = await manage.post(path, json={"action": "drop"})
    again = await manage.post(path, json={"action": "drop"})
    resent = await manage.post(path, json={"action": "resend"})

    assert ("undeliverable", "2026-11-24T12:00:00Z") == (
        dropped.json()["state"],
        dropped.json()["times"]["undeliverable"],
    )
    assert "operator" in dropped.json()["failure"]
    assert (200, 409) == (again.status_code, resent.status_code)
    assert [] == await pool.fetch("SELECT id FROM outbox")


async def test_a_failed_message_can_be_sent_again(manage: httpx.AsyncClient, pool: Pool, ids: dict[str, str]) -> None:
    answer = await manage.post(f"/deliveries/{ids['failed']}/settle", json={"action": "resend"})

    delivery = await pool.fetchval("SELECT id FROM deliveries WHERE state = 'failed'")
    assert (200, "failed") == (answer.status_code, answer.json()["state"])
    assert f"resend:{delivery}:2" == await pool.fetchval("SELECT workflow_id FROM outbox")


async def test_an_unknown_one_whose_content_was_erased_can_only_be_dropped(
    manage: httpx.AsyncClient, pool: Pool, ids: dict[str, str]
) -> None:
    await pool.execute("UPDATE deliveries SET content = NULL")
    path = f"/deliveries/{ids['unknown']}/settle"

    resent, dropped = [await manage.post(path, json={"action": action}) for action in ("resend", "drop")]

    assert (409, 200) == (resent.status_code, dropped.status_code)
    assert "erased with the person" in resent.json()["message"]
    assert 0 == await pool.fetchval("SELECT count(*) FROM outbox")


async def test_nothing_else_can_be_settled(manage: httpx.AsyncClient, ids: dict[str, str]) -> None:
    answers = [
        await manage.post(f"/deliveries/{ids['sent']}/settle", json={"action": "drop"}),
        await manage.post(f"/deliveries/{ids['sent']}/settle", json={"action": "resend"}),
        await manage.post(f"/deliveries/{ids['failed']}/settle", json={"action": "drop"}),
        await manage.post("/deliveries/none/settle", json={"action": "drop"}),
        await manage.post(f"/deliveries/{ids['unknown']}/settle", json={"action": "forget"}),
    ]

    assert [409, 409, 409, 404, 422] == [answer.status_code for answer in answers]
    assert "sent" in answers[0].json()["message"]
    assert "failed" in answers[2].json()["message"]


async def test_a_webhook_is_shown_without_its_secrets(
    manage: httpx.AsyncClient, pool: Pool, ids: dict[str, str]
) -> None:
    content = {"method": "POST", "url": "https://ada:s3cr3t@x.example/a?token=s3cr3t", "headers": {"X-Key": "s3cr3t"}}
    update = "UPDATE deliveries SET channel = 'webhook', content = $1 WHERE public_id = $2"
    await pool.execute(update, content, ids["sent"])

    shown = await manage.get(f"/deliveries/{ids['sent']}")

    assert "s3cr3t" not in shown.text
    assert "https://***@x.example/a?token=***" == shown.json()["content"]["url"]
