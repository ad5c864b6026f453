"""The API process: builds what requests need, listens, and on the way out answers whoever it has already heard."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from api.inbox_writer import InboxWriter
from api.keyring import Keyring
from api.services import Facebook, Services, channels_of
from engine.errors import ConfigurationError
from engine.tracked_links import TrackedLinks
from runtime.clock import Clock, system_clock
from runtime.settings import Settings
from storage import tracking
from storage.database import open_pool

_FINISH_SECONDS: Final = 4
"""For requests under way; the writer's last commit may take five more, and a process has ten to stop."""

_KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients and proxies keep idle connections: they hang up first, and no request hits a closed one."""

_log = logging.getLogger(__name__)


async def run(settings: Settings, *, clock: Clock = system_clock, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; returns within ten seconds after, with everything answered that was accepted.

    Raises ConfigurationError when the port is taken, and what asyncpg raises when the database cannot be reached.
    """
    with listen(settings.host, settings.port) as listener:
        pool = await open_pool(
            settings.database_url,
            min_size=settings.database_pool_min,
            max_size=settings.database_pool_max,
            name="sojourn api",
        )
        try:
            async with pool.acquire() as connection:
                links = TrackedLinks(await tracking.link_secret(connection))
            async with InboxWriter(pool) as writer:
                services = Services(
                    pool=pool,
                    clock=clock,
                    writer=writer,
                    keyring=Keyring(pool),
                    default_sender=settings.email_from,
                    channels=channels_of(settings),
                    facebook=Facebook.of(settings),
                    links=links,
                )
                _log.info("listening on %s, port %s", settings.host, settings.port)
                await serve(create_app(services), listener, stop)
        finally:
            pool.terminate()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises ConfigurationError when it cannot."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Stop what uses the port, or choose another one."
        ) from None


async def serve(app: ASGIApp, listener: socket.socket, stop: asyncio.Event) -> None:
    """Serve an app until `stop` is set: then no new connections, and requests under way are answered.

    Signals stay with the caller.
    """
    server = _Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_FINISH_SECONDS,
        )
    )

    async def stop_server() -> None:
        await stop.wait()
        server.should_exit = True

    stopping = asyncio.create_task(stop_server())
    try:
        await server.serve(sockets=[listener])
    finally:
        stopping.cancel()


class _Server(uvicorn.Server):
    """A uvicorn server that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
