"""Putting segments away, bringing them back, deleting them (behaviour 3.31, 3.32)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from storage.database import Pool
from tests.api.conftest import NOW
from tests.records import add_person

PRO = {"attribute": "plan", "equals": "pro"}
CAMPAIGN: dict[str, Any] = {
    "name": "Nudge",
    "trigger": {"event": "bought"},
    "filters": {"in": "pros"},
    "workflow": [{"delay": "1h"}],
}
PLAIN = {key: value for key, value in CAMPAIGN.items() if key != "filters"}
USES: dict[str, dict[str, Any]] = {
    "filters": CAMPAIGN,
    "trigger": {**PLAIN, "trigger": {"condition": {"in": "pros"}}},
    "branch": {**PLAIN, "workflow": [{"branch": {"if": {"in": "pros"}, "then": [{"delay": "1h"}]}}]},
    "goal": {**PLAIN, "goal": {"enters": "pros"}},
}


@pytest.fixture
async def pros(manage: httpx.AsyncClient, pool: Pool, workspace: int) -> int:
    """A data-driven segment with one member, built."""
    await manage.put("/segments/pros", json={"name": "Pros", "condition": PRO})
    person = await add_person(pool, workspace, NOW, plan="pro")
    await pool.execute("UPDATE segments SET state = 'ready', build_cursor = $1", person)
    await pool.execute("INSERT INTO segment_members SELECT id, $1, $2 FROM segments", person, NOW)
    await pool.execute("INSERT INTO segment_rechecks SELECT id, $1, $2 FROM segments", person, NOW)
    return int(await pool.fetchval("SELECT id FROM segments"))


async def state(manage: httpx.AsyncClient, key: str = "pros") -> str:
    return str((await manage.get(f"/segments/{key}")).json()["state"])


@pytest.mark.spec("3.32")
async def test_an_archived_segment_stays_as_it_is_and_is_built_anew_when_it_comes_back(
    manage: httpx.AsyncClient, pool: Pool, pros: int
) -> None:
    archived = await manage.post("/segments/pros/archive")
    again = await manage.post("/segments/pros/archive")
    shown = (await manage.get("/segments/pros")).json()
    rechecks = await pool.fetchval("SELECT count(*) FROM segment_rechecks")
    returned = await manage.post("/segments/pros/unarchive")
    cursor = await pool.fetchval("SELECT build_cursor FROM segments")

    assert [{"key": "pros", "state": "archived"}] * 2 == [archived.json(), again.json()]
    assert ("archived", 1, 0) == (shown["state"], shown["members"], rechecks)
    assert ({"key": "pros", "state": "building"}, 0) == (returned.json(), cursor)


async def test_one_that_is_not_archived_does_not_come_back(manage: httpx.AsyncClient, pros: int) -> None:
    assert {"key": "pros", "state": "ready"} == (await manage.post("/segments/pros/unarchive")).json()


async def test_a_manual_segment_comes_back_with_its_members(manage: httpx.AsyncClient) -> None:
    await manage.post("/segments", json={"name": "VIPs"})
    await manage.post("/segments/vips/archive")
    refused = await manage.post("/segments/vips/members", json={"change": "add", "ids": ["ada"]})

    returned = await manage.post("/segments/vips/unarchive")

    assert (409, {"key": "vips", "state": "ready"}) == (refused.status_code, returned.json())


@pytest.mark.spec("3.31")
@pytest.mark.parametrize("used_as", USES)
@pytest.mark.parametrize("campaign", ["draft", "running", "stopping", "stopped"])
@pytest.mark.parametrize("action", ["archive", "delete"])
async def test_a_segment_in_use_stays_and_the_answer_lists_the_uses(
    manage: httpx.AsyncClient, pool: Pool, pros: int, used_as: str, campaign: str, action: str
) -> None:
    assert 200 == (await manage.put("/campaigns/nudge", json=USES[used_as])).status_code
    await pool.execute("UPDATE campaigns SET state = $1", campaign)
    await manage.put("/segments/friends", json={"name": "Friends", "condition": {"in": "pros"}})

    if action == "archive":
        answer = await manage.post("/segments/pros/archive")
    else:
        answer = await manage.delete("/segments/pros")

    assert (409, "ready") == (answer.status_code, await state(manage))
    assert f"campaign nudge ({campaign}), segment friends" in answer.json()["message"]


@pytest.mark.spec("3.31")
async def test_one_that_only_archived_campaigns_use_may_be_archived_and_not_deleted(
    manage: httpx.AsyncClient, pool: Pool, pros: int
) -> None:
    await manage.put("/campaigns/nudge", json=CAMPAIGN)
    await pool.execute("UPDATE campaigns SET state = 'archived'")

    deleted = await manage.delete("/segments/pros")
    archived = await manage.post("/segments/pros/archive")

    assert (409, 200) == (deleted.status_code, archived.status_code)


PLACES = {"filters": "filters", "trigger": "trigger.condition", "branch": "workflow[0].branch.if", "goal": "goal"}


@pytest.mark.spec("3.31", "12.02")
@pytest.mark.parametrize("used_as", USES)
@pytest.mark.parametrize("campaign", ["starting", "running", "stopping"])
async def test_an_edit_that_counts_at_once_and_asks_about_an_archived_segment_is_refused(
    manage: httpx.AsyncClient, pool: Pool, pros: int, used_as: str, campaign: str
) -> None:
    await manage.put("/campaigns/nudge", json=PLAIN)
    await pool.execute("UPDATE campaigns SET state = $1", campaign)
    await manage.post("/segments/pros/archive")

    tried = await manage.post("/campaigns/validate", json={**USES[used_as], "key": "nudge"})
    refused = await manage.put("/campaigns/nudge", json=USES[used_as])

    [fault] = refused.json()["faults"]
    assert (422, PLACES[used_as], "The segment `pros` is archived.", True) == (
        refused.status_code,
        fault["place"],
        fault["problem"],
        "Unarchive it" in fault["remedy"],
    )
    assert (422, refused.json()) == (tried.status_code, tried.json())
    shown = (await manage.get("/campaigns/nudge")).json()
    assert (1, campaign) == (shown["version"], shown["state"])


@pytest.mark.spec("3.31", "12.02")
async def test_a_running_campaign_is_not_made_to_write_into_an_archived_segment(
    manage: httpx.AsyncClient, pool: Pool
) -> None:
    await manage.post("/segments", json={"name": "VIPs"})
    await manage.post("/segments/vips/archive")
    await manage.put("/campaigns/nudge", json=PLAIN)
    await pool.execute("UPDATE campaigns SET state = 'running'")

    refused = await manage.put("/campaigns/nudge", json={**PLAIN, "workflow": [{"update_segment": {"add": "vips"}}]})

    assert (422, ["workflow[0].update_segment"]) == (
        refused.status_code,
        [fault["place"] for fault in refused.json()["faults"]],
    )


@pytest.mark.spec("12.02")
@pytest.mark.parametrize("campaign", ["draft", "stopped"])
async def test_where_nobody_is_inside_it_is_told_at_the_save_and_forbids_the_start(
    manage: httpx.AsyncClient, pool: Pool, pros: int, campaign: str
) -> None:
    await manage.put("/campaigns/nudge", json=PLAIN)
    await pool.execute("UPDATE campaigns SET state = $1", campaign)
    await manage.post("/segments/pros/archive")

    saved = await manage.put("/campaigns/nudge", json=CAMPAIGN)
    started = await manage.post("/campaigns/nudge/start")

    told = [one["problem"] for one in saved.json()["findings"] if one["level"] == "error"]
    assert (200, ["The segment `pros` is archived."], 422) == (saved.status_code, told, started.status_code)


async def test_an_earlier_version_is_no_use(manage: httpx.AsyncClient, pros: int) -> None:
    await manage.put("/campaigns/nudge", json=CAMPAIGN)
    await manage.put("/campaigns/nudge", json=PLAIN)

    assert 204 == (await manage.delete("/segments/pros")).status_code


async def test_a_deleted_segment_is_gone_with_all_that_hangs_on_it(
    manage: httpx.AsyncClient, pool: Pool, pros: int
) -> None:
    answer = await manage.delete("/segments/pros")

    assert (204, b"", 404) == (answer.status_code, answer.content, (await manage.get("/segments/pros")).status_code)
    assert 0 == await pool.fetchval(
        "SELECT (SELECT count(*) FROM segment_members) + (SELECT count(*) FROM segment_rechecks)"
    )


async def test_what_nobody_asks_any_more_is_not_counted(manage: httpx.AsyncClient, pool: Pool) -> None:
    asked = {"performed": {"event": "bought", "at_least": 2}}
    await manage.put("/segments/buyers", json={"name": "Buyers", "condition": asked})
    await manage.put("/segments/others", json={"name": "Others", "condition": asked})
    numbers = []
    for call in ("/segments/buyers/archive", "/segments/others/archive", "/segments/buyers/unarchive"):
        assert 200 == (await manage.post(call)).status_code
        numbers.append(await pool.fetchval("SELECT count(*) FROM event_questions"))

    assert [1, 0, 1] == numbers


async def test_what_is_not_there_is_not_found(manage: httpx.AsyncClient) -> None:
    answers = [
        await manage.post("/segments/x/archive"),
        await manage.post("/segments/x/unarchive"),
        await manage.delete("/segments/x"),
    ]

    assert [404] * 3 == [answer.status_code for answer in answers]
