"""What `sojourn doctor` looks at, one function per thing it stands on; each answers with findings in plain words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import aiosmtplib
import asyncpg
import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from cli import readiness
from engine.errors import ConfigurationError
from runtime.settings import Settings
from runtime.temporal import missing_search_attributes
from storage import health
from storage.database import Connection
from storage.migrations import pending

_LATE: Final = timedelta(minutes=1)
"""In a stack that keeps up nothing waits longer than a moment."""

_DROPPED_WITHIN: Final = timedelta(days=33)
"""A partition goes when its last day is past the retention: a month after its first, and then at the next look."""

_PATIENCE: Final = 5.0  # seconds for anything that has to answer


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy` says what to do, where something is to be done."""

    state: Literal["good", "notice", "wrong"]
    text: str
    remedy: str = ""


async def every(settings: Settings, now: datetime) -> list[Finding]:
    """Look at everything at once; return the findings in an order that does not change."""
    checks = (of_database, of_temporal, of_mail, of_api)
    found = await asyncio.gather(*(_findings(check(settings, now)) for check in checks))
    return [finding for findings in found for finding in findings]


async def _findings(looking: AsyncIterator[Finding]) -> list[Finding]:
    found: list[Finding] = []
    try:
        async for finding in looking:
            found.append(finding)  # noqa: PERF401 - what was found before a failure counts
    except ConfigurationError as error:
        found.append(Finding("wrong", error.message))
    except (OSError, RPCError, asyncpg.PostgresError) as error:
        found.append(Finding("wrong", f"Something failed on the way: {type(error).__name__}: {error}"))
    return found


async def of_database(settings: Settings, now: datetime) -> AsyncIterator[Finding]:
    """Look at the record: reachable, migrated, safe, and keeping up."""
    async with readiness.connection(settings) as connection:
        yield Finding("good", f"PostgreSQL {await connection.fetchval('SHOW server_version')} answers.")
        if missing := await pending(connection):
            names = ", ".join(migration.name for migration in missing)
            yield Finding("wrong", f"The database is not up to date: {names} is missing.", "Run `sojourn migrate`.")
            return
        yield Finding("good", "The database is migrated.")
        yield await _safety(settings, connection)
        waiting = await health.backlogs(connection)
        for finding in (*_backlogs(waiting, now), _partitions(settings, waiting, now)):
            yield finding
        connected = await health.processes(connection)
        for name in ("api", "intake", "worker"):
            if any(name in process for process in connected):
                yield Finding("good", f"A process `sojourn {name}` is at work.")
            else:
                yield Finding("wrong", f"No process `sojourn {name}` is connected to this database.", "Start one.")


async def of_temporal(settings: Settings, _: datetime) -> AsyncIterator[Finding]:
    """Look at Temporal: reachable, with our namespace and search attributes, and with a worker that polls."""
    client = await readiness.temporal(settings)
    yield Finding("good", f"Temporal answers at {settings.temporal_address}.")
    try:
        missing = await missing_search_attributes(client)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        namespace = settings.temporal_namespace
        yield Finding(
            "wrong",
            f"Temporal has no namespace {namespace!r}.",
            f"Create it: temporal operator namespace create --namespace {namespace} --retention 7d",
        )
        return
    yield Finding("good", f"The namespace {settings.temporal_namespace!r} is there.")
    if missing:
        names = ", ".join(missing)
        yield Finding("wrong", f"The namespace lacks the search attributes {names}.", "Run `sojourn migrate`.")
    else:
        yield Finding("good", "The namespace has our search attributes.")
    if await _polled(client, settings.task_queue):
        yield Finding("good", f"A worker polls the task queue {settings.task_queue!r}.")
    else:
        yield Finding(
            "wrong",
            f"Nobody polls the task queue {settings.task_queue!r}: journeys stand still.",
            "Start `sojourn worker`.",
        )


async def of_mail(settings: Settings, _: datetime) -> AsyncIterator[Finding]:
    """Look at the mail server: it answers, encrypts as asked and lets us in. Sends nothing."""
    place = f"{settings.smtp_host}:{settings.smtp_port}"
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        timeout=_PATIENCE,
    )
    try:
        async with client:
            yield Finding("good", f"The mail server answers at {place}.")
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        yield Finding(
            "wrong", f"The mail server at {place} cannot be used: {error}", "Check the SOJOURN_SMTP_ settings."
        )
    if settings.email_from is None:
        yield Finding(
            "notice", "There is no default sender.", "Set SOJOURN_EMAIL_FROM, or let every campaign name one in `from`."
        )
    if settings.public_url is None:
        remedy = "Set SOJOURN_PUBLIC_URL to the address under which recipients reach the API."
        yield Finding("notice", "Opens and clicks are not tracked.", remedy)


async def of_api(settings: Settings, _: datetime) -> AsyncIterator[Finding]:
    """Look whether the API answers where these settings would have it listen."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    url = f"http://{host}:{settings.port}/ready"
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE) as client:
            answer = await client.get(url)
    except httpx.HTTPError as error:
        yield Finding("notice", f"The API does not answer at {url}: {error}", "Fine if it runs on another machine.")
        return
    if answer.is_success:
        yield Finding("good", f"The API answers at {url}.")
    else:
        yield Finding("wrong", f"The API at {url} answers with {answer.status_code}: {_said(answer)}")


async def _safety(settings: Settings, connection: Connection) -> Finding:
    try:
        await readiness.refuse_defaults(settings, connection)
    except ConfigurationError as error:
        if settings.environment == "production":
            return Finding("wrong", error.message)
        return Finding(
            "notice", "Well-known keys or passwords are in use: right for development, refused in production."
        )
    return Finding("good", "No key or password in use is one that everybody knows.")


def _backlogs(waiting: health.Backlogs, now: datetime) -> Iterator[Finding]:
    for what, count, oldest, remedy in (
        ("taken in and not applied", waiting.inputs, waiting.oldest_input, "Is `sojourn intake` running? See its log."),
        ("decided and not told to Temporal", waiting.messages, waiting.oldest_message, _about(waiting.message_error)),
    ):
        if oldest is not None and now - oldest > _LATE:
            yield Finding("wrong", f"{count} {what}; the oldest has waited {_words(now - oldest)}.", remedy)
        else:
            yield Finding("good", f"{count} {what}: nothing piles up.")
    if waiting.rejects:
        yield Finding(
            "notice",
            f"{waiting.rejects} inputs could not be applied.",
            "The table inbox_rejects holds each with its reason.",
        )
    if waiting.unknown_deliveries:
        yield Finding(
            "wrong",
            f"{waiting.unknown_deliveries} deliveries have an unknown outcome: a crash or a cut line left them so.",
            "See them with `sojourn deliveries list --state unknown`, settle each with `sojourn deliveries settle`.",
        )


def _partitions(settings: Settings, waiting: health.Backlogs, now: datetime) -> Finding:
    days = settings.event_retention_days
    kept = "for ever" if days is None else f"for {days} days"
    oldest = waiting.oldest_partition
    if days is not None and oldest is not None and oldest < now - timedelta(days=days) - _DROPPED_WITHIN:
        return Finding(
            "wrong",
            f"Events are kept {kept}, but those of {oldest:%B %Y} are still there.",
            "Is `sojourn intake` running?",
        )
    return Finding("good", f"Events lie in {waiting.partitions} monthly partitions and are kept {kept}.")


async def _polled(client: Client, queue: str) -> bool:
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        ),
        timeout=timedelta(seconds=_PATIENCE),
    )
    return bool(answer.pollers)


def _said(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]


def _about(message_error: str | None) -> str:
    return (
        f"Temporal said: {message_error}" if message_error else "Is `sojourn worker` running, and Temporal reachable?"
    )


def _words(wait: timedelta) -> str:
    minutes = int(wait.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
