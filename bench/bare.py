"""The limit that journeys are held against: the same server doing nothing but start → local check → send.

No rules, no database, no mail: what is left is what Temporal itself costs on this machine, in this run.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker


@workflow.defn(name="bare")
class Bare:
    """The shortest thing that could be called a journey."""

    @workflow.run
    async def run(self, key: str) -> None:
        """Check, send, end."""
        await workflow.execute_local_activity("bare_check", key, start_to_close_timeout=timedelta(seconds=2))
        await workflow.execute_activity("bare_send", key, start_to_close_timeout=timedelta(seconds=10))


class BareRun:
    """Runs bare journeys through a worker of its own on a task queue of its own."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._queue = f"bare-{uuid4()}"
        self._sent: dict[str, float] = {}

    def _worker(self) -> Worker:
        @activity.defn(name="bare_check")
        async def check(key: str) -> str:
            return key

        @activity.defn(name="bare_send")
        async def send(key: str) -> None:
            self._sent[key] = time.monotonic()

        return Worker(
            self._client,
            task_queue=self._queue,
            workflows=[Bare],
            activities=[check, send],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_cached_workflows=5000,
        )

    async def latencies(self, *, rate: float, seconds: float) -> list[float]:
        """Start `rate` journeys a second and return the seconds from each start call to its send."""
        begun: dict[str, float] = {}
        async with self._worker():
            calls = []
            for number in range(int(rate * seconds)):
                key = str(number)
                begun[key] = time.monotonic()
                calls.append(asyncio.create_task(self._start(key)))
                await asyncio.sleep(max(0.0, begun["0"] + (number + 1) / rate - time.monotonic()))
            await asyncio.gather(*calls)
            deadline = time.monotonic() + 20
            while len(self._sent) < len(begun) and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
        return [sent - begun[key] for key, sent in self._sent.items()]

    async def throughput(self, *, seconds: float, concurrency: int = 30) -> float:
        """Keep `concurrency` journeys open for a while and return finished journeys per second."""
        finished = 0
        until = time.monotonic() + seconds

        async def lane() -> None:
            nonlocal finished
            while time.monotonic() < until:
                handle = await self._start(str(uuid4()))
                await handle.result()
                finished += 1

        async with self._worker():
            began = time.monotonic()
            await asyncio.gather(*(lane() for _ in range(concurrency)))
            return finished / (time.monotonic() - began)

    async def _start(self, key: str) -> WorkflowHandle[Any, Any]:
        return await self._client.start_workflow(
            "bare", key, id=f"{self._queue}-{key}", task_queue=self._queue, request_eager_start=True
        )
