"""Announced leads are fetched from Facebook and become submissions of their form (behaviour 1.87)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from channels.facebook import Graph
from runtime.settings import Settings
from storage import forms, keys, leads
from storage.database import Pool, open_pool
from storage.leads import Announced
from tests.channels.graph_server import SECRET, TOKEN, GraphServer, graph_server, refusal
from tests.intake.scene import START
from tests.record_errors import counted_more, record_errors
from workers.leads import GIVE_UP_AFTER, Leads, fetched


class Clock:
    """Stands still until it is moved."""

    now = START

    def __call__(self) -> datetime:
        return self.now


class Scene:
    """A workspace, a Facebook, and a clock."""

    def __init__(self, pool: Pool, workspace: int, facebook: GraphServer, graph: Graph) -> None:
        self.pool = pool
        self.workspace = workspace
        self.facebook = facebook
        self.clock = Clock()
        self.leads = Leads(pool, graph, self.clock)

    async def announce(self, *announced: tuple[str, str]) -> None:
        async with self.pool.acquire() as connection:
            await leads.add(connection, self.workspace, [Announced(*one) for one in announced], now=self.clock())

    async def inbox(self) -> list[dict[str, Any]]:
        return [row["payload"] for row in await self.pool.fetch("SELECT payload FROM inbox ORDER BY id")]

    async def waiting(self) -> list[tuple[str, int, timedelta | None]]:
        """Return the leads that wait: id, attempts, and how long until the next."""
        rows = await self.pool.fetch("SELECT * FROM leads ORDER BY lead_id")
        return [(row["lead_id"], row["attempts"], row["due_at"] and row["due_at"] - self.clock()) for row in rows]


def _settings(scene: Scene) -> Settings:
    return Settings(
        database_url="postgresql://unused",
        facebook_app_secret=SECRET,
        facebook_verify_token="x",
        facebook_page_access_token=TOKEN,
        facebook_graph_url=scene.facebook.url,
    )


@pytest.fixture
async def scene(pool: Pool) -> AsyncIterator[Scene]:
    async with pool.acquire() as connection:
        workspace = await keys.open_workspace(connection, "tests", now=START)
    async with graph_server() as facebook, Graph(facebook.url, TOKEN, SECRET) as graph:
        yield Scene(pool, workspace, facebook, graph)


@pytest.mark.spec("1.87")
async def test_a_lead_becomes_a_submission_of_type_facebook(scene: Scene) -> None:
    scene.facebook.knows("11", email="ada@example.com", full_name="Ada Lovelace", form_name="ignored")
    await scene.announce(("11", "f1"))

    await scene.leads.work()

    fields = {"email": "ada@example.com", "full_name": "Ada Lovelace"}
    assert [
        {
            "form": "f1",
            "type": "facebook",
            "fields": fields,
            "who": {"email": "ada@example.com"},
            "attributes": {"full_name": "Ada Lovelace"},
            "id": "fb:11",
            "timestamp": START.timestamp(),
        }
    ] == await scene.inbox()
    assert ("facebook", sorted(fields)) == tuple(await scene.pool.fetchrow("SELECT type, fields FROM forms") or ())
    assert ([], False) == (await scene.waiting(), await scene.leads.work())


async def test_a_lead_that_cannot_be_had_is_tried_again_ever_more_rarely_and_given_up(scene: Scene) -> None:
    scene.facebook.answer = refusal(190, "Invalid OAuth access token.")
    await scene.announce(("11", "f1"))
    pauses = []
    for _ in range(11):
        await scene.leads.work()
        [(_, _, pause)] = await scene.waiting()
        assert pause is not None
        pauses.append(pause)
        scene.clock.now += pause
    await scene.pool.execute(
        "UPDATE leads SET received_at = $1", scene.clock.now + timedelta(minutes=59) - GIVE_UP_AFTER
    )
    await scene.leads.work()

    minutes = [round(pause.total_seconds() / 60, 2) for pause in pauses]
    assert [0.17, 0.33, 0.67, 1.33, 2.67, 5.33, 10.67, 21.33, 42.67, 60.0, 60.0] == minutes
    assert [("11", 12, None)] == await scene.waiting()
    assert (12, False) == (len(scene.facebook.asked), await scene.leads.work())
    assert "code 190" in await scene.pool.fetchval("SELECT last_error FROM leads")


@pytest.mark.spec("1.38", "1.87")
@pytest.mark.parametrize("said", [START - timedelta(minutes=5), None])
async def test_a_lead_that_is_fetched_late_is_from_when_it_was_submitted(scene: Scene, said: datetime | None) -> None:
    scene.facebook.knows("11", email="ada@example.com")
    async with scene.pool.acquire() as connection:
        await leads.add(connection, scene.workspace, [Announced("11", "f1", said)], now=START)
    scene.clock.now += timedelta(days=4)

    await scene.leads.work()

    [row] = await scene.pool.fetch("SELECT payload, received_at FROM inbox")
    assert ((said or START).timestamp(), scene.clock.now) == (row["payload"]["timestamp"], row["received_at"])


async def test_once_facebook_answers_again_it_is_taken_in(scene: Scene) -> None:
    scene.facebook.answer = refusal(190, "Invalid OAuth access token.")
    scene.facebook.knows("11", email="ada@example.com")
    await scene.announce(("11", "f1"))
    await scene.leads.work()
    scene.facebook.answer = None

    too_early = await scene.leads.work()
    scene.clock.now += timedelta(seconds=10)
    await scene.leads.work()

    assert (False, 1, []) == (too_early, len(await scene.inbox()), await scene.waiting())


@pytest.mark.spec("1.82")
async def test_a_lead_of_nobody_waits_until_a_field_is_mapped(scene: Scene) -> None:
    scene.facebook.knows("11", work_email="ada@example.com")
    scene.facebook.knows("12", email="bob@example.com")
    await scene.announce(("11", "f1"), ("12", "f2"))
    await scene.leads.work()
    waiting = await scene.waiting()

    async with scene.pool.acquire() as connection:
        await forms.set_mapping(connection, scene.workspace, "f1", {"work_email": "email"}, now=scene.clock())
        await leads.hurry(connection, scene.workspace, form_id="f1", now=scene.clock())
    await scene.leads.work()

    assert [("11", 1, None)] == waiting
    assert [{"email": "bob@example.com"}, {"email": "ada@example.com"}] == [one["who"] for one in await scene.inbox()]


async def test_what_whoever_claimed_it_has_not_finished_is_due_again(scene: Scene) -> None:
    await scene.announce(("11", "f1"))
    now = scene.clock()
    async with scene.pool.acquire() as connection:
        claimed = await leads.claim(connection, now=now, until=now + timedelta(minutes=2), limit=10)
        meanwhile = await leads.claim(connection, now=now, until=now, limit=10)
        later = await leads.claim(connection, now=now + timedelta(minutes=2), until=now, limit=10)

    assert (["11"], [], ["11"]) == tuple([one.lead_id for one in some] for some in (claimed, meanwhile, later))


async def test_two_fetchers_put_one_lead_into_the_inbox_once(scene: Scene) -> None:
    scene.facebook.knows("11", email="ada@example.com")
    await scene.announce(("11", "f1"))
    async with scene.pool.acquire() as connection:
        [lead] = await leads.claim(connection, now=scene.clock(), until=scene.clock(), limit=10)

    await asyncio.gather(scene.leads._fetch(lead), scene.leads._fetch(lead))

    assert 1 == len(await scene.inbox())


async def test_a_value_that_cannot_be_stored_does_not_keep_other_leads_waiting(scene: Scene) -> None:
    scene.facebook.knows("11", email="ada@example.com", note="\0")
    scene.facebook.knows("12", email="bob@example.com")
    await scene.announce(("11", "f1"), ("12", "f1"))

    await scene.leads.work()

    assert [("11", 1, None)] == await scene.waiting()
    assert 1 == len(await scene.inbox())


async def test_the_intake_process_fetches_as_soon_as_a_lead_is_announced(scene: Scene) -> None:
    scene.facebook.knows("11", email="ada@example.com")
    async with fetched(scene.pool, _settings(scene), scene.clock):
        await scene.announce(("11", "f1"))
        async with asyncio.timeout(4):
            while not await scene.inbox():
                await asyncio.sleep(0.01)


async def test_without_settings_nothing_is_fetched(scene: Scene) -> None:
    scene.facebook.knows("11", email="ada@example.com")
    await scene.announce(("11", "f1"))

    async with fetched(scene.pool, Settings(database_url="postgresql://unused"), scene.clock):
        await asyncio.sleep(0.1)

    assert ([], [("11", 0, timedelta())]) == (scene.facebook.asked, await scene.waiting())


async def test_while_the_record_does_not_answer_it_is_tried_again_and_counted(database_url: str, scene: Scene) -> None:
    before, gone = record_errors("leads"), await open_pool(database_url)
    await gone.close()

    async with fetched(gone, _settings(scene), scene.clock):
        await counted_more("leads", before)
