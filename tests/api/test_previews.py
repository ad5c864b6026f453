"""Who would be in a segment that is not saved, and the truth of each part for one person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from storage.database import Pool
from tests.api.conftest import NOW
from tests.records import add_person

PRO: dict[str, Any] = {"attribute": "plan", "equals": "pro"}


@pytest.fixture
async def three(pool: Pool, workspace: int) -> None:
    """Two people who are pro, one with a number as a text that only Python compares, and somebody else."""
    await add_person(pool, workspace, NOW - timedelta(days=9), id="ada", email="ada@example.com", plan="pro", seats="7")
    await add_person(pool, workspace, NOW, id="bob", plan="pro", seats=3)
    await add_person(pool, workspace, NOW, id="eve", plan="free", seats=9)


@pytest.mark.usefixtures("three")
async def test_it_says_how_many_and_who_and_writes_nothing(manage: httpx.AsyncClient, pool: Pool) -> None:
    seen = (await manage.post("/segments/preview", json={"condition": PRO})).json()
    many = (await manage.post("/segments/preview", json={"condition": [{"attribute": "seats", "at_least": 5}]})).json()

    assert (2, False, ["ada", "bob"]) == (
        seen["matching"],
        seen["matching_at_least"],
        [p["id"] for p in seen["people"]],
    )
    assert (2, ["ada", "eve"]) == (many["matching"], [person["id"] for person in many["people"]])
    assert 0 == await pool.fetchval("SELECT (SELECT count(*) FROM segments) + (SELECT count(*) FROM segment_members)")


@pytest.mark.usefixtures("three")
async def test_of_one_person_every_part_is_said_with_what_was_seen(manage: httpx.AsyncClient) -> None:
    condition = {"all": [PRO, {"performed": {"event": "login", "within": "7d"}}]}
    seen = (await manage.post("/segments/preview/ada", json={"condition": condition})).json()

    assert (False, [True, False]) == (seen["holds"], [part["holds"] for part in seen["parts"]])
    assert ("pro", 0) == (seen["parts"][0]["seen"], seen["parts"][1]["seen"]["times"])


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("condition", [None, {}, {"attribute": "plan"}, {"plan": "pro"}, [], 7])
async def test_what_asks_nothing_or_cannot_be_read_is_refused_with_its_place(
    manage: httpx.AsyncClient, condition: Any
) -> None:
    for path in ("/segments/preview", "/segments/preview/ada"):
        refused = await manage.post(path, json={"condition": condition})
        assert 422 == refused.status_code
        assert refused.json()["faults"][0]["place"].startswith("condition")


async def test_nobody_and_a_segment_that_is_being_built_are_clear_errors(manage: httpx.AsyncClient) -> None:
    await manage.put("/segments/pro", json={"name": "Pro", "condition": PRO})

    assert 404 == (await manage.post("/segments/preview/nobody", json={"condition": PRO})).status_code
    building = await manage.post("/segments/preview", json={"condition": {"in": "pro"}})
    assert (409, True) == (building.status_code, "being built" in building.text)
    assert (await manage.get("/segments/pro")).json()["built"] is None  # nobody is there to be looked at
