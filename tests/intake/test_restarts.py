"""A campaign is stopped and started again, perhaps by processes whose clocks differ (behaviour 13.10, 13.11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.deciding import Deciding
from activities.situations import Situations
from engine import ids
from engine.moves import Ask
from intake import definitions
from intake.loading import Load
from intake.processor import Processor
from tests.intake.scene import START, Scene

SECOND = timedelta(seconds=1)


async def restart_by_another_clock(scene: Scene, key: str, load: Load | None = None) -> None:
    """Stop a campaign, and start it again by a clock that is a second behind that of whoever stopped it."""
    scene.now = START + 3 * SECOND
    await scene.stop(key)
    scene.now -= SECOND
    async with scene.pool.acquire() as connection:
        await definitions.start_campaign(connection, scene.workspace, key, load=load, now=scene.now)


@pytest.mark.spec("13.10", "13.11")
async def test_who_enters_after_a_restart_by_another_clock_is_not_forced_out(scene: Scene) -> None:
    await scene.campaign("thanks")
    await restart_by_another_clock(scene, "thanks")
    await scene.send(scene.event("ada", "bought"))  # by both clocks, it is stopped still
    assert [] == await scene.entered("thanks")
    scene.now = START + 4 * SECOND
    await scene.send(scene.event("ada", "bought"))
    scene.now += timedelta(hours=2)

    [row] = await scene.rows("SELECT id, turn FROM journeys")
    deciding = Deciding(scene.pool, Situations(), Processor())
    await ActivityEnvironment().run(deciding.next_move, Ask(journey=row["id"], turn=row["turn"], now=scene.now))

    assert [None] == [row["exit_reason"] for row in await scene.rows("SELECT exit_reason FROM journeys")]


@pytest.mark.spec("13.08")
async def test_a_loading_is_of_the_restart_whosever_clock_said_when_that_was(scene: Scene) -> None:
    await scene.segment("pro", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("hello", trigger={"condition": {"in": "pro"}})
    await restart_by_another_clock(scene, "hello", Load())

    [row] = await scene.rows("SELECT id, workspace_id, started_at FROM campaigns")
    loading = ids.loading_workflow(row["workspace_id"], row["id"], row["started_at"])
    assert 1 == await scene.one("SELECT count(*) FROM outbox WHERE workflow_id = $1", loading)
