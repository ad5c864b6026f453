from __future__ import annotations

import httpx


async def test_integrations_learn_where_the_workspace_lives(track: httpx.AsyncClient, workspace: int) -> None:
    response = await track.get("/api/v1/accounts/region")

    assert {"url": "sojourn", "region": "us", "environment_id": workspace} == response.json()


async def test_integrations_learn_that_credentials_are_wrong(track: httpx.AsyncClient) -> None:
    response = await track.get("/api/v1/accounts/region", auth=("site", "wrong"))

    assert 401 == response.status_code
