from __future__ import annotations

import json

import pytest

from storage import partitions
from storage.database import Pool
from tests.cli.management.conftest import NOW, Ask
from tests.records import add_person


@pytest.fixture
async def happened(ask: Ask, pool: Pool, workspace: int) -> Ask:
    """A purchase of ada, an anonymous one, and a page view."""
    ada = await add_person(pool, workspace, NOW)
    rows = [
        (1, ada, None, "event", "purchase", {"total": 5}),
        (2, None, "anon", "event", "purchase", {}),
        (3, ada, None, "page", "/pricing", {}),
    ]
    async with pool.acquire() as connection:
        await partitions.prepare(connection, [NOW])
        for row in rows:
            await connection.execute(
                "INSERT INTO events (workspace_id, id, person_id, anonymous_id, kind, name, data, occurred_at, "
                "received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
                workspace,
                *row,
                NOW,
            )
    return ask


@pytest.mark.spec("1.36")
async def test_recent_events_are_listed_by_name_and_kind(happened: Ask) -> None:
    purchases = json.loads((await happened("events", "recent", "purchase", "--json")).out)
    pages = json.loads((await happened("events", "recent", "--page", "--json")).out)
    everything = await happened("events", "recent")

    assert ([2, 1], [3]) == ([one["id"] for one in purchases], [one["id"] for one in pages])
    assert all(part in everything.out for part in ("ada", "anonymous anon", "/pricing", '{"total":5}'))
    assert "Nothing" in (await happened("events", "recent", "sold")).out


@pytest.mark.spec("1.36")
async def test_an_event_is_shown_with_the_condition_for_each_value(happened: Ask) -> None:
    shown = await happened("events", "show", "1")

    assert all(part in shown.out for part in ("purchase", "ada", "total", '{"path":"total","equals":5}')), shown.out
    assert (1, 1) == (
        (await happened("events", "show", "99")).code,
        (await happened("events", "recent", "--page", "--screen")).code,
    )
