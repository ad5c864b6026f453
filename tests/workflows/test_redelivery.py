"""Further attempts as a workflow: pauses between activities, until there is nothing more to try."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from engine import names
from engine.moves import Redelivered, RedeliveryAsk, RedeliveryStart
from workflows.redelivery import Redelivery


class Attempts:
    """Answers in the order given, and remembers what it was asked."""

    def __init__(self, *answers: Redelivered) -> None:
        self.answers = list(answers)
        self.asked: list[RedeliveryAsk] = []

    @activity.defn(name=names.REDELIVER)
    async def redeliver(self, ask: RedeliveryAsk) -> Redelivered:
        self.asked.append(ask)
        return self.answers.pop(0)


async def _run(temporal: WorkflowEnvironment, attempts: Attempts, start: RedeliveryStart) -> str:
    queue = f"test-{uuid4()}"
    webhooks = Worker(temporal.client, task_queue=queue + names.WEBHOOK_QUEUE, activities=[attempts.redeliver])
    async with Worker(temporal.client, task_queue=queue, workflows=[Redelivery]), webhooks:
        return await temporal.client.execute_workflow(
            Redelivery.run, start, id=f"redelivery:{uuid4()}", task_queue=queue
        )


async def test_it_tries_at_each_instant_that_it_is_told_on_the_queue_of_webhooks(temporal: WorkflowEnvironment) -> None:
    now = datetime.now(UTC)
    start = RedeliveryStart(journey=7, block="crm", delivery=3, since=now, due=now + timedelta(seconds=10))
    later = [now + timedelta(minutes=1), now + timedelta(hours=1)]
    attempts = Attempts(*(Redelivered(state="attempted", due=due) for due in later), Redelivered(state="sent"))
    assert "sent" == await _run(temporal, attempts, start)
    assert [(7, "crm", now)] * 3 == [(ask.journey, ask.block, ask.since) for ask in attempts.asked]
    for ask, due in zip(attempts.asked, [start.due, *later], strict=True):
        assert due <= ask.now < due + timedelta(seconds=10)


async def test_an_instant_ahead_of_temporals_clock_is_waited_for(temporal: WorkflowEnvironment) -> None:
    now = datetime.now(UTC) + timedelta(days=300)
    start = RedeliveryStart(journey=7, block="crm", delivery=3, since=now, due=now + timedelta(seconds=10))
    attempts = Attempts(Redelivered(state="failed"))
    assert "failed" == await _run(temporal, attempts, start)
    assert start.due <= attempts.asked[0].now
