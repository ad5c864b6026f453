"""Empties the outbox into Temporal, the moment somebody commits to it, inside the process that will run the workflows.

Starts are eager there: the first workflow task comes back with the start itself. Rows stay locked while they are being
told, so a dispatcher that dies gives them back at once; telling one twice is harmless. While Temporal is away the
outbox grows and nothing is lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from engine import names
from intake.hearing import lacks_namespace, nobody_hears
from runtime import metrics
from storage import outbox
from storage.database import RECORD_AWAY, Connection, Pool
from storage.outbox import Message
from storage.wakeups import Wakeups

BATCH: Final = 8
"""Messages that one lane tells at once. A lane is as slow as its slowest message, so batches are small."""

_PATIENCE: Final = 1.0  # seconds after which we look by ourselves, should a notification be lost
_RPC_TIMEOUT: Final = timedelta(seconds=5)
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds between looks while Temporal or the record is away
_POSTPONED_AT_MOST: Final = timedelta(minutes=5)

_TEMPORAL_AWAY: Final = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.CANCELLED,
    }
)
"""What says nothing about the message itself: everybody waits. Anything else holds back only its own workflow."""

_KEYS: Final = {
    name: SearchAttributeKey.for_keyword(name)
    for name in (names.CAMPAIGN_KEY, names.CAMPAIGN_ID, names.PERSON_KEY, names.WORKSPACE_ID)
}

_REUSE = WorkflowIDReusePolicy

_log = logging.getLogger(__name__)


class Dispatcher:
    """Tells Temporal what the outbox holds: in order per workflow, many workflows at once."""

    def __init__(
        self, pool: Pool, client: Client, *, task_queue: str, clock: Callable[[], datetime], concurrency: int = 32
    ) -> None:
        """`concurrency` is how many starts and signals are on their way at once, in whole lanes of `BATCH`."""
        self._pool = pool
        self._client = client
        self._task_queue = task_queue
        self._clock = clock
        self._lanes = -(-concurrency // BATCH)
        self._work = asyncio.Event()
        self._scout = asyncio.Lock()
        self._stopped = asyncio.Event()
        self._troubles = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; return when the messages on their way have arrived. Raises what a lane dies of."""
        listener = asyncio.create_task(self._listen())
        lanes = [asyncio.create_task(self._lane()) for _ in range(self._lanes)]
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({stopping, *lanes}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        self._stopped.set()
        self._work.set()
        listener.cancel()
        for end in await asyncio.gather(*lanes, listener, return_exceptions=True):
            if isinstance(end, Exception):
                raise end

    async def settle(self) -> None:
        """Tell everything that can be told now."""
        while await self._turn():
            pass

    async def _listen(self) -> None:
        while True:
            try:
                async with Wakeups(self._pool, outbox.CHANNEL) as wakeups:
                    while True:
                        await wakeups.wait(_PATIENCE)
                        self._work.set()
            except RECORD_AWAY as error:
                metrics.record_failed("dispatch")
                await self._pause(f"The record is away ({type(error).__name__})")

    async def _lane(self) -> None:
        while not self._stopped.is_set():
            try:
                await self._turn(self._scout)
            except RECORD_AWAY as error:
                metrics.record_failed("dispatch")
                await self._pause(f"The record is away ({type(error).__name__})")
            except RPCError as error:
                await self._pause(_trouble(error))
            else:
                self._troubles = 0

    async def _turn(self, scout: asyncio.Lock | None = None) -> int:
        """Tell one batch and return its size. A lane brings the lock by which only one of them looks at a time."""
        async with AsyncExitStack() as stack:
            if scout is None:
                connection, messages = await self._take(stack)
            else:
                async with scout:
                    await self._work.wait()
                    if self._stopped.is_set():
                        return 0
                    self._work.clear()
                    connection, messages = await self._take(stack)
                    if len(messages) == BATCH:
                        self._work.set()
            away = await self._tell(connection, messages)
        if away is not None:
            raise away
        return len(messages)

    async def _take(self, stack: AsyncExitStack) -> tuple[Connection, list[Message]]:
        connection = await stack.enter_async_context(self._pool.acquire())
        await stack.enter_async_context(connection.transaction())
        return connection, await outbox.claim(connection, BATCH, now=self._clock())

    async def _tell(self, connection: Connection, messages: Sequence[Message]) -> RPCError | None:
        """Tell messages that are locked and forget those that arrived; return what says that Temporal is away."""
        failures = await asyncio.gather(*(self._send(message) for message in messages))
        told = [message.id for message, failure in zip(messages, failures, strict=True) if failure is None]
        if told and await outbox.finish(connection, told):
            self._work.set()  # something about the same workflow waited for these
        away = None
        for message, failure in zip(messages, failures, strict=True):
            if isinstance(failure, RPCError) and _is_away(failure):
                away = failure
            elif failure is not None:
                await self._postpone(connection, message, failure)
        return away

    async def _send(self, message: Message) -> Exception | None:
        """Tell one message; return what went wrong."""
        try:
            if message.kind == "start":
                await self._start(message)
            else:
                await self._signal(message)
        except WorkflowAlreadyStartedError:
            return None
        except Exception as error:
            return error
        return None

    async def _start(self, message: Message) -> None:
        payload = message.payload
        signal = payload.get("signal")
        await self._client.start_workflow(
            payload["type"],
            payload["argument"],
            id=message.workflow_id,
            task_queue=self._task_queue,
            # A journey that came to its end happens once; one that somebody terminated may be started from the record.
            # A campaign, which is told by a signal, starts as often as it is started.
            id_reuse_policy=_REUSE.ALLOW_DUPLICATE if signal else _REUSE.ALLOW_DUPLICATE_FAILED_ONLY,
            search_attributes=_typed(payload["search"]),
            static_summary=payload["summary"],
            request_eager_start=not signal,
            start_signal=signal,
            start_signal_args=_arguments(payload),
            rpc_timeout=_RPC_TIMEOUT,
        )

    async def _signal(self, message: Message) -> None:
        handle = self._client.get_workflow_handle(message.workflow_id)
        try:
            await handle.signal(message.payload["signal"], args=_arguments(message.payload), rpc_timeout=_RPC_TIMEOUT)
        except RPCError as error:
            if not nobody_hears(error):
                raise
            # It is over: its start was told before this, because what concerns one workflow is told in order.

    async def _postpone(self, connection: Connection, message: Message, failure: Exception) -> None:
        pause = min(timedelta(seconds=2 ** min(message.attempts, 20)), _POSTPONED_AT_MOST)
        reason = f"{type(failure).__name__}: {failure}"
        if not message.attempts:
            _log.error("Temporal does not take outbox message %s for %s: %s", message.id, message.workflow_id, reason)
        await outbox.postpone(connection, message.id, error=reason, until=self._clock() + pause)

    async def _pause(self, trouble: str) -> None:
        """Wait for what is away, a little longer each time; say so once."""
        if not self._troubles:
            _log.warning("%s; the outbox waits", trouble)
        pause = _PAUSES[min(self._troubles, len(_PAUSES) - 1)]
        self._troubles += 1
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._stopped.wait()
        self._work.set()


def _is_away(error: RPCError) -> bool:
    return error.status in _TEMPORAL_AWAY or lacks_namespace(error)


def _trouble(error: RPCError) -> str:
    return "Temporal lacks our namespace" if lacks_namespace(error) else f"Temporal is away ({error.status.name})"


def _arguments(payload: dict[str, Any]) -> list[Any]:
    """Return a signal's argument as the list that the SDK takes; a signal without one is called without."""
    argument = payload.get("signal_argument" if "type" in payload else "argument")
    return [] if argument is None else [argument]


def _typed(search: dict[str, str]) -> TypedSearchAttributes:
    return TypedSearchAttributes([SearchAttributePair(_KEYS[name], value) for name, value in search.items()])
