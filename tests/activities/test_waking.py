"""An edit of a live campaign: who of those who wait is told, and who is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.situations import Situations
from activities.waking import Waking
from engine.moves import EditStart
from tests.activities.passage import Passage, email
from tests.activities.telephone import Telephone


def pause(length: str) -> dict[str, Any]:
    return {"delay": {"id": "pause", "for": length}}


class Edits:
    """A campaign in which Ada and Bob wait, and the activity that wakes them."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.telephone = Telephone()
        client: Client = self.telephone  # type: ignore[assignment]  # it does what is needed of one
        self.waking = Waking(passage.pool, client, Situations())
        self.beats: list[tuple[Any, ...]] = []

    async def wake(self, *heartbeat: int) -> int:
        environment = self.passage.attempt()
        environment.on_heartbeat = lambda *details: self.beats.append(details)
        environment.info = environment.info.__class__(**{**vars(environment.info), "heartbeat_details": heartbeat})
        return await environment.run(self.waking.wake_waiting, EditStart(campaign=1, at=self.passage.now))

    async def waiting_for_temporal(self) -> list[tuple[str, str]]:
        return [tuple(row) for row in await self.passage.pool.fetch("SELECT kind, workflow_id FROM outbox ORDER BY id")]


@pytest.fixture
async def edits(passage: Passage) -> Edits:
    await passage.campaign(pause("5d"), email())
    for person in ("ada", "bob"):
        await passage.identify(person)
        await passage.event(person=person)
    await passage.pool.execute("DELETE FROM outbox")
    passage.now += timedelta(days=1)
    return Edits(passage)


async def test_a_save_that_shortens_a_wait_asks_for_it_in_the_same_commit(edits: Edits) -> None:
    await edits.passage.campaign(pause("2d"), email())
    assert [("start", "edit:1:1:2")] == await edits.waiting_for_temporal()


@pytest.mark.parametrize("workflow", [[pause("5d"), email(subject="Better")], [pause("120h"), email(), email("two")]])
async def test_a_save_that_leaves_the_waits_alone_asks_for_nothing(edits: Edits, workflow: list[Any]) -> None:
    await edits.passage.campaign(*workflow)
    assert [] == await edits.waiting_for_temporal()


async def test_a_save_of_a_campaign_with_nobody_inside_asks_for_nothing(edits: Edits) -> None:
    await edits.passage.pool.execute("UPDATE campaigns SET state = 'stopped'")
    await edits.passage.campaign(pause("2d"), email())
    assert [] == await edits.waiting_for_temporal()


async def test_everybody_in_the_edited_block_is_told_the_instant_of_the_edit(edits: Edits) -> None:
    await edits.passage.campaign(pause("2d"), email())
    assert 2 == await edits.wake()
    said = {"at": edits.passage.now.isoformat().replace("+00:00", "Z")}
    assert [("look_again", said)] * 2 == [told[1:] for told in edits.telephone.told]


async def test_who_waits_elsewhere_or_by_the_latest_version_is_not_told(edits: Edits) -> None:
    await edits.passage.campaign(pause("2d"), email())
    await edits.passage.identify("eve")
    await edits.passage.event(person="eve")
    await edits.passage.pool.execute("UPDATE journeys SET block = 'hello', due_at = NULL WHERE person_id = 1")
    assert 1 == await edits.wake()
    assert ["journey:1:1:2:"] == [workflow[:14] for workflow, _, _ in edits.telephone.told]


async def test_who_waits_as_before_after_two_edits_is_not_told(edits: Edits) -> None:
    await edits.passage.campaign(pause("2d"), email())
    await edits.passage.campaign(pause("5d"), email())
    assert (0, []) == (await edits.wake(), edits.telephone.told)


async def test_a_second_attempt_goes_on_where_the_first_had_come(edits: Edits) -> None:
    (first, second) = [row["id"] for row in await edits.passage.pool.fetch("SELECT id FROM journeys ORDER BY id")]
    await edits.passage.campaign(pause("2d"), email())
    assert (2, [(second, 2)]) == (await edits.wake(first, 1), edits.beats)
    assert 1 == len(edits.telephone.told)


async def test_a_signal_that_fails_fails_the_attempt(edits: Edits) -> None:
    await edits.passage.campaign(pause("2d"), email())
    edits.telephone.fails_at = "journey:1:1:2:" + str(
        await edits.passage.pool.fetchval("SELECT occurrence FROM journeys WHERE person_id = 2")
    )
    with pytest.raises(RPCError):
        await edits.wake()


async def test_a_journey_without_a_workflow_is_started_and_then_told(edits: Edits) -> None:
    await edits.passage.campaign(pause("2d"), email())
    await edits.passage.pool.execute("DELETE FROM outbox")
    lost = "journey:1:1:1:" + str(
        await edits.passage.pool.fetchval("SELECT occurrence FROM journeys WHERE person_id = 1")
    )
    edits.telephone.unknown = {lost}
    await edits.wake()
    assert [("start", lost), ("signal", lost)] == await edits.waiting_for_temporal()


async def test_a_campaign_that_is_gone_is_no_error(edits: Edits) -> None:
    await edits.passage.pool.execute("DELETE FROM campaigns")
    assert 0 == await edits.wake()
