"""The outbox is emptied into Temporal: in order per workflow, at once, and without losing anything."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf import any_pb2
from temporalio.api.common.v1 import GrpcStatus
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from engine import names
from engine.moves import CampaignStart, JourneyStart, Leave
from intake.dispatch import Dispatcher
from intake.hearing import lacks_namespace, nobody_hears
from storage import outbox
from storage.database import Pool
from storage.outbox import Message
from tests.workflows.scripted_rules import ScriptedRules, wait

NOW = datetime(2027, 3, 1, tzinfo=UTC)
LEAVE = Leave(turn=2, reason="finished", text="Finished")


class Temporal:
    """Stands in for a client: remembers what it is told, and fails as often as it is asked to."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.failures: list[RPCStatusCode] = []
        self.details = b""
        self.on_its_way = self.most_on_its_way = 0

    async def start_workflow(self, type_name: str, argument: Any, **options: Any) -> None:
        await self._tell(options["id"], type_name)

    def get_workflow_handle(self, workflow_id: str) -> Any:
        return Handle(self, workflow_id)

    async def _tell(self, workflow_id: str, what: str) -> None:
        self.on_its_way += 1
        self.most_on_its_way = max(self.most_on_its_way, self.on_its_way)
        await asyncio.sleep(0.01)
        self.on_its_way -= 1
        if self.failures:
            raise RPCError("no", self.failures.pop(0), self.details)
        self.told.append((workflow_id, what))


class Handle:
    def __init__(self, temporal: Temporal, workflow_id: str) -> None:
        self.temporal, self.workflow_id = temporal, workflow_id

    async def signal(self, name: str, *, args: list[Any], rpc_timeout: Any) -> None:
        await self.temporal._tell(self.workflow_id, name)


def _dispatcher(pool: Pool, client: Any, *, queue: str = "test", concurrency: int = 32) -> Dispatcher:
    return Dispatcher(pool, client, task_queue=queue, clock=lambda: NOW, concurrency=concurrency)


async def _add(pool: Pool, *messages: Message) -> None:
    async with pool.acquire() as connection:
        await outbox.add(connection, messages, now=NOW)


async def _waiting(pool: Pool) -> int:
    return int(await pool.fetchval("SELECT count(*) FROM outbox"))


def _start(workflow_id: str = "journey:1:1:1:e1", **options: Any) -> Message:
    argument = JourneyStart(journey=1, turn=1, at=NOW, first=LEAVE).model_dump(mode="json")
    return outbox.start(workflow_id, names.JOURNEY, argument, search={}, summary="Person 1", **options)


async def test_everything_is_told_and_forgotten(pool: Pool) -> None:
    temporal = Temporal()
    await _add(pool, *(_start(f"w{number}") for number in range(50)))
    await _dispatcher(pool, temporal).settle()
    assert (50, 0) == (len({workflow for workflow, _ in temporal.told}), await _waiting(pool))


async def test_what_concerns_one_workflow_is_told_in_order(pool: Pool) -> None:
    temporal = Temporal()
    await _add(pool, _start("w"), outbox.signal("w", "look_again"), outbox.signal("w", "end"))
    await _dispatcher(pool, temporal).settle()
    assert [("w", "journey"), ("w", "look_again"), ("w", "end")] == temporal.told


async def test_a_commit_wakes_it_and_many_are_told_at_once_but_not_too_many(pool: Pool) -> None:
    temporal, stop = Temporal(), asyncio.Event()
    running = asyncio.create_task(_dispatcher(pool, temporal, concurrency=16).run(stop))
    await _add(pool, *(_start(f"w{number}") for number in range(60)))
    while await _waiting(pool):
        await asyncio.sleep(0.01)
    stop.set()
    await running
    assert 60 == len(temporal.told)
    assert 8 < temporal.most_on_its_way <= 16


async def test_while_temporal_is_away_everything_waits(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    temporal, stop = Temporal(), asyncio.Event()
    temporal.failures = [RPCStatusCode.UNAVAILABLE] * 3
    await _add(pool, _start())
    running = asyncio.create_task(_dispatcher(pool, temporal, concurrency=8).run(stop))
    while await _waiting(pool):
        await asyncio.sleep(0.01)
    stop.set()
    await running
    assert 1 == len(temporal.told)
    assert ["Temporal is away (UNAVAILABLE); the outbox waits"] == [record.message for record in caplog.records]


async def test_a_message_that_temporal_refuses_holds_back_only_its_own_workflow(pool: Pool) -> None:
    temporal = Temporal()
    temporal.failures = [RPCStatusCode.INVALID_ARGUMENT]
    await _add(pool, _start("bad"))
    await _dispatcher(pool, temporal).settle()
    await _add(pool, outbox.signal("bad", "end"), _start("good"))
    await _dispatcher(pool, temporal).settle()
    assert [("good", "journey")] == temporal.told
    row = await pool.fetchrow("SELECT attempts, last_error, not_before > $1 AS later FROM outbox ORDER BY id", NOW)
    assert row is not None
    assert (1, "RPCError: no", True) == tuple(row.values())


async def test_a_message_that_was_refused_for_days_is_still_only_held_back(pool: Pool) -> None:
    temporal = Temporal()
    temporal.failures = [RPCStatusCode.INVALID_ARGUMENT]
    await _add(pool, _start("bad"))
    await pool.execute("UPDATE outbox SET attempts = 2000")
    await _dispatcher(pool, temporal).settle()
    row = await pool.fetchrow("SELECT attempts, not_before FROM outbox")
    assert row is not None
    assert (2001, NOW + timedelta(minutes=5)) == tuple(row.values())


async def test_a_signal_to_a_workflow_that_is_over_is_dropped(pool: Pool) -> None:
    temporal = Temporal()
    temporal.failures = [RPCStatusCode.NOT_FOUND]
    await _add(pool, outbox.signal("over", "look_again"))
    await _dispatcher(pool, temporal).settle()
    assert 0 == await _waiting(pool)


async def test_a_signal_is_kept_while_the_namespace_is_not_there(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    temporal, stop = Temporal(), asyncio.Event()
    missing = any_pb2.Any()
    missing.Pack(NamespaceNotFoundFailure(namespace="default"))
    temporal.details = GrpcStatus(code=5, details=[missing]).SerializeToString()
    temporal.failures = [RPCStatusCode.NOT_FOUND] * 2
    await _add(pool, outbox.signal("w", "look_again"))
    running = asyncio.create_task(_dispatcher(pool, temporal, concurrency=8).run(stop))
    while await _waiting(pool):
        await asyncio.sleep(0.01)
    stop.set()
    await running
    assert [("w", "look_again")] == temporal.told
    assert ["Temporal lacks our namespace; the outbox waits"] == [record.message for record in caplog.records]


async def test_temporal_says_whether_a_workflow_or_the_namespace_is_missing(temporal: WorkflowEnvironment) -> None:
    address = temporal.client.service_client.config.target_host
    said: dict[str, tuple[bool, bool]] = {}
    for namespace in ("default", "gone"):
        client = await Client.connect(address, namespace=namespace)
        with pytest.raises(RPCError) as caught:
            await client.get_workflow_handle("never-was").signal("look_again")
        said[namespace] = (nobody_hears(caught.value), lacks_namespace(caught.value))
    assert {"default": (True, False), "gone": (False, True)} == said


async def test_two_dispatchers_share_the_work(pool: Pool) -> None:
    temporal = Temporal()
    await _add(pool, *(_start(f"w{number}") for number in range(40)))
    await asyncio.gather(*(_dispatcher(pool, temporal).settle() for _ in range(3)))
    assert (40, 40) == (len(temporal.told), len(set(temporal.told)))


async def test_a_start_told_twice_makes_one_journey(pool: Pool, temporal: WorkflowEnvironment) -> None:
    queue, workflow_id = f"test-{uuid4()}", f"journey:1:1:1:{uuid4()}"
    dispatcher = _dispatcher(pool, temporal.client, queue=queue)
    async with ScriptedRules().worker(temporal, queue):
        for _ in range(2):
            await _add(pool, _start(workflow_id))
            await dispatcher.settle()
            await temporal.client.get_workflow_handle(workflow_id).result()
    assert 0 == await _waiting(pool)
    assert 1 == len([run async for run in temporal.client.list_workflows(f"WorkflowId = '{workflow_id}'")])


async def test_a_terminated_journey_can_be_started_from_the_record(pool: Pool, temporal: WorkflowEnvironment) -> None:
    queue, workflow_id = f"test-{uuid4()}", f"journey:1:1:1:{uuid4()}"
    dispatcher = _dispatcher(pool, temporal.client, queue=queue)
    handle = temporal.client.get_workflow_handle(workflow_id)
    await _add(pool, _start(workflow_id))
    await dispatcher.settle()
    await handle.terminate()
    await _add(pool, _start(workflow_id))
    await dispatcher.settle()
    async with ScriptedRules().worker(temporal, queue):
        assert "finished" == await handle.result()


async def test_a_campaign_that_is_told_something_is_started_if_it_is_not_there(
    pool: Pool, temporal: WorkflowEnvironment
) -> None:
    queue, workflow_id = f"test-{uuid4()}", f"campaign:1:{uuid4()}"
    argument = CampaignStart(workspace=1, campaign=1, at=NOW).model_dump(mode="json")
    rules = ScriptedRules()
    async with rules.worker(temporal, queue):
        for _ in range(2):
            told = outbox.start(workflow_id, names.CAMPAIGN, argument, search={}, summary="", signal=names.STOP)
            await _add(pool, told)
            await _dispatcher(pool, temporal.client, queue=queue).settle()
            assert "stopped" == await temporal.client.get_workflow_handle(workflow_id).result()
    assert 2 == len([ask for ask in rules.campaign_asked if ask.verb == "stop"])


async def test_the_first_workflow_task_comes_back_with_the_start(pool: Pool, temporal: WorkflowEnvironment) -> None:
    queue, workflow_id = f"test-{uuid4()}", f"journey:1:1:1:{uuid4()}"
    async with ScriptedRules(LEAVE).worker(temporal, queue):
        argument = JourneyStart(journey=1, turn=1, at=NOW, first=wait(1, NOW)).model_dump(mode="json")
        await _add(pool, outbox.start(workflow_id, names.JOURNEY, argument, search={}, summary="Person 1"))
        await _dispatcher(pool, temporal.client, queue=queue).settle()
        history = await temporal.client.get_workflow_handle(workflow_id).fetch_history()
    assert history.events[0].workflow_execution_started_event_attributes.eager_execution_accepted


async def test_search_attributes_and_a_summary_are_set_at_the_start(pool: Pool) -> None:
    seen: dict[str, Any] = {}

    class Recording(Temporal):
        async def start_workflow(self, type_name: str, argument: Any, **options: Any) -> None:
            seen.update(options)

    client: Any = Recording()
    search = {"Campaign": "welcome", "CampaignId": "7", "PersonKey": "9", "WorkspaceId": "1"}
    await _add(pool, outbox.start("w", names.JOURNEY, {}, search=search, summary="Person 9"))
    await _dispatcher(pool, client).settle()
    attributes = {pair.key.name: pair.value for pair in seen["search_attributes"]}
    assert (search, "Person 9", True) == (attributes, seen["static_summary"], seen["request_eager_start"])
