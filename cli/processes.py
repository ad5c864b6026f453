"""The processes of production, each told everything by environment variables (docs/settings.md) and nothing else.

They start only on a record that is migrated and safe, and stop cleanly on SIGTERM or Ctrl-C: what they have begun is
finished within ten seconds, what they have not begun stays in the record for the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Protocol

import structlog
import typer
import uvloop

from cli import readiness
from runtime import logs
from runtime.clock import Clock, system_clock
from runtime.settings import Settings, load
from runtime.shutdown import until_signalled
from runtime.telemetry import metrics_offered


class _Run(Protocol):
    def __call__(self, settings: Settings, *, clock: Clock, stop: asyncio.Event) -> Awaitable[None]: ...


def api() -> None:
    """Answer HTTP: take in what clients send, and serve the management API."""
    from api.server import run  # each process loads only its own parts

    _serve("api", run)


def intake() -> None:
    """Apply what was taken in: people, events, segments, and who enters which campaign."""
    from workers.intake import run

    _serve("intake", run, offers_metrics=True)


def worker() -> None:
    """Carry journeys: start them in Temporal, decide, send."""
    from workers.journeys import run

    _serve("worker", run, offers_metrics=True)


def mail_catcher(
    folder: Annotated[Path, typer.Argument(help="Where the mails are kept.")],
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    smtp_port: Annotated[int, typer.Option(help="Port on which mail is taken.")] = 1025,
    http_port: Annotated[int, typer.Option(help="Port on which it is shown.")] = 8025,
) -> None:
    """Take every mail and deliver none: for development and for a set-up that must not reach anybody yet."""
    from runtime.mail_catcher import MailCatcher

    async def until(stop: asyncio.Event) -> None:
        async with MailCatcher(folder=folder, smtp_port=smtp_port, http_port=http_port, host=host):
            await stop.wait()

    raise typer.Exit(asyncio.run(until_signalled(until)))


def _serve(name: str, run: _Run, *, offers_metrics: bool = False) -> None:
    """Run a process. One that serves no HTTP of its own offers its metrics on a port for them."""
    settings = load()
    logs.configure(settings)
    log = structlog.get_logger("sojourn")

    async def until(stop: asyncio.Event) -> None:
        await readiness.check(settings)
        log.info("started", process=name, environment=settings.environment)
        async with metrics_offered(settings) if offers_metrics else nullcontext():
            await run(settings, clock=system_clock, stop=stop)
        log.info("stopped", process=name)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        raise typer.Exit(runner.run(until_signalled(until)))
