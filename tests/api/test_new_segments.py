"""Segments that are made by the campaign whose trigger brings them along (behaviour 1.18)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from storage import definitions
from storage.database import Pool
from tests.api.test_segments import finish_builds, save, states

SPENT: dict[str, Any] = {"attribute": "spent", "greater_than": 100}
PRO: dict[str, Any] = {"attribute": "plan", "equals": "pro"}
BIG: dict[str, Any] = {"name": "Big spenders", "description": "Who spends much.", "condition": SPENT}


def thanks(*, condition: object = None, **new: Any) -> dict[str, Any]:
    """Return a campaign on the new segments, or on `condition`."""
    asked = [{"in": key} for key in new] if condition is None else condition
    trigger = {"condition": asked, **({"segments": new} if new else {})}
    email = {"id": "thanks", "subject": "Thanks", "body": "Thanks"}
    return {"name": "Thanks", "from": "a@shop.example", "trigger": trigger, "workflow": [{"email": email}]}


async def put(manage: httpx.AsyncClient, document: dict[str, Any]) -> dict[str, Any]:
    response = await manage.put("/campaigns/thanks", json=document)
    assert 200 == response.status_code, response.text
    return dict(response.json())


async def refused(manage: httpx.AsyncClient, document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return place and problem of the faults for which both `validate` and a save refuse a document."""
    checked = await manage.post("/campaigns/validate", json=document)
    saved = await manage.put("/campaigns/thanks", json=document)
    assert (422, 422, checked.json()) == (checked.status_code, saved.status_code, saved.json())
    assert all(fault["remedy"] for fault in saved.json()["faults"])
    return [(fault["place"], fault["problem"]) for fault in saved.json()["faults"]]


async def changes(pool: Pool, workspace: int) -> int:
    async with pool.acquire() as connection, connection.transaction():
        return await definitions.hold(connection, workspace)


async def questions(pool: Pool) -> int:
    return int(await pool.fetchval("SELECT count(*) FROM event_questions"))


@pytest.mark.spec("1.18", "3.04")
async def test_saving_the_campaign_makes_the_segment_as_saving_it_by_itself_would(
    manage: httpx.AsyncClient, pool: Pool, workspace: int
) -> None:
    await save(manage, "alone", SPENT, name="Big spenders", description="Who spends much.")
    before = await changes(pool, workspace)

    saved = await put(manage, thanks(big=BIG))

    made, alone = [(await manage.get(f"/segments/{key}")).json() for key in ("big", "alone")]
    own = ("id", "key", "used_by")
    assert {key: alone[key] for key in alone if key not in own} == {key: made[key] for key in made if key not in own}
    assert ("building", ["thanks"]) == (made["state"], [one["key"] for one in made["used_by"]])
    assert (["big"], [], 1) == (saved["segments"], saved["findings"], saved["version"])
    assert before + 1 == await changes(pool, workspace)


@pytest.mark.spec("1.18")
async def test_the_document_that_is_given_back_has_no_segments_and_changes_nothing_when_saved(
    manage: httpx.AsyncClient,
) -> None:
    await put(manage, thanks(big=BIG))

    shown = (await manage.get("/campaigns/thanks")).json()["document"]
    again = await put(manage, shown)

    assert {"condition": {"all": [{"in": "big"}]}} == shown["trigger"]
    assert ("unchanged", 1, []) == (again["outcome"], again["version"], again["segments"])


@pytest.mark.spec("1.18")
async def test_a_segment_that_exists_with_the_same_condition_stays_as_it_is(
    manage: httpx.AsyncClient, pool: Pool
) -> None:
    await save(manage, "big", SPENT)
    await finish_builds(pool)

    first = await put(manage, thanks(big=BIG))
    again = await put(manage, thanks(big=BIG))

    shown = (await manage.get("/segments/big")).json()
    assert ("Big", "", "ready", 1) == (shown["name"], shown["description"], shown["state"], shown["version"])
    assert [("created", []), ("unchanged", [])] == [(one["outcome"], one["segments"]) for one in (first, again)]


@pytest.mark.spec("1.18")
async def test_one_that_exists_with_another_condition_is_never_changed(manage: httpx.AsyncClient, pool: Pool) -> None:
    await save(manage, "big", PRO)
    await manage.post("/segments", json={"name": "Staff"})
    await save(manage, "old", SPENT)
    await manage.post("/segments/old/archive")
    before = await states(pool)

    faults = await refused(manage, thanks(new=BIG, big=BIG, staff=BIG, old=BIG))

    assert [
        ("trigger.segments.big", "There is a segment `big` already, with another condition."),
        ("trigger.segments.staff", "There is a segment `staff` already, whose members are added by hand."),
        ("trigger.segments.old", "There is a segment `old` already, which is archived."),
    ] == faults
    assert before == await states(pool)
    assert 404 == (await manage.get("/campaigns/thanks")).status_code


async def test_one_that_was_deleted_is_made_again(manage: httpx.AsyncClient) -> None:
    await save(manage, "big", PRO)
    assert 204 == (await manage.delete("/segments/big")).status_code

    assert ["big"] == (await put(manage, thanks(big=BIG)))["segments"]


@pytest.mark.spec("1.18", "3.15")
async def test_a_circle_by_way_of_what_exists_is_refused_with_the_place(manage: httpx.AsyncClient, pool: Pool) -> None:
    await save(manage, "friends", {"in": "big"})

    [(place, problem)] = await refused(manage, thanks(big=BIG | {"condition": {"not_in": "friends"}}))

    assert ("trigger.segments.big.condition", True) == (place, "big → friends → big" in problem)
    assert {"friends"} == (await states(pool)).keys()


@pytest.mark.spec("1.18")
async def test_new_segments_ask_about_each_other_and_what_asked_about_them_already_is_built_anew(
    manage: httpx.AsyncClient, pool: Pool
) -> None:
    bought = {"performed": {"event": "purchase", "at_least": 2}}
    await save(manage, "friends", {"in": "buyers"})
    await save(manage, "others", PRO)
    await save(manage, "old", {"in": "buyers"})
    await manage.post("/segments/old/archive")
    await pool.execute("UPDATE segments SET state = 'ready' WHERE state = 'building'")

    new = {"big": BIG | {"condition": [SPENT, {"in": "buyers"}]}, "buyers": {"name": "Buyers", "condition": bought}}
    saved = await put(manage, thanks(condition={"in": "big"}, **new))

    assert (["big", "buyers"], 1) == (saved["segments"], await questions(pool))
    assert {
        "big": "building",
        "buyers": "building",
        "friends": "building",
        "others": "ready",
        "old": "archived",
    } == {key: state for key, (state, _, _) in (await states(pool)).items()}


@pytest.mark.spec("1.18")
async def test_what_a_new_segment_asks_about_and_nobody_has_saved_is_told_with_the_place(
    manage: httpx.AsyncClient,
) -> None:
    document = thanks(big=BIG | {"condition": [SPENT, {"in": "nowhere"}]})

    checked = (await manage.post("/campaigns/validate", json=document)).json()
    saved = await put(manage, document)

    assert [("warning", "trigger.segments.big.condition")] == [
        (one["level"], one["place"]) for one in checked["findings"]
    ]
    assert checked["findings"] == saved["findings"]


@pytest.mark.spec("1.18")
async def test_validate_knows_the_new_segments_and_makes_none(manage: httpx.AsyncClient, pool: Pool) -> None:
    document = thanks(big=BIG, team={"name": "Team", "manual": True})
    document["workflow"].append({"update_segment": {"add": "team"}})

    checked = await manage.post("/campaigns/validate", json=document)

    assert (200, [], ["big", "team"]) == (checked.status_code, checked.json()["findings"], checked.json()["segments"])
    assert {"condition": {"all": [{"in": "big"}, {"in": "team"}]}} == checked.json()["document"]["trigger"]
    assert ({}, 404) == (await states(pool), (await manage.get("/campaigns/thanks")).status_code)


@pytest.mark.spec("1.18", "15.03")
async def test_a_save_that_is_refused_makes_no_segment(manage: httpx.AsyncClient, pool: Pool) -> None:
    await put(manage, thanks(condition={"in": "pro"}))
    await manage.post("/campaigns/thanks/archive")

    saved = await manage.put("/campaigns/thanks", json=thanks(big=BIG))

    assert (409, {}) == (saved.status_code, await states(pool))


@pytest.mark.spec("1.18", "12.01")
async def test_a_campaign_that_lacks_a_segment_can_be_started_once_its_trigger_brings_it(
    manage: httpx.AsyncClient,
) -> None:
    await put(manage, thanks(condition={"in": "big"}))
    lacking = await manage.post("/campaigns/thanks/start")

    saved = await put(manage, thanks(condition={"in": "big"}, big=BIG))
    started = await manage.post("/campaigns/thanks/start")

    assert (422, "unchanged", ["big"], 200) == (
        lacking.status_code,
        saved["outcome"],
        saved["segments"],
        started.status_code,
    )
