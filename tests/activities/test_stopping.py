"""Stopping a campaign: the record, and everybody who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.stopping import Stopping
from engine.moves import CampaignAsk, Inside
from tests.activities.passage import Passage
from tests.activities.telephone import Telephone


class Campaigns:
    """The campaign of a passage with its people inside, and the activities that stop it."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.telephone = Telephone()
        client: Client = self.telephone  # type: ignore[assignment]  # it does what is needed of one
        self.activities = Stopping(passage.pool, client)

    async def stop(self, verb: Any, *, heartbeat: tuple[Any, ...] = ()) -> Inside:
        return await self._run(self.activities.stop_campaign, verb, heartbeat)

    async def count(self) -> Inside:
        return await self._run(self.activities.count_inside, None, ())

    async def _run(self, activity: Any, verb: Any, heartbeat: tuple[Any, ...]) -> Inside:
        environment = self.passage.attempt()
        self.beats: list[tuple[Any, ...]] = []
        environment.on_heartbeat = lambda *details: self.beats.append(details)
        environment.info = environment.info.__class__(**{**vars(environment.info), "heartbeat_details": heartbeat})
        ask = CampaignAsk(workspace=self.passage.workspace, campaign=1, now=self.passage.now, verb=verb)
        inside: Inside = await environment.run(activity, ask)
        return inside

    async def state(self) -> str:
        return str(await self.passage.pool.fetchval("SELECT state FROM campaigns"))


@pytest.fixture
async def campaigns(passage: Passage) -> Campaigns:
    await passage.campaign({"delay": "1d"})
    passage.now += timedelta(minutes=1)
    for person in ("ada", "bob"):
        await passage.identify(person)
        await passage.event(person=person)
    passage.now += timedelta(minutes=1)
    await passage.pool.execute("DELETE FROM outbox")
    return Campaigns(passage)


@pytest.mark.spec("13.05")
async def test_a_stop_by_hand_is_written_and_everybody_is_told(campaigns: Campaigns) -> None:
    version = await campaigns.passage.pool.fetchval("SELECT version FROM definitions")
    inside = await campaigns.stop("stop")
    assert (Inside(state="stopped", journeys=2), "stopped") == (inside, await campaigns.state())
    assert "now" == await campaigns.passage.pool.fetchval("SELECT stop_mode FROM campaigns")
    assert [("end", "campaign_stopped")] * 2 == [told[1:] for told in campaigns.telephone.told]
    assert version + 1 == await campaigns.passage.pool.fetchval("SELECT version FROM definitions")


async def test_a_stop_that_came_by_the_api_is_not_written_twice(campaigns: Campaigns) -> None:
    await campaigns.passage.stop()
    stopped_at = await campaigns.passage.pool.fetchval("SELECT stopped_at FROM campaigns")
    campaigns.passage.now += timedelta(minutes=1)
    await campaigns.stop("stop")
    assert stopped_at == await campaigns.passage.pool.fetchval("SELECT stopped_at FROM campaigns")
    assert 2 == len(campaigns.telephone.told)


async def test_a_stop_that_arrives_after_a_restart_leaves_the_campaign_running(campaigns: Campaigns) -> None:
    later = campaigns.passage.now + timedelta(minutes=1)
    await campaigns.passage.pool.execute("UPDATE campaigns SET started_at = $1", later)
    await campaigns.passage.pool.execute("UPDATE journeys SET started_at = $1 WHERE person_id = 2", later)
    await campaigns.stop("stop")
    assert ("running", 1) == (await campaigns.state(), len(campaigns.telephone.told))


async def test_a_second_attempt_goes_on_where_the_first_had_come(campaigns: Campaigns) -> None:
    (first, second) = [row["id"] for row in await campaigns.passage.pool.fetch("SELECT id FROM journeys ORDER BY id")]
    await campaigns.stop("stop", heartbeat=(first,))
    assert [(second,)] == campaigns.beats
    assert 1 == len(campaigns.telephone.told)


async def test_a_signal_that_fails_fails_the_attempt(campaigns: Campaigns) -> None:
    campaigns.telephone.fails_at = "journey:1:1:2:e" + str(
        await campaigns.passage.pool.fetchval("SELECT event_id FROM journeys WHERE person_id = 2")
    )
    with pytest.raises(RPCError):
        await campaigns.stop("stop")


async def test_a_journey_without_a_workflow_is_started_and_then_told(campaigns: Campaigns) -> None:
    row = await campaigns.passage.pool.fetchrow("SELECT person_id, occurrence FROM journeys ORDER BY id LIMIT 1")
    assert row is not None
    lost = f"journey:1:1:{row['person_id']}:{row['occurrence']}"
    campaigns.telephone.unknown = {lost}
    await campaigns.stop("stop")
    waiting = await campaigns.passage.pool.fetch("SELECT kind, workflow_id FROM outbox ORDER BY id")
    assert [("start", lost), ("signal", lost)] == [tuple(row.values()) for row in waiting]


@pytest.mark.spec("13.02", "13.03")
async def test_a_drain_closes_the_door_and_tells_nobody(campaigns: Campaigns) -> None:
    inside = await campaigns.stop("drain")
    assert (Inside(state="stopping", journeys=2), []) == (inside, campaigns.telephone.told)


@pytest.mark.spec("13.04")
async def test_a_drain_with_nobody_inside_is_a_stop(campaigns: Campaigns) -> None:
    await campaigns.passage.pool.execute("UPDATE journeys SET state = 'finished'")
    assert Inside(state="stopped", journeys=0) == await campaigns.stop("drain")
    assert "finish" == await campaigns.passage.pool.fetchval("SELECT stop_mode FROM campaigns")


@pytest.mark.spec("13.03")
async def test_a_count_that_finds_a_stopping_campaign_empty_stops_it(campaigns: Campaigns) -> None:
    await campaigns.passage.stop("finish")
    assert Inside(state="stopping", journeys=2) == await campaigns.count()
    await campaigns.passage.pool.execute("UPDATE journeys SET state = 'finished'")
    assert (Inside(state="stopped", journeys=0), "stopped") == (await campaigns.count(), await campaigns.state())


async def test_a_campaign_that_is_gone_is_no_error(campaigns: Campaigns) -> None:
    await campaigns.passage.pool.execute("DELETE FROM campaigns")
    assert [Inside(state="deleted", journeys=0)] * 2 == [await campaigns.count(), await campaigns.stop("stop")]
