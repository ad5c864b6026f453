"""Recipients get where the message said, whatever state we are in; and nobody gets anywhere by a link of their own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from storage.database import Pool, Record
from tests.api.conftest import LINKS, NOW
from tests.api.test_metrics import numbers
from tests.records import add_delivery, add_journey, add_person

ADDRESS = "https://shop.example/socks?a=1&b=%C3%BC"
AT = NOW.isoformat()


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A recipient's mail program, which has no key and follows no redirect by itself."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sojourn") as client:
        yield client


@pytest.fixture
async def delivery(manage: httpx.AsyncClient, pool: Pool, workspace: int) -> str:
    """The name of a message that was sent."""
    document = {"name": "Welcome", "trigger": {"event": "signed_up"}, "workflow": [{"delay": "1h"}]}
    assert 200 == (await manage.put("/campaigns/welcome", json=document)).status_code
    campaign = int(await pool.fetchval("SELECT id FROM campaigns"))
    person = await add_person(pool, workspace, NOW, email="ada@example.com")
    journey = await add_journey(pool, workspace, campaign, person, NOW)
    return await add_delivery(pool, workspace, campaign, person, journey, NOW)


async def recorded(pool: Pool) -> tuple[str, dict[str, Any], bool]:
    row = await pool.fetchrow("SELECT state, times, open_is_synthetic FROM deliveries")
    assert row is not None
    return row["state"], row["times"], row["open_is_synthetic"]


async def clicks(pool: Pool) -> list[tuple[str, int]]:
    rows: list[Record] = await pool.fetch("SELECT address, clicks FROM clicked_links ORDER BY address")
    return [(row["address"], row["clicks"]) for row in rows]


async def test_a_click_leads_where_the_message_said_and_is_written_down_by_then(
    visitor: httpx.AsyncClient, pool: Pool, delivery: str
) -> None:
    answer = await visitor.get(LINKS.click(delivery, ADDRESS))

    assert (302, ADDRESS, "no-store") == (
        answer.status_code,
        answer.headers["location"],
        answer.headers["cache-control"],
    )
    assert ("clicked", {"opened": AT, "clicked": AT}, True) == await recorded(pool)
    assert [(ADDRESS, 1)] == await clicks(pool)


async def test_an_address_that_no_header_can_hold_is_written_so_that_it_can(
    visitor: httpx.AsyncClient, delivery: str
) -> None:
    answer = await visitor.get(LINKS.click(delivery, "https://shop.example/ü x?q=100%25&a=[1]#\u2028"))

    assert "https://shop.example/%C3%BC%20x?q=100%25&a=[1]#%E2%80%A8" == answer.headers["location"]


async def test_the_image_is_fresh_each_time_and_its_first_loading_is_the_open(
    visitor: httpx.AsyncClient, pool: Pool, delivery: str
) -> None:
    first, again = [await visitor.get(LINKS.open(delivery)) for _ in range(2)]

    assert (200, "image/gif", "no-store") == (
        first.status_code,
        first.headers["content-type"],
        first.headers["cache-control"],
    )
    assert first.content == again.content
    assert first.content.startswith(b"GIF89a\x01\x00\x01\x00")
    assert ("opened", {"opened": AT}, False) == await recorded(pool)


async def test_links_are_counted_one_by_one_in_one_row_each(
    visitor: httpx.AsyncClient, manage: httpx.AsyncClient, pool: Pool, delivery: str
) -> None:
    first, second = LINKS.click(delivery, "https://shop.example/1"), LINKS.click(delivery, "https://shop.example/2")
    await asyncio.gather(*(visitor.get(path) for path in (first, second, first, first)))

    assert [("https://shop.example/1", 3), ("https://shop.example/2", 1)] == await clicks(pool)
    shown = (await manage.get(f"/deliveries/{delivery}")).json()
    assert [("https://shop.example/1", 3), ("https://shop.example/2", 1)] == [
        (link["address"], link["clicks"]) for link in shown["clicked_links"]
    ]
    assert ("clicked", True) == (shown["state"], shown["open_is_synthetic"])


@pytest.mark.spec("7.14")
async def test_a_link_that_was_forged_or_altered_leads_nowhere_and_is_not_recorded(
    visitor: httpx.AsyncClient, pool: Pool, delivery: str
) -> None:
    ours, other = LINKS.click(delivery, ADDRESS), LINKS.click(delivery, "https://evil.example/")
    start, signature, target = ours.rsplit("/", 2)
    forged = [
        f"{start}/{signature}/{other.rsplit('/', 1)[1]}",
        f"{start}/{'A' * len(signature)}/{target}",
        f"{start}/%C3%A9/{target}",
        f"{start}/{signature}/{target}%2F",
        f"{start}/{signature}/{target}%00",
        ours.replace(delivery, "d2"),
        ours[:-1],
        f"/t/o/{delivery}/{signature}",
        LINKS.open(delivery)[:-2],
    ]
    answers = [await visitor.get(path) for path in forged]

    assert [(404, None)] * len(forged) == [(answer.status_code, answer.headers.get("location")) for answer in answers]
    assert all("not valid" in answer.text for answer in answers)
    assert ("sent", {}, False) == await recorded(pool)
    assert [] == await clicks(pool)


async def test_looking_at_a_link_is_no_click(visitor: httpx.AsyncClient, pool: Pool, delivery: str) -> None:
    clicked, opened = await visitor.head(LINKS.click(delivery, ADDRESS)), await visitor.head(LINKS.open(delivery))

    assert (302, ADDRESS, 200) == (clicked.status_code, clicked.headers["location"], opened.status_code)
    assert ("sent", {}, False) == await recorded(pool)


async def test_whoever_clicks_arrives_while_the_record_is_away_and_that_is_counted(
    visitor: httpx.AsyncClient, pool: Pool, delivery: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = await numbers(visitor)
    await pool.execute("DROP TABLE clicked_links")
    with caplog.at_level(logging.WARNING, "api.routes.tracking"):
        broken = await visitor.get(LINKS.click(delivery, ADDRESS))
        await pool.close()
        gone, image = await visitor.get(LINKS.click(delivery, ADDRESS)), await visitor.get(LINKS.open(delivery))

    after = await numbers(visitor)
    lost = {kind: f"sojourn_tracked_total:{kind}:lost" for kind in ("click", "open")}
    assert (ADDRESS, ADDRESS, 200) == (broken.headers["location"], gone.headers["location"], image.status_code)
    assert {"click": 2, "open": 1} == {kind: after[name] - before.get(name, 0) for kind, name in lost.items()}
    assert 3 == sum("is lost" in message for message in caplog.messages)


async def test_whoever_clicks_does_not_wait_long_for_a_record_that_hangs(
    visitor: httpx.AsyncClient, pool: Pool, delivery: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routes.tracking._PATIENCE_SECONDS", 0.05)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM deliveries FOR UPDATE")
        answer = await visitor.get(LINKS.click(delivery, ADDRESS))

    assert ADDRESS == answer.headers["location"]


async def test_a_flood_of_clicks_leaves_connections_to_inputs(
    visitor: httpx.AsyncClient, track: httpx.AsyncClient, pool: Pool, delivery: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routes.tracking._PATIENCE_SECONDS", 30)
    many = 3 * pool.get_max_size()
    async with pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute("SELECT FROM deliveries FOR UPDATE")
            clicking = [asyncio.create_task(visitor.get(LINKS.click(delivery, ADDRESS))) for _ in range(many)]
            while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                assert not any(click.done() for click in clicking)
            accepted = await track.post("/api/v1/customers/ada/events", json={"name": "bought"})
            assert (200, False) == (accepted.status_code, any(click.done() for click in clicking))
        answers = await asyncio.gather(*clicking)

    assert [ADDRESS] * many == [answer.headers["location"] for answer in answers]
    assert [(ADDRESS, many)] == await clicks(pool)


async def test_whoever_clicks_does_not_wait_long_behind_others_who_click(
    visitor: httpx.AsyncClient, app: FastAPI, pool: Pool, delivery: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routes.tracking._PATIENCE_SECONDS", 0.05)
    async with AsyncExitStack() as others:
        while not app.state.services.recipients.locked():
            await others.enter_async_context(app.state.services.recipients)
        answer = await visitor.get(LINKS.click(delivery, ADDRESS))

    assert (ADDRESS, []) == (answer.headers["location"], await clicks(pool))


@pytest.mark.parametrize("state", ["handing_over", "unknown", "failed", "bounced", "converted", "unsubscribed"])
async def test_no_other_state_is_lost_over_a_click(
    visitor: httpx.AsyncClient, pool: Pool, delivery: str, state: str
) -> None:
    await pool.execute("UPDATE deliveries SET state = $1", state)
    await visitor.get(LINKS.click(delivery, ADDRESS))
    assert (state, {"opened": AT, "clicked": AT}, True) == await recorded(pool)

    await visitor.get(LINKS.open(delivery))
    assert (state, {"opened": AT, "clicked": AT}, False) == await recorded(pool)


async def test_an_open_does_not_take_back_a_click(visitor: httpx.AsyncClient, pool: Pool, delivery: str) -> None:
    await visitor.get(LINKS.open(delivery))
    await visitor.get(LINKS.click(delivery, ADDRESS))
    await visitor.get(LINKS.open(delivery))

    assert ("clicked", {"opened": AT, "clicked": AT}, False) == await recorded(pool)


async def test_links_of_a_campaign_that_was_deleted_still_lead_somewhere(
    visitor: httpx.AsyncClient, pool: Pool, delivery: str
) -> None:
    await pool.execute("DELETE FROM deliveries")
    clicked, opened = await visitor.get(LINKS.click(delivery, ADDRESS)), await visitor.get(LINKS.open(delivery))

    assert (ADDRESS, 200, []) == (clicked.headers["location"], opened.status_code, await clicks(pool))
