from __future__ import annotations

from typing import Any

import httpx
import pytest

from storage import keys
from storage.database import Pool
from tests.api.conftest import NOW

ROOT = "/suppressed-addresses"


async def suppress(manage: httpx.AsyncClient, address: str, **body: Any) -> dict[str, Any]:
    response = await manage.put(f"{ROOT}/{address}", json=body or None)
    assert 200 == response.status_code, response.text
    return dict(response.json())


@pytest.mark.spec("11.10")
async def test_an_address_is_suppressed_looked_at_and_freed(manage: httpx.AsyncClient) -> None:
    saved = await suppress(manage, "Ada@Example.com", reason="bounced")

    expected = {"address": "ada@example.com", "reason": "bounced", "suppressed_at": "2026-11-24T12:00:00Z"}
    assert expected == saved == (await manage.get(f"{ROOT}/ADA@example.com")).json()
    assert 204 == (await manage.delete(f"{ROOT}/ada@EXAMPLE.com")).status_code
    assert [404, 404] == [
        (await manage.get(f"{ROOT}/ada@example.com")).status_code,
        (await manage.delete(f"{ROOT}/ada@example.com")).status_code,
    ]


async def test_without_a_reason_it_was_somebodys_decision(manage: httpx.AsyncClient) -> None:
    assert "manual" == (await suppress(manage, "ada@example.com"))["reason"]


async def test_an_address_that_is_suppressed_stays_as_it_is(manage: httpx.AsyncClient) -> None:
    await suppress(manage, "ada@example.com", reason="spammed")

    assert "spammed" == (await suppress(manage, "ada@example.com"))["reason"]


@pytest.mark.parametrize(
    ("segment", "address"),
    [
        ("a%2Fb@example.com", "a/b@example.com"),
        ("50%25@example.com", "50%@example.com"),
        ("%252F@example.com", "%2f@example.com"),
        ("%23+%3F@example.com".replace("+", "%2B"), "#+?@example.com"),
        ("ada@%C3%85X.example", "ada@xn--x-1fa.example"),
    ],
)
async def test_an_address_is_one_segment_whatever_it_holds(
    manage: httpx.AsyncClient, segment: str, address: str
) -> None:
    request = manage.build_request("PUT", "/")
    request.url = request.url.copy_with(raw_path=f"/sojourn/v1{ROOT}/{segment}".encode())

    response = await manage.send(request)

    assert (200, address) == (response.status_code, response.json()["address"])


@pytest.mark.parametrize("address", ["nobody", "a@b", "a%20b@x.test", "a%00@x.test", "a@x.test,b@x.test"])
async def test_what_is_no_address_is_refused(manage: httpx.AsyncClient, address: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        response = await manage.request(method, f"{ROOT}/{address}")

        assert (400, "address") == (response.status_code, response.json()["faults"][0]["place"])


@pytest.mark.parametrize("body", [{"reason": "bored"}, {"reasons": "manual"}, []])
async def test_a_body_that_says_something_else_is_refused(manage: httpx.AsyncClient, body: Any) -> None:
    assert 422 == (await manage.put(f"{ROOT}/ada@example.com", json=body)).status_code
    assert [] == (await manage.get(ROOT)).json()["items"]


async def test_they_are_listed_page_by_page(manage: httpx.AsyncClient) -> None:
    for name in ("c", "a", "b"):
        await suppress(manage, f"{name}@example.com")

    first = (await manage.get(ROOT, params={"limit": 2})).json()
    second = (await manage.get(ROOT, params={"limit": 2, "cursor": first["next"]})).json()

    assert ["a@example.com", "b@example.com"] == [one["address"] for one in first["items"]]
    assert (["c@example.com"], None) == ([one["address"] for one in second["items"]], second["next"])


async def test_another_workspace_knows_nothing_of_them(manage: httpx.AsyncClient, pool: Pool) -> None:
    await suppress(manage, "ada@example.com")
    async with pool.acquire() as connection:
        other = await keys.open_workspace(connection, "other", now=NOW)
        await keys.add(connection, other, "app", "other-key", now=NOW)

    as_other = {"Authorization": "Bearer other-key"}
    assert [] == (await manage.get(ROOT, headers=as_other)).json()["items"]
    assert 404 == (await manage.delete(f"{ROOT}/ada@example.com", headers=as_other)).status_code
