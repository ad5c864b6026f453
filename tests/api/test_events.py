from __future__ import annotations

from typing import Any

import httpx
import pytest

from storage import partitions
from storage.database import Pool
from tests.api.conftest import NOW
from tests.records import add_person


@pytest.fixture
async def happened(pool: Pool, workspace: int) -> dict[str, int]:
    """Three purchases and a page view of ada, something anonymous, and what happened in another workspace."""
    ada = await add_person(pool, workspace, NOW)
    rows: list[tuple[int, int | None, str | None, str, str, dict[str, Any]]] = [
        (workspace, ada, None, "event", "purchase", {"total": 1}),
        (workspace, ada, None, "event", "purchase", {"total": 2, "items": [{"sku": "A1"}]}),
        (workspace, ada, None, "page", "/pricing", {}),
        (workspace, None, "anon", "event", "purchase", {"total": 3}),
        (workspace + 1, None, None, "event", "purchase", {"total": 4}),
    ]
    async with pool.acquire() as connection:
        await partitions.prepare(connection, [NOW])
        for number, row in enumerate(rows, 1):
            await connection.execute(
                "INSERT INTO events (id, workspace_id, person_id, anonymous_id, kind, name, data, occurred_at, "
                "received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
                number,
                *row,
                NOW,
            )
    return {"ada": ada}


@pytest.mark.spec("1.36")
async def test_recent_events_are_listed_newest_first(manage: httpx.AsyncClient, happened: dict[str, int]) -> None:
    everything = (await manage.get("/events")).json()
    purchases = (await manage.get("/events", params={"kind": "event", "name": "purchase"})).json()["items"]
    pages_seen = (await manage.get("/events", params={"kind": "page"})).json()["items"]

    assert ([4, 3, 2, 1], None) == ([one["id"] for one in everything["items"]], everything["next"])
    assert [{"total": 3}, {"total": 2, "items": [{"sku": "A1"}]}, {"total": 1}] == [one["data"] for one in purchases]
    assert [(None, "anon"), ("ada", None)] == [(one["person"]["id"], one["anonymous_id"]) for one in purchases[:2]]
    assert ["/pricing"] == [one["name"] for one in pages_seen]


async def test_they_come_in_pages(manage: httpx.AsyncClient, happened: dict[str, int]) -> None:
    first = (await manage.get("/events", params={"name": "purchase", "limit": 2})).json()
    rest = (await manage.get("/events", params={"name": "purchase", "cursor": first["next"]})).json()

    assert ([4, 2], [1]) == ([one["id"] for one in first["items"]], [one["id"] for one in rest["items"]])


async def test_a_page_looks_at_a_bounded_stretch(
    manage: httpx.AsyncClient, happened: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.reading_events.STRETCH", 2)

    found, cursor, looks = [], None, 0
    while looks == 0 or cursor is not None:
        page = (await manage.get("/events", params={"kind": "page"} | ({"cursor": cursor} if cursor else {}))).json()
        found += [one["name"] for one in page["items"]]
        cursor = page["next"]
        looks += 1

    assert (["/pricing"], 3) == (found, looks)


@pytest.mark.spec("1.36")
async def test_an_event_is_shown_with_a_filter_for_each_of_its_values(
    manage: httpx.AsyncClient, happened: dict[str, int]
) -> None:
    shown = (await manage.get("/events/2")).json()

    assert [
        ("items[].sku", "A1", {"path": "items[].sku", "equals": "A1"}),
        ("total", 2, {"path": "total", "equals": 2}),
    ] == sorted((one["path"], one["value"], one["as_filter"]) for one in shown["leaves"])


async def test_what_is_not_there_or_elsewhere_is_not_found(manage: httpx.AsyncClient, happened: dict[str, int]) -> None:
    assert [404, 404, 422] == [(await manage.get(f"/events/{event}")).status_code for event in (5, 99, "x")]
