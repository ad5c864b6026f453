from __future__ import annotations

import httpx
import pytest

from storage.database import Pool
from tests.api.conftest import NOW
from tests.records import add_person


@pytest.mark.parametrize("path", ["ada%2F1%25", "Ada%40Example.com", "cio_{cio_id}"])
async def test_a_person_is_found_by_id_email_and_cio_id(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, path: str
) -> None:
    await add_person(pool, workspace, NOW, id="ada/1%", email="ada@example.com", plan="pro", unsubscribed="true")
    path = path.format(cio_id=await pool.fetchval("SELECT cio_id FROM people"))

    shown = (await manage.get(f"/people/{path}")).json()

    assert ("ada/1%", "ada@example.com", True) == (shown["id"], shown["email"], shown["unsubscribed"])
    assert {"plan": "pro", "unsubscribed": "true"} == shown["attributes"]


async def test_a_person_shows_segments_devices_and_failed_changes(
    manage: httpx.AsyncClient, pool: Pool, workspace: int
) -> None:
    person = await add_person(pool, workspace, NOW)
    await manage.put("/segments/pros", json={"name": "Pros", "condition": {"attribute": "plan", "equals": "pro"}})
    await pool.execute("INSERT INTO segment_members SELECT id, $1, $2 FROM segments", person, NOW)
    await pool.execute("INSERT INTO devices VALUES ($1, 'token', 'ios', $2, '{\"app\": 1}')", person, NOW)
    await pool.execute(
        "INSERT INTO failed_changes (workspace_id, person_id, at, reason, detail) "
        "VALUES ($1, $2, $3, 'invalid_email', '{}')",
        workspace,
        person,
        NOW,
    )

    shown = (await manage.get("/people/ada")).json()

    assert [{"key": "pros", "name": "Pros", "since": "2026-11-24T12:00:00Z"}] == shown["segments"]
    assert [("token", "ios", {"app": 1})] == [
        (one["token"], one["platform"], one["attributes"]) for one in shown["devices"]
    ]
    assert ["invalid_email"] == [one["reason"] for one in shown["failed_changes"]]


async def test_an_unknown_person_is_404_and_a_bad_identifier_400(manage: httpx.AsyncClient) -> None:
    paths = ("nobody", "nobody@example.com", "cio_1", "x" * 151)

    statuses = [(await manage.get(f"/people/{path}")).status_code for path in paths]

    assert [404, 404, 404, 400] == statuses
    assert 404 == (await manage.get("/people/nobody/journeys")).status_code
