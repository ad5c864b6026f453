from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.campaigns import Campaign
from engine.errors import DocumentError, Fault, NotFound
from intake.definitions import save_campaign, save_segment, start_campaign, stop_campaign
from storage import definitions, keys
from storage.database import Connection, Pool

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

WELCOME: dict[str, Any] = {
    "name": "Welcome",
    "trigger": {"event": "signed_up"},
    "workflow": [{"email": {"id": "hello", "subject": "Hello", "body": "Hello"}}],
}


@pytest.fixture
async def workspace(pool: Pool) -> int:
    async with pool.acquire() as connection:
        return await keys.open_workspace(connection, "tests", now=NOW)


async def version(connection: Connection, workspace: int) -> int:
    async with connection.transaction():
        return await definitions.hold(connection, workspace)


@pytest.mark.spec("15.03")
async def test_a_change_waits_for_the_batch_that_decides_by_what_it_changes(pool: Pool, workspace: int) -> None:
    async with pool.acquire() as batch, pool.acquire() as editor:
        async with batch.transaction():
            before = await definitions.hold(batch, workspace)
            saving = asyncio.create_task(save_campaign(editor, workspace, "welcome", WELCOME, now=NOW))
            done, _ = await asyncio.wait([saving], timeout=0.2)

            assert set() == done
            assert before == await version(batch, workspace)

        assert "created" == (await saving).outcome
        assert before < await version(batch, workspace)


async def test_batches_do_not_wait_for_each_other(pool: Pool, workspace: int) -> None:
    async with pool.acquire() as one, pool.acquire() as other, one.transaction(), other.transaction():
        assert await definitions.hold(one, workspace) == await definitions.hold(other, workspace)


async def test_the_installations_sender_is_enough_to_start(pool: Pool, workspace: int) -> None:
    async with pool.acquire() as connection:
        await save_campaign(connection, workspace, "welcome", WELCOME, now=NOW)

        with pytest.raises(DocumentError, match="no sender"):
            await start_campaign(connection, workspace, "welcome", now=NOW)
        started = await start_campaign(connection, workspace, "welcome", default_sender="a@example.com", now=NOW)

    assert "running" == started


async def test_a_refused_change_leaves_no_trace(pool: Pool, workspace: int) -> None:
    async with pool.acquire() as connection:
        await save_segment(connection, workspace, "a", {"name": "A", "condition": {"in": "b"}}, now=NOW)
        before = await version(connection, workspace)

        with pytest.raises(DocumentError):
            await save_segment(connection, workspace, "b", {"name": "B", "condition": {"in": "a"}}, now=NOW)
        with pytest.raises(NotFound):
            await stop_campaign(connection, workspace, "none", "now", now=NOW)

        assert before == await version(connection, workspace)


async def test_workspaces_do_not_share_keys(pool: Pool, workspace: int) -> None:
    async with pool.acquire() as connection:
        other = await keys.open_workspace(connection, "other", now=NOW)
        await save_campaign(connection, workspace, "welcome", WELCOME, now=NOW)

        saved = await save_campaign(connection, other, "welcome", WELCOME, now=NOW)

        assert ("created", 1) == (saved.outcome, saved.version)


@pytest.mark.spec("15.37")
async def test_the_type_of_the_trigger_is_looked_at_from_the_first_start_on(
    pool: Pool, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(before: Campaign, after: Campaign) -> None:
        raise DocumentError([Fault(place="trigger", problem=f"{before.name} became {after.name}.", remedy="")])

    monkeypatch.setattr("intake.definitions.refuse_another_trigger_type", refuse)
    async with pool.acquire() as connection:
        await save_campaign(connection, workspace, "welcome", WELCOME, now=NOW)
        await save_campaign(connection, workspace, "welcome", {**WELCOME, "name": "Second"}, now=NOW)
        await start_campaign(connection, workspace, "welcome", default_sender="a@example.com", now=NOW)
        await stop_campaign(connection, workspace, "welcome", "now", now=NOW)

        with pytest.raises(DocumentError, match="Second became Third"):
            await save_campaign(connection, workspace, "welcome", {**WELCOME, "name": "Third"}, now=NOW)
