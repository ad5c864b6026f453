"""The journeys process: workflows, activities and dispatcher together, because only then starts and sends are eager.

Any number of these processes may run; each takes what it can.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.acting import Acting
from activities.deciding import Deciding
from activities.errors import Discretion
from activities.loading import Loading
from activities.redelivering import Redelivering
from activities.resending import Resending
from activities.sending import AT_ONCE, Sending
from activities.situations import Situations
from activities.stopping import Stopping
from activities.tracking import Tracker
from activities.waking import Waking
from channels.channel import Channel
from channels.channels import Channels
from channels.smtp import SmtpChannel
from channels.webhook import WebhookChannel
from engine import names
from engine.tracked_links import TrackedLinks
from intake.dispatch import Dispatcher
from intake.processor import Processor
from intake.recovery import Sweep
from runtime import metrics, temporal
from runtime.clock import Clock, system_clock
from runtime.settings import Settings
from storage import tracking
from storage.database import RECORD_AWAY, Pool, open_pool
from workflows.campaign import Campaign
from workflows.edit import Edit
from workflows.journey import Journey
from workflows.loading import Loading as LoadingWorkflow
from workflows.redelivery import Redelivery
from workflows.resend import Resend

SWEEP_EVERY: Final = 300.0
"""Seconds between looks for journeys that should have woken long ago."""

GRACE: Final = timedelta(seconds=8)
"""What a hand-over in progress may take once a stop is asked for: under the ten seconds of a process's clean stop."""

_PAUSE: Final = 1.0
"""Seconds between attempts to reach what is away when the process starts."""

_RECORD: Final = "the record"
_AWAY: Final = (*RECORD_AWAY, RuntimeError, RPCError)

Reached = TypeVar("Reached")

_log = logging.getLogger(__name__)


class Engine:
    """Workers and their dispatcher, on parts that somebody else has opened and will close."""

    def __init__(
        self, new_workers: Callable[[], list[Worker]], dispatcher: Dispatcher, pool: Pool, clock: Clock
    ) -> None:
        """Use `build`."""
        self.dispatcher = dispatcher
        self._new_workers = new_workers
        self._pool = pool
        self._clock = clock
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._workers: list[Worker] = []

    @classmethod
    def build(
        cls,
        *,
        pool: Pool,
        client: Client,
        channels: Mapping[str, Channel[Any]],
        clock: Clock,
        task_queue: str,
        sender: str | None = None,
        tracker: Tracker | None = None,
        sandbox: bool = False,
        max_cached_workflows: int = 1000,
        max_concurrent_activities: int = 100,
        dispatch_concurrency: int = 32,
    ) -> Engine:
        """Put everything together and start nothing.

        `sender` is who an email is from if its campaign names nobody; without `tracker` no email is tracked.
        """
        situations, processor = Situations(), Processor()
        deciding = Deciding(pool, situations, processor)
        acting = Acting(pool, situations, processor)
        turns = asyncio.Semaphore(AT_ONCE)
        sending = Sending(pool, situations, processor, channels, sender=sender, turns=turns, tracker=tracker)
        # Webhooks wait for other people's servers, so they have a queue, slots and turns of their own.
        calls = asyncio.Semaphore(max_concurrent_activities)
        calling = Sending(pool, situations, processor, channels, sender=sender, turns=calls)
        redelivering = Redelivering(pool, situations, processor, channels)
        stopping = Stopping(pool, client)
        loading = Loading(pool, processor)
        waking = Waking(pool, client, situations)
        resending = Resending(pool, situations, processor, channels, sender=sender, turns=turns, tracker=tracker)

        def new_workers() -> list[Worker]:
            journeys = Worker(
                client,
                task_queue=task_queue,
                workflows=[Journey, Campaign, Resend, Redelivery, Edit, LoadingWorkflow],
                activities=[
                    deciding.next_move,
                    deciding.check_exit,
                    acting.act,
                    sending.send,
                    stopping.stop_campaign,
                    stopping.count_inside,
                    resending.resend_delivery,
                    waking.wake_waiting,
                    loading.load_matches,
                ],
                interceptors=[Discretion()],
                workflow_runner=SandboxedWorkflowRunner() if sandbox else UnsandboxedWorkflowRunner(),
                max_cached_workflows=max_cached_workflows,
                max_concurrent_activities=max_concurrent_activities,
                graceful_shutdown_timeout=GRACE,
            )
            webhooks = Worker(
                client,
                task_queue=task_queue + names.WEBHOOK_QUEUE,
                activities=[calling.send, redelivering.redeliver],
                interceptors=[Discretion()],
                max_concurrent_activities=max_concurrent_activities,
                graceful_shutdown_timeout=GRACE,
            )
            return [journeys, webhooks]

        dispatcher = Dispatcher(pool, client, task_queue=task_queue, clock=clock, concurrency=dispatch_concurrency)
        return cls(new_workers, dispatcher, pool, clock)

    async def start(self) -> None:
        """Begin to work."""
        self._stop.clear()
        self._workers = self._new_workers()
        self._tasks = [
            *(asyncio.create_task(worker.run()) for worker in self._workers),
            asyncio.create_task(self.dispatcher.run(self._stop)),
            asyncio.create_task(self._sweep()),
        ]

    async def stop(self) -> None:
        """Stop; return when what is on its way has arrived and been written down. Raises what a part died of before."""
        self._stop.set()
        # Not awaited: of a worker that died before it began, the shutdown never ends.
        shutdowns = [asyncio.create_task(worker.shutdown()) for worker in self._workers]
        ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        for shutdown in shutdowns:
            shutdown.cancel()
        for error in ends:
            if isinstance(error, BaseException):
                raise error

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set. Raises what the worker dies of, such as a namespace that is gone."""
        await self.start()
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({stopping, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        await self.stop()

    async def _sweep(self) -> None:
        sweep = Sweep()
        while not self._stop.is_set():
            try:
                async with self._pool.acquire() as connection:
                    found = await sweep.look(connection, now=self._clock())
            except RECORD_AWAY as error:
                metrics.record_failed("sweep")
                _log.warning("cannot look for journeys that are overdue: %r", error)
            else:
                if found:
                    _log.warning("%s journeys are long overdue; those that Temporal lost are started again", found)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), SWEEP_EVERY)


async def run(settings: Settings, *, clock: Clock = system_clock, stop: asyncio.Event) -> None:
    """Carry journeys until `stop` is set. What is away at the start is waited for."""
    pool = await _reach(_RECORD, lambda: _open_pool(settings), stop)
    tracker = await _reach(_RECORD, partial(_tracker, settings, pool), stop) if pool else None
    client = await _reach("Temporal", lambda: temporal.connect(settings), stop) if pool else None
    if pool is None:
        return
    channels = Channels(_email(settings), WebhookChannel(deny_private=settings.webhook_deny_private))
    try:
        if client is not None:
            engine = Engine.build(
                pool=pool,
                client=client,
                channels=channels,
                clock=clock,
                task_queue=settings.task_queue,
                sender=settings.email_from,
                tracker=tracker,
                sandbox=settings.sandbox,
                max_cached_workflows=settings.max_cached_workflows,
                max_concurrent_activities=settings.max_concurrent_activities,
                dispatch_concurrency=settings.dispatch_concurrency,
            )
            await engine.run(stop)
    finally:
        await channels.close()
        await _close(pool)


def _open_pool(settings: Settings) -> Awaitable[Pool]:
    return open_pool(
        settings.database_url,
        min_size=settings.database_pool_min,
        max_size=settings.database_pool_max,
        name="sojourn-worker",
    )


async def _tracker(settings: Settings, pool: Pool) -> Tracker | None:
    """Return what tracks messages; None if recipients cannot reach us."""
    if settings.public_url is None:
        return None
    async with pool.acquire() as connection:
        secret = await tracking.link_secret(connection)
    return Tracker(public_url=settings.public_url, links=TrackedLinks(secret))


def _email(settings: Settings) -> SmtpChannel:
    return SmtpChannel(
        settings.smtp_host,
        settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        tls=settings.smtp_tls,
        pool_size=AT_ONCE,
    )


async def _reach(what: str, attempt: Callable[[], Awaitable[Reached]], stop: asyncio.Event) -> Reached | None:
    """Try until it works; None if a stop is asked for before."""
    while not stop.is_set():
        try:
            return await attempt()
        except _AWAY as error:
            _log.warning("cannot reach %s, trying again in %s s: %r", what, _PAUSE, error)
            if what == _RECORD:
                metrics.record_failed("start")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _PAUSE)
    return None


async def _close(pool: Pool) -> None:
    """Close the connections; those that nobody answers on are dropped."""
    try:
        await asyncio.wait_for(pool.close(), _PAUSE)
    except _AWAY:
        pool.terminate()
