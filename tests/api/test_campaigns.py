from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from storage.database import Pool
from tests.api.conftest import NOW
from tests.records import add_delivery, add_journey, add_person, add_retry

WELCOME: dict[str, Any] = {
    "name": "Welcome",
    "from": "Shop <shop@example.com>",
    "trigger": {"event": "signed_up"},
    "workflow": [
        {"delay": "1h"},
        {"email": {"id": "hello", "subject": "Hello", "body": "Hello {{customer.name | default: 'you'}}"}},
    ],
}


async def save(manage: httpx.AsyncClient, key: str = "welcome", **changes: Any) -> dict[str, Any]:
    response = await manage.put(f"/campaigns/{key}", json={**WELCOME, **changes})
    assert 200 == response.status_code, response.text
    return dict(response.json())


async def campaign_id(pool: Pool, key: str = "welcome") -> int:
    return int(await pool.fetchval("SELECT id FROM campaigns WHERE key = $1", key))


async def outbox(pool: Pool) -> list[tuple[str, str, str]]:
    rows = await pool.fetch("SELECT kind, workflow_id, payload FROM outbox ORDER BY id")
    return [(row["kind"], row["workflow_id"], row["payload"].get("signal") or row["payload"]["type"]) for row in rows]


@pytest.mark.spec("1.01", "1.02")
async def test_a_saved_campaign_is_a_draft_with_a_name_a_description_and_tags(manage: httpx.AsyncClient) -> None:
    saved = await save(manage, description="For new people", tags=["onboarding"])

    assert ("welcome", 1, "created", "draft") == (saved["key"], saved["version"], saved["outcome"], saved["state"])
    shown = (await manage.get("/campaigns/welcome")).json()
    assert ("Welcome", "For new people", ["onboarding"]) == (shown["name"], shown["description"], shown["tags"])
    assert ("draft", None) == (shown["state"], shown["first_started_at"])
    assert {"event": "signed_up"} == shown["trigger"]


@pytest.mark.spec("1.01")
async def test_a_campaign_without_a_name_or_a_trigger_is_refused_with_every_fault(manage: httpx.AsyncClient) -> None:
    response = await manage.put("/campaigns/welcome", json={"workflow": [{"dely": "1h"}], "colour": "red"})

    assert 422 == response.status_code
    faults = response.json()["faults"]
    assert {"name", "trigger", "colour"} <= {fault["place"] for fault in faults}
    assert all(fault["problem"] and fault["remedy"] for fault in faults)
    assert 404 == (await manage.get("/campaigns/welcome")).status_code


async def test_an_unchanged_document_makes_no_new_version(manage: httpx.AsyncClient) -> None:
    await save(manage)

    saved = await save(manage)

    assert ("unchanged", 1) == (saved["outcome"], saved["version"])
    assert [1] == [one["version"] for one in (await manage.get("/campaigns/welcome/versions")).json()["items"]]


async def test_every_version_stays_readable(manage: httpx.AsyncClient) -> None:
    await save(manage)
    await save(manage, name="Welcome, again")

    versions = (await manage.get("/campaigns/welcome/versions?limit=1")).json()
    rest = (await manage.get("/campaigns/welcome/versions", params={"cursor": versions["next"]})).json()
    first = (await manage.get("/campaigns/welcome?version=1")).json()

    assert [2, 1] == [one["version"] for one in versions["items"] + rest["items"]]
    assert ("Welcome", "Welcome, again", 1) == (first["document"]["name"], first["name"], first["shown_version"])
    assert 404 == (await manage.get("/campaigns/welcome?version=3")).status_code


async def test_a_document_is_taken_as_yaml_too(manage: httpx.AsyncClient) -> None:
    text = "name: Welcome\ntrigger: {event: signed_up}\nworkflow:\n  - exit\n"

    response = await manage.put("/campaigns/welcome", content=text, headers={"Content-Type": "application/yaml"})
    broken = await manage.put("/campaigns/welcome", content="a: [", headers={"Content-Type": "text/yaml"})

    assert 200 == response.status_code, response.text
    assert 422 == broken.status_code
    assert "Line 2" in broken.json()["message"]


async def test_a_key_in_the_document_must_be_the_one_in_the_path(manage: httpx.AsyncClient) -> None:
    response = await manage.put("/campaigns/welcome", json={**WELCOME, "key": "goodbye"})

    assert (422, "key") == (response.status_code, response.json()["faults"][0]["place"])


async def test_a_save_counts_as_a_change_of_the_definitions(
    manage: httpx.AsyncClient, pool: Pool, workspace: int
) -> None:
    await save(manage)
    before = await pool.fetchval("SELECT version FROM definitions WHERE workspace_id = $1", workspace)

    await save(manage, name="Other")

    assert before < await pool.fetchval("SELECT version FROM definitions WHERE workspace_id = $1", workspace)


@pytest.mark.spec("15.03")
async def test_saves_at_once_make_whole_versions_one_after_the_other(manage: httpx.AsyncClient) -> None:
    names = [f"Welcome {number}" for number in range(8)]
    documents: list[dict[str, Any]] = [
        {"name": name, "description": f"Of {name}", "tags": [name.replace(" ", "-").lower()]} for name in names
    ]

    saved = await asyncio.gather(*(save(manage, **document) for document in documents))

    assert list(range(1, 9)) == sorted(one["version"] for one in saved)
    for document, one in zip(documents, saved, strict=True):
        shown = (await manage.get(f"/campaigns/welcome?version={one['version']}")).json()["document"]
        assert document == {key: shown[key] for key in document}


async def test_a_missing_segment_is_told_at_save_and_forbids_the_start(manage: httpx.AsyncClient) -> None:
    saved = await save(manage, filters={"in": "customers"})

    refused = await manage.post("/campaigns/welcome/start")

    assert ["error"] == [finding["level"] for finding in saved["findings"]]
    assert "customers" in saved["findings"][0]["problem"]
    assert 422 == refused.status_code
    assert "customers" in refused.json()["message"]
    assert "draft" == (await manage.get("/campaigns/welcome")).json()["state"]


@pytest.mark.spec("12.01")
async def test_a_start_is_refused_with_every_error_of_the_review(manage: httpx.AsyncClient, pool: Pool) -> None:
    await manage.put(
        "/campaigns/welcome", json={**WELCOME, "from": None, "filters": {"all": [{"in": "a"}, {"in": "b"}]}}
    )

    refused = await manage.post("/campaigns/welcome/start")

    assert (422, 3) == (refused.status_code, len(refused.json()["faults"]))
    assert "draft" == (await manage.get("/campaigns/welcome")).json()["state"]
    assert [] == await outbox(pool)


async def test_validate_reads_a_document_without_saving_it(manage: httpx.AsyncClient) -> None:
    good = await manage.post("/campaigns/validate", json={**WELCOME, "filters": {"in": "customers"}})
    bad = await manage.post("/campaigns/validate", json={"name": "x"})

    assert (200, "welcome") == (good.status_code, good.json()["document"]["key"])
    assert ["error"] == [finding["level"] for finding in good.json()["findings"]]
    assert 422 == bad.status_code
    assert [] == (await manage.get("/campaigns")).json()["items"]


@pytest.mark.spec("13.12", "15.37")
async def test_validate_refuses_what_a_save_refuses(manage: httpx.AsyncClient) -> None:
    await save(manage)
    await manage.post("/campaigns/welcome/start")
    other = {**WELCOME, "trigger": {"condition": {"in": "customers"}}}

    typed = await manage.post("/campaigns/validate", json=other)
    saved = await manage.put("/campaigns/welcome", json=other)
    await manage.post("/campaigns/welcome/stop", json={"mode": "now"})
    await manage.post("/campaigns/welcome/archive")
    archived = await manage.post("/campaigns/validate", json=WELCOME)

    assert ([422, 422, 409], saved.json()) == (
        [one.status_code for one in (typed, saved, archived)],
        typed.json(),
    )


async def test_a_start_tells_temporal_once_and_lets_people_in(
    manage: httpx.AsyncClient, pool: Pool, workspace: int
) -> None:
    await save(manage)

    started = await manage.post("/campaigns/welcome/start")

    workflow = f"campaign:{workspace}:{await campaign_id(pool)}"
    assert (200, "running") == (started.status_code, started.json()["state"])
    assert [("start", workflow, "look_again")] == await outbox(pool)
    payload = await pool.fetchval("SELECT payload FROM outbox WHERE kind = 'start'")
    assert {"Campaign": "welcome", "CampaignId": workflow.rpartition(":")[2], "WorkspaceId": str(workspace)} == payload[
        "search"
    ]


async def test_two_starts_at_once_start_once(manage: httpx.AsyncClient, pool: Pool) -> None:
    await save(manage)

    answers = await asyncio.gather(*(manage.post("/campaigns/welcome/start") for _ in range(4)))

    assert [200, 409, 409, 409] == sorted(answer.status_code for answer in answers)
    assert 1 == await pool.fetchval("SELECT count(*) FROM outbox WHERE kind = 'start'")


@pytest.mark.spec("12.09")
async def test_the_first_start_is_kept_over_stop_and_restart(manage: httpx.AsyncClient, pool: Pool) -> None:
    await save(manage)
    await manage.post("/campaigns/welcome/start")
    first = NOW - timedelta(days=1)
    await pool.execute("UPDATE campaigns SET first_started_at = $1, started_at = $1", first)
    await manage.post("/campaigns/welcome/stop", json={"mode": "now"})
    await pool.execute("UPDATE campaigns SET stopped_at = $1", first)

    await manage.post("/campaigns/welcome/start")

    shown = (await manage.get("/campaigns/welcome")).json()
    assert (first.isoformat().replace("+00:00", "Z"), NOW.isoformat().replace("+00:00", "Z")) == (
        shown["first_started_at"],
        shown["started_at"],
    )


@pytest.mark.parametrize("mode", ["finish", "now"])
async def test_when_and_how_it_was_stopped_is_kept_whatever_follows(
    manage: httpx.AsyncClient, pool: Pool, mode: str
) -> None:
    await save(manage)
    await manage.post("/campaigns/welcome/start")
    await manage.post("/campaigns/welcome/stop", json={"mode": mode})
    stopped_at = NOW - timedelta(days=1)
    await pool.execute("UPDATE campaigns SET stopped_at = $1", stopped_at)

    for action in ("archive", "unarchive", "start"):
        shown = (await manage.post(f"/campaigns/welcome/{action}"), await manage.get("/campaigns/welcome"))[1].json()
        assert (stopped_at, mode) == (datetime.fromisoformat(shown["stopped_at"]), shown["stop_mode"])


@pytest.mark.spec("13.01")
async def test_a_stopped_campaign_stays_editable(manage: httpx.AsyncClient) -> None:
    await save(manage)
    await manage.post("/campaigns/welcome/start")
    await manage.post("/campaigns/welcome/stop", json={"mode": "now"})

    saved = await save(
        manage,
        trigger={"event": "bought"},
        goal={"event": "bought_again"},
        exit="goal",
        workflow=[{"delay": "2h"}, *WELCOME["workflow"][1:]],
    )

    assert ("changed", 2, "stopped") == (saved["outcome"], saved["version"], saved["state"])


@pytest.mark.spec("13.04")
async def test_finishing_with_nobody_inside_stops_at_once(
    manage: httpx.AsyncClient, pool: Pool, workspace: int
) -> None:
    await save(manage)
    await manage.post("/campaigns/welcome/start")
    person = await add_person(pool, workspace, NOW)
    await add_journey(pool, workspace, await campaign_id(pool), person, NOW, state="finished")

    stopped = await manage.post("/campaigns/welcome/stop", json={"mode": "finish"})

    assert "stopped" == stopped.json()["state"]
    assert "drain" == (await outbox(pool))[-1][2]


async def test_finishing_with_people_inside_is_stopping_and_can_still_be_stopped_or_restarted(
    manage: httpx.AsyncClient, pool: Pool, workspace: int
) -> None:
    await save(manage)
    await manage.post("/campaigns/welcome/start")
    person = await add_person(pool, workspace, NOW)
    await add_journey(pool, workspace, await campaign_id(pool), person, NOW)

    states = [
        (await manage.post(f"/campaigns/welcome/{action}", json=body)).json()["state"]
        for action, body in [
            ("stop", {"mode": "finish"}),
            ("start", None),
            ("stop", {"mode": "finish"}),
            ("stop", {"mode": "now"}),
        ]
    ]

    assert ["stopping", "running", "stopping", "stopped"] == states
    shown = (await manage.get("/campaigns/welcome")).json()
    assert (1, False) == (shown["inside"], shown["inside_at_least"])
    assert ["look_again", "drain", "look_again", "drain", "stop"] == [what for *_, what in await outbox(pool)]


async def test_an_impossible_action_says_what_to_do_instead(manage: httpx.AsyncClient) -> None:
    await save(manage)

    refused = await manage.post("/campaigns/welcome/stop", json={"mode": "now"})
    unknown = await manage.post("/campaigns/goodbye/start")
    nonsense = await manage.post("/campaigns/welcome/stop", json={"mode": "gently"})

    assert (409, "conflict") == (refused.status_code, refused.json()["code"])
    assert "Start it first" in refused.json()["message"]
    assert (404, 422) == (unknown.status_code, nonsense.status_code)


@pytest.mark.spec("13.07")
async def test_a_stop_drops_what_waits_for_filters(manage: httpx.AsyncClient, pool: Pool, workspace: int) -> None:
    await save(manage)
    await manage.post("/campaigns/welcome/start")
    person = await add_person(pool, workspace, NOW)
    campaign = await campaign_id(pool)
    retry = await add_retry(pool, workspace, campaign, person, NOW, NOW + timedelta(minutes=30))

    await manage.post("/campaigns/welcome/stop", json={"mode": "finish"})

    assert 0 == await pool.fetchval("SELECT count(*) FROM filter_retries")
    refusals = (await manage.get("/campaigns/welcome/refusals")).json()["items"]
    assert [("campaign_not_running", "ada")] == [(one["reason"], one["person"]["id"]) for one in refusals]
    assert ("signal", f"journey:{workspace}:{campaign}:{person}:e{retry}", "look_again") == (await outbox(pool))[-1]


async def test_campaigns_are_listed_by_key_in_pages(manage: httpx.AsyncClient) -> None:
    for key in ("b", "c", "a"):
        await save(manage, key)

    first = (await manage.get("/campaigns?limit=2")).json()
    second = (await manage.get("/campaigns", params={"limit": 2, "cursor": first["next"]})).json()

    assert (["a", "b"], ["c"], None) == (
        [one["key"] for one in first["items"]],
        [one["key"] for one in second["items"]],
        second["next"],
    )
    assert 400 == (await manage.get("/campaigns?cursor=bm8")).status_code
    assert 422 == (await manage.get("/campaigns?limit=1000")).status_code


async def test_the_messages_of_a_campaign_are_listed_by_state(
    manage: httpx.AsyncClient, pool: Pool, workspace: int
) -> None:
    await save(manage)
    campaign = await campaign_id(pool)
    person = await add_person(pool, workspace, NOW)
    journey = await add_journey(pool, workspace, campaign, person, NOW)
    ids = [
        await add_delivery(pool, workspace, campaign, person, journey, NOW, state=state)
        for state in ("sent", "failed", "sent")
    ]

    sent = (await manage.get("/campaigns/welcome/deliveries?state=sent&limit=1")).json()
    more = (await manage.get("/campaigns/welcome/deliveries", params={"state": "sent", "cursor": sent["next"]})).json()

    assert [ids[2], ids[0]] == [one["id"] for one in sent["items"] + more["items"]]


async def test_another_workspace_sees_nothing_of_it(manage: httpx.AsyncClient, pool: Pool) -> None:
    await save(manage)
    await pool.execute(
        "WITH other AS (INSERT INTO workspaces (name, created_at) VALUES ('other', now()) RETURNING id) "
        "UPDATE campaigns SET workspace_id = other.id FROM other"
    )

    assert [] == (await manage.get("/campaigns")).json()["items"]
    assert 404 == (await manage.get("/campaigns/welcome")).status_code


async def test_a_wrong_key_opens_nothing(manage: httpx.AsyncClient) -> None:
    response = await manage.get("/campaigns", headers={"Authorization": "Bearer nonsense"})

    assert 401 == response.status_code
