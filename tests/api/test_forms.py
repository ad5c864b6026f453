from __future__ import annotations

import httpx
import pytest

from storage.database import Pool
from tests.api.conftest import NOW


async def test_forms_are_listed_with_the_campaigns_that_they_trigger(
    manage: httpx.AsyncClient, pool: Pool, workspace: int
) -> None:
    for form in ("b", "a", "c"):
        await manage.put(f"/forms/{form}", json={"mapping": {}})
    await pool.execute(
        """
        WITH campaign AS (
            INSERT INTO campaigns (workspace_id, key, name, state, latest_version, created_at, updated_at)
            VALUES ($1, 'welcome', 'Welcome', 'draft', 1, $2, $2) RETURNING id
        )
        INSERT INTO campaign_versions SELECT id, 1, '{"trigger": {"form": "b"}}', '{}', $2 FROM campaign
        """,
        workspace,
        NOW,
    )

    first = (await manage.get("/forms?limit=2")).json()
    rest = (await manage.get("/forms", params={"cursor": first["next"]})).json()

    assert [("a", []), ("b", ["welcome"])] == [(one["id"], one["used_by"]) for one in first["items"]]
    assert (["c"], None) == ([one["id"] for one in rest["items"]], rest["next"])


async def test_a_mapping_replaces_the_one_before(manage: httpx.AsyncClient) -> None:
    await manage.put("/forms/a", json={"mapping": {"mail": "email", "x": "y"}})

    assert {"mail": "email"} == (await manage.put("/forms/a", json={"mapping": {"mail": "email"}})).json()["mapping"]


@pytest.mark.parametrize("mapping", [{"a": "x", "b": "x"}, {"a": 1}, {"a": "cio_id"}])
async def test_a_mapping_that_cannot_work_is_refused(manage: httpx.AsyncClient, mapping: dict[str, object]) -> None:
    answer = await manage.put("/forms/a", json={"mapping": mapping})

    assert (422, 404) == (answer.status_code, (await manage.get("/forms/a")).status_code)
    assert answer.json()["faults"][0]["place"].startswith("mapping")


async def test_leads_that_wait_are_listed_and_hurried(manage: httpx.AsyncClient, pool: Pool, workspace: int) -> None:
    await pool.execute(
        """
        INSERT INTO leads (workspace_id, lead_id, form_id, received_at, attempts, due_at, last_error)
        VALUES ($1, '1', 'a', $2, 3, NULL, 'No permission.'), ($1, '2', 'b', $2, 0, $2 + interval '1 h', NULL)
        """,
        workspace,
        NOW,
    )

    listed = (await manage.get("/leads")).json()["items"]
    await manage.put("/forms/a", json={"mapping": {}})
    of_the_form = [one["due_at"] for one in (await manage.get("/leads")).json()["items"]]
    retried = (await manage.post("/leads/retry")).json()

    assert [("1", "a", 3, None, "No permission."), ("2", "b", 0, "2026-11-24T13:00:00Z", None)] == [
        (one["id"], one["form"], one["attempts"], one["due_at"], one["last_error"]) for one in listed
    ]
    assert ["2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"] == of_the_form
    assert {"leads": 2} == retried
    assert {NOW} == {row["due_at"] for row in await pool.fetch("SELECT due_at FROM leads")}
