"""Calls of a webhook that start no journey: from before a restart, or in a loop (behaviour 1.05, 1.98, 6.50)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from intake import definitions
from tests.intake.scene import Scene


@pytest.mark.spec("1.05", "1.98", "13.11")
async def test_a_call_from_before_a_restart_is_ignored_and_later_ones_enter(scene: Scene) -> None:
    campaign = await scene.campaign("calls", trigger="webhook", exit=None, workflow=[{"delay": "1h"}])
    early = scene.input("webhook", campaign=campaign, data={"n": 1})
    scene.now += timedelta(minutes=1)
    await scene.stop("calls")
    scene.now += timedelta(minutes=1)
    async with scene.pool.acquire() as connection:
        await definitions.start_campaign(connection, scene.workspace, "calls", now=scene.now)
    late = scene.input("webhook", campaign=campaign, data={"n": 2})

    await scene.send(early, late)

    assert [{"n": 2}] == [row["trigger_data"] for row in await scene.rows("SELECT trigger_data FROM journeys")]
    assert ["campaign_not_running"] == await scene.refused("calls")


@pytest.mark.spec("6.50")
@pytest.mark.parametrize(("depth", "depths", "refused"), [(9, [9], []), (10, [], ["loop"])])
async def test_a_call_that_came_through_ten_campaigns_starts_nothing(
    scene: Scene, depth: int, depths: list[int], refused: list[str]
) -> None:
    campaign = await scene.campaign("calls", trigger="webhook", exit=None, workflow=[{"delay": "1h"}])

    await scene.send(scene.input("webhook", campaign=campaign, data={}, depth=depth))

    assert depths == [row["depth"] for row in await scene.rows("SELECT depth FROM journeys")]
    assert refused == await scene.refused("calls")
