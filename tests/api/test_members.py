from __future__ import annotations

from typing import Any

import httpx
import pytest

from storage.database import Pool
from tests.api.conftest import NOW, Inbox
from tests.records import add_person

PRO = {"attribute": "plan", "equals": "pro"}


@pytest.fixture
async def vips(manage: httpx.AsyncClient) -> dict[str, Any]:
    """A manual segment."""
    made = await manage.post("/segments", json={"name": "VIPs", "description": "By hand"})
    assert 200 == made.status_code, made.text
    return dict(made.json())


async def people(pool: Pool, workspace: int, *names: str) -> dict[str, str]:
    """Make people; return the cio_id of each."""
    for name in names:
        await add_person(pool, workspace, NOW, id=name, email=f"{name.title()}@Example.com")
    return {row["external_id"]: row["cio_id"] for row in await pool.fetch("SELECT external_id, cio_id FROM people")}


async def test_a_manual_segment_is_made_and_ready_at_once(manage: httpx.AsyncClient, vips: dict[str, Any]) -> None:
    again = await manage.post("/segments", json={"name": "Others", "key": "vips"})

    assert ("vips", "VIPs", "By hand", "manual", "ready", None, 0) == tuple(
        vips[field] for field in ("key", "name", "description", "kind", "state", "condition", "members")
    )
    assert 409 == again.status_code


@pytest.mark.parametrize("document", [{}, {"name": ""}, {"name": "A", "key": "A B"}, {"name": "A", "condition": PRO}])
async def test_a_broken_manual_segment_is_refused(manage: httpx.AsyncClient, document: dict[str, Any]) -> None:
    answer = await manage.post("/segments", json=document)

    assert (422, []) == (answer.status_code, (await manage.get("/segments")).json()["items"])
    assert all(fault["remedy"] for fault in answer.json()["faults"])


@pytest.mark.spec("3.20", "3.21")
@pytest.mark.parametrize("change", ["add", "remove"])
async def test_known_people_are_taken_and_the_others_reported(
    manage: httpx.AsyncClient, inbox: Inbox, pool: Pool, workspace: int, vips: dict[str, Any], change: str
) -> None:
    cio_ids = await people(pool, workspace, "ada", "bob")
    lists = {
        "id": ["ada", "nobody", "bob", "ada", "nobody"],
        "email": ["ADA@example.com", "nobody@example.com"],
        "cio_id": [f"cio_{cio_ids['bob']}", "cio_0"],
    }

    answers = [
        (await manage.post("/segments/vips/members", json={"change": change, "by": by, "ids": ids})).json()
        for by, ids in lists.items()
    ]

    assert [
        {"taken": 2, "unknown": ["nobody"]},
        {"taken": 1, "unknown": ["nobody@example.com"]},
        {"taken": 1, "unknown": ["0"]},
    ] == answers
    assert [
        ("members", {"segment": "vips", "change": change, "by": "id", "ids": ["ada", "bob"]}),
        ("members", {"segment": "vips", "change": change, "by": "email", "ids": ["ADA@example.com"]}),
        ("members", {"segment": "vips", "change": change, "by": "cio_id", "ids": [cio_ids["bob"]]}),
    ] == await inbox()
    assert 2 == await pool.fetchval("SELECT count(*) FROM people")


@pytest.mark.spec("3.22")
@pytest.mark.parametrize(("number", "status"), [(0, 422), (1, 200), (1000, 200), (1001, 422)])
async def test_at_most_a_thousand_people_in_one_call(
    manage: httpx.AsyncClient, track: httpx.AsyncClient, vips: dict[str, Any], number: int, status: int
) -> None:
    ids = [f"p{n}" for n in range(number)]

    managed = await manage.post("/segments/vips/members", json={"change": "add", "ids": ids})
    tracked = await track.post(f"/api/v1/segments/{vips['id']}/add_customers", json={"ids": ids})

    assert (status, {422: 400}.get(status, 200)) == (managed.status_code, tracked.status_code)


@pytest.mark.spec("3.01")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/segments/pros/members", {"change": "add", "ids": ["ada"]}),
        ("DELETE", "/segments/pros/members", None),
    ],
)
async def test_nobody_is_put_into_a_data_driven_segment_by_hand(
    manage: httpx.AsyncClient, track: httpx.AsyncClient, inbox: Inbox, method: str, path: str, body: Any
) -> None:
    await manage.put("/segments/pros", json={"name": "Pros", "condition": PRO})

    managed = await manage.request(method, path, json=body)
    tracked = await track.post("/api/v1/segments/pros/remove_customers", json={"ids": ["ada"]})

    assert (409, 400, []) == (managed.status_code, tracked.status_code, await inbox())


async def test_a_segment_that_is_not_there_is_not_found(manage: httpx.AsyncClient, track: httpx.AsyncClient) -> None:
    body = {"change": "add", "ids": ["ada"]}

    answers = [
        await manage.post("/segments/vips/members", json=body),
        await manage.delete("/segments/vips/members"),
        await track.post("/api/v1/segments/1/add_customers", json=body),
        await track.post("/api/v1/segments/%00/add_customers", json=body),
        await track.post(f"/api/v1/segments/{'9' * 30}/add_customers", json=body),
    ]

    assert [404] * 5 == [answer.status_code for answer in answers]


@pytest.mark.parametrize("named", ["id", "key"])
@pytest.mark.parametrize(("path", "change"), [("add_customers", "add"), ("remove_customers", "remove")])
@pytest.mark.parametrize(
    ("query", "ids", "kept"),
    [
        ("", ["ada", 7, "ada"], {"by": "id", "ids": ["ada", "7"]}),
        ("?id_type=email", ["ada@example.com"], {"by": "email", "ids": ["ada@example.com"]}),
        ("?id_type=cio_id", ["cio_1", "2"], {"by": "cio_id", "ids": ["1", "2"]}),
    ],
)
async def test_clients_name_a_segment_by_its_number_or_key(
    track: httpx.AsyncClient,
    inbox: Inbox,
    vips: dict[str, Any],
    named: str,
    path: str,
    change: str,
    query: str,
    ids: list[Any],
    kept: dict[str, Any],
) -> None:
    answer = await track.post(f"/api/v1/segments/{vips[named]}/{path}{query}", json={"ids": ids})

    assert (200, {}) == (answer.status_code, answer.json())
    assert [("members", {"segment": "vips", "change": change, **kept})] == await inbox()


@pytest.mark.parametrize(
    ("query", "body"),
    [("?id_type=phone", {"ids": ["1"]}), ("", {"ids": [[]]}), ("", {"ids": [""]}), ("", {"ids": "ada"}), ("", {})],
)
async def test_what_is_no_list_of_people_is_refused(
    track: httpx.AsyncClient, inbox: Inbox, vips: dict[str, Any], query: str, body: Any
) -> None:
    answer = await track.post(f"/api/v1/segments/vips/add_customers{query}", json=body)

    assert (400, []) == (answer.status_code, await inbox())


@pytest.mark.spec("3.20")
async def test_clearing_is_one_input_however_many_are_in(
    manage: httpx.AsyncClient, inbox: Inbox, pool: Pool, workspace: int, vips: dict[str, Any]
) -> None:
    await pool.execute(
        """
        WITH people AS (
            INSERT INTO people (workspace_id, cio_id, created_at, updated_at)
            SELECT $1, 'c' || n, $2, $2 FROM generate_series(1, 1001) AS n RETURNING id
        )
        INSERT INTO segment_members SELECT $3, id, $2 FROM people
        """,
        workspace,
        NOW,
        vips["id"],
    )

    answer = await manage.delete("/segments/vips/members")

    assert {"taken": 1001} == answer.json()
    assert [("members", {"segment": "vips", "change": "clear"})] == await inbox()


@pytest.mark.spec("3.20")
async def test_clearing_a_segment_that_is_empty_still_takes_out_who_is_on_the_way_in(
    manage: httpx.AsyncClient, inbox: Inbox, pool: Pool, workspace: int, vips: dict[str, Any]
) -> None:
    await people(pool, workspace, "ada")

    await manage.post("/segments/vips/members", json={"change": "add", "ids": ["ada"]})
    answer = await manage.delete("/segments/vips/members")

    assert {"taken": 0} == answer.json()
    assert ["add", "clear"] == [payload["change"] for _, payload in await inbox()]
