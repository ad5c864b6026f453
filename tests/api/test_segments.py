from __future__ import annotations

from typing import Any

import httpx
import pytest

from storage.database import Pool
from tests.api.conftest import NOW
from tests.records import add_person


async def save(manage: httpx.AsyncClient, key: str, condition: dict[str, Any], **more: Any) -> dict[str, Any]:
    response = await manage.put(f"/segments/{key}", json={"name": key.title(), "condition": condition, **more})
    assert 200 == response.status_code, response.text
    return dict(response.json())


async def finish_builds(pool: Pool) -> None:
    await pool.execute("UPDATE segments SET state = 'ready', build_cursor = 100")


async def states(pool: Pool) -> dict[str, tuple[str, int, int]]:
    rows = await pool.fetch("SELECT key, state, version, build_cursor FROM segments")
    return {row["key"]: (row["state"], row["version"], row["build_cursor"]) for row in rows}


PRO = {"attribute": "plan", "equals": "pro"}
FREE = {"attribute": "plan", "equals": "free"}


@pytest.mark.spec("3.04")
async def test_a_saved_segment_is_building(manage: httpx.AsyncClient) -> None:
    saved = await save(manage, "customers", PRO, description="Who pays")

    shown = (await manage.get("/segments/customers")).json()
    assert ("created", 1, "building") == (saved["outcome"], saved["version"], saved["state"])
    assert ("Customers", "Who pays", PRO, "building", 0) == (
        shown["name"],
        shown["description"],
        shown["condition"],
        shown["state"],
        shown["members"],
    )


@pytest.mark.spec("3.19")
async def test_a_segment_shows_its_members_and_the_campaigns_that_use_it(
    manage: httpx.AsyncClient, pool: Pool, workspace: int
) -> None:
    await save(manage, "customers", PRO)
    person = await add_person(pool, workspace, NOW)
    await pool.execute("INSERT INTO segment_members SELECT id, $1, $2 FROM segments", person, NOW)
    document = {"name": "A", "trigger": {"event": "a"}, "workflow": [{"delay": "1h"}]}
    uses: dict[str, dict[str, Any]] = {
        "filter": {"filters": {"not_in": "customers"}},
        "goal": {"goal": {"enters": "customers"}},
        "block": {"workflow": [{"branch": {"if": {"in": "customers"}, "then": [{"delay": "1h"}]}}]},
        "none": {},
    }
    for key, use in uses.items():
        assert 200 == (await manage.put(f"/campaigns/{key}", json={**document, **use})).status_code
    await manage.put("/campaigns/filter", json={**document, "name": "Other"})

    shown = (await manage.get("/segments/customers")).json()

    assert (1, ["block", "goal"]) == (shown["members"], [one["key"] for one in shown["used_by"]])


async def test_only_another_condition_builds_it_anew(manage: httpx.AsyncClient, pool: Pool) -> None:
    await save(manage, "customers", PRO)
    await finish_builds(pool)

    unchanged = await save(manage, "customers", PRO)
    renamed = await save(manage, "customers", PRO, name="Payers")
    before = await states(pool)
    changed = await save(manage, "customers", FREE, name="Payers")

    assert ["unchanged", "changed", "changed"] == [one["outcome"] for one in (unchanged, renamed, changed)]
    assert {"customers": ("ready", 1, 100)} == before
    assert {"customers": ("building", 2, 0)} == await states(pool)


async def test_segments_that_ask_about_it_are_built_anew_too(manage: httpx.AsyncClient, pool: Pool) -> None:
    await save(manage, "customers", PRO)
    await save(manage, "friends", {"in": "customers"})
    await save(manage, "families", {"any": [{"not_in": "friends"}, FREE]})
    await save(manage, "others", FREE)
    await finish_builds(pool)

    await save(manage, "customers", FREE)

    assert {
        "customers": ("building", 2, 0),
        "friends": ("building", 1, 0),
        "families": ("building", 1, 0),
        "others": ("ready", 1, 100),
    } == await states(pool)


@pytest.mark.spec("3.15")
async def test_a_circle_of_segments_is_refused_with_the_way_round(manage: httpx.AsyncClient, pool: Pool) -> None:
    await save(manage, "a", {"in": "b"})
    await save(manage, "b", {"all": [{"not_in": "c"}, PRO]})

    far = await manage.put("/segments/c", json={"name": "C", "condition": {"in": "a"}})
    self_asking = await manage.put("/segments/d", json={"name": "D", "condition": {"in": "d"}})

    assert (422, 422) == (far.status_code, self_asking.status_code)
    assert "c → a → b → c" in far.json()["message"]
    assert {"a", "b"} == (await states(pool)).keys()


@pytest.mark.spec("3.15")
async def test_validate_refuses_what_a_save_refuses_and_saves_nothing(manage: httpx.AsyncClient, pool: Pool) -> None:
    await save(manage, "a", {"in": "b"})
    await manage.post("/segments", json={"name": "Staff"})
    await save(manage, "old", PRO)
    await manage.post("/segments/old/archive")
    before = await states(pool)
    documents: list[dict[str, Any]] = [
        {"name": "B", "condition": {"not_in": "a"}},
        {"name": "C", "condition": {"in": "c"}},
        {"name": "Staff", "condition": PRO},
        {"name": "A", "manual": True},
        {"name": "Old", "condition": PRO},
        {"name": "X", "condition": {}},
    ]

    checked = [await manage.post("/segments/validate", json=one) for one in documents]
    saved = [await manage.put(f"/segments/{one['name'].lower()}", json=one) for one in documents]

    assert [422, 422, 422, 422, 409, 422] == [one.status_code for one in saved]
    assert [one.json() for one in saved] == [one.json() for one in checked]
    assert before == await states(pool)


async def test_validate_says_what_a_save_would_say(manage: httpx.AsyncClient, pool: Pool) -> None:
    document = {"name": "Friends", "condition": [{"in": "customers"}]}

    checked = await manage.post("/segments/validate", json=document)

    assert (200, "friends", {}) == (checked.status_code, checked.json()["document"]["key"], await states(pool))
    assert (await manage.put("/segments/friends", json=document)).json()["findings"] == checked.json()["findings"]


async def test_a_segment_that_does_not_exist_yet_is_only_a_warning(manage: httpx.AsyncClient) -> None:
    saved = await save(manage, "friends", {"in": "customers"})

    assert [("warning", "condition")] == [(one["level"], one["place"]) for one in saved["findings"]]
    assert [] == (await save(manage, "customers", PRO))["findings"]


async def test_a_broken_condition_is_refused(manage: httpx.AsyncClient) -> None:
    response = await manage.put("/segments/x", json={"name": "X", "condition": {"attribute": "plan", "eqals": "pro"}})

    assert 422 == response.status_code
    assert all(fault["remedy"] for fault in response.json()["faults"])
    assert 404 == (await manage.get("/segments/x")).status_code


async def test_a_manual_segment_takes_no_condition(manage: httpx.AsyncClient, pool: Pool, workspace: int) -> None:
    await pool.execute(
        "INSERT INTO segments (workspace_id, key, name, kind, state, created_at, updated_at) "
        "VALUES ($1, 'vips', 'VIPs', 'manual', 'ready', $2, $2)",
        workspace,
        NOW,
    )

    response = await manage.put("/segments/vips", json={"name": "VIPs", "condition": PRO})

    assert (422, None) == (response.status_code, (await manage.get("/segments/vips")).json()["condition"])


async def test_members_are_listed_in_pages(manage: httpx.AsyncClient, pool: Pool, workspace: int) -> None:
    await save(manage, "customers", PRO)
    for name in ("ada", "bob", "cyd"):
        person = await add_person(pool, workspace, NOW, id=name)
        await pool.execute("INSERT INTO segment_members SELECT id, $1, $2 FROM segments", person, NOW)

    first = (await manage.get("/segments/customers/members?limit=2")).json()
    rest = (await manage.get("/segments/customers/members", params={"cursor": first["next"]})).json()

    assert (["ada", "bob"], ["cyd"], None) == (
        [one["id"] for one in first["items"]],
        [one["id"] for one in rest["items"]],
        rest["next"],
    )
    assert 3 == (await manage.get("/segments")).json()["items"][0]["members"]
