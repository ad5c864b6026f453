from __future__ import annotations

import httpx
from fastapi import FastAPI

from api.schemas.problem import Problem
from runtime.version import VERSION


async def test_the_address_itself_says_what_this_is_and_where_to_go_on(track: httpx.AsyncClient) -> None:
    answer = await track.get("/", auth=None)

    found = answer.json()
    assert (200, "Sojourn", VERSION) == (answer.status_code, found.pop("product"), found.pop("version"))
    assert {"docs", "openapi", "health", "ready"} == set(found)
    assert [200] * 4 == [(await track.get(path, auth=None)).status_code for path in found.values()]


async def test_it_is_no_part_of_the_track_api_and_takes_nothing_else(app: FastAPI, track: httpx.AsyncClient) -> None:
    posted = await track.post("/", json={})

    assert (405, "GET") == (posted.status_code, posted.headers["allow"])
    Problem.model_validate(posted.json())
    assert ["Health"] == app.openapi()["paths"]["/"]["get"]["tags"]
