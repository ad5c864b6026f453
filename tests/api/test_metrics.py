"""What a process offers to Prometheus: how much goes on, how late it is, and nothing about anybody."""

from __future__ import annotations

from datetime import timedelta

import httpx
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.inbox_writer import InboxWriter
from api.keyring import Keyring
from api.services import Services
from storage import inbox, outbox
from storage.database import Pool, open_pool
from tests.api.conftest import NOW


async def numbers(client: httpx.AsyncClient) -> dict[str, float]:
    """Return every sample by its name, with the value of its label behind a colon."""
    answer = await client.get("/metrics", auth=None)
    assert 200 == answer.status_code
    return {
        ":".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_what_is_accepted_is_counted_by_kind_and_says_nothing_about_anybody(track: httpx.AsyncClient) -> None:
    before = await numbers(track)
    for person in ("ada", "bob"):
        await track.put(f"/api/v1/customers/{person}", json={"email": f"{person}@example.com"})
    await track.put("/api/v1/customers/ada", content=b"no json")

    after = await numbers(track)
    name = "sojourn_inputs_accepted_total:identify"
    assert 2 == after[name] - before.get(name, 0)
    assert [] == [name for name in after if "ada" in name or "example.com" in name]


async def test_it_says_how_late_the_installation_is(track: httpx.AsyncClient, pool: Pool, workspace: int) -> None:
    async with pool.acquire() as connection:
        for age in (90, 10):
            item = inbox.Input(workspace_id=1, kind="event", payload={}, received_at=NOW - timedelta(seconds=age))
            await inbox.append(connection, [item])
        await outbox.add(connection, [outbox.signal("w", "end")], now=NOW - timedelta(seconds=5))
        due = [(1, 1, NOW - timedelta(seconds=30)), (1, 2, NOW + timedelta(hours=1))]
        await connection.executemany("INSERT INTO segment_rechecks VALUES ($1, $2, $3)", due)

    late = await numbers(track)
    assert {"inbox": 90.0, "outbox": 5.0} == {what: late[f"sojourn_{what}_lag_seconds"] for what in ("inbox", "outbox")}
    kinds = {"segments": 30.0, "filters": 0.0, "dates": 0.0, "reentries": 0.0, "journeys": 0.0}
    assert kinds == {kind: late[f"sojourn_due_late_seconds:{kind}"] for kind in kinds}
    assert 1 == late["sojourn_record_reachable"]


async def test_while_the_record_is_away_the_process_still_says_what_it_counted(database_url: str) -> None:
    pool = await open_pool(database_url)
    services = Services(pool=pool, clock=lambda: NOW, writer=InboxWriter(pool), keyring=Keyring(pool))
    await pool.close()
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://sojourn") as client:
        said = await numbers(client)

    assert (0, False) == (said["sojourn_record_reachable"], "sojourn_inbox_lag_seconds" in said)
    assert "sojourn_entries_total" in said
