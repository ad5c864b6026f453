"""The API process as it is, with one more route: authenticated, and doing nothing. Run by `bench.ingest`."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from fastapi import Response

from api.app import create_app
from api.dependencies import TrackWorkspace
from api.inbox_writer import InboxWriter
from api.keyring import Keyring
from api.server import listen, serve
from api.services import Services
from runtime.clock import system_clock
from runtime.leaving import leave
from runtime.shutdown import until_signalled
from storage.database import open_pool


async def main(url: str, port: int) -> None:
    """Serve until a signal."""
    pool = await open_pool(url, name="bench ingest")
    async with InboxWriter(pool) as writer:
        app = create_app(Services(pool=pool, clock=system_clock, writer=writer, keyring=Keyring(pool)))

        @app.post("/noop")
        async def noop(workspace: TrackWorkspace) -> Response:
            return Response(b"{}", media_type="application/json")

        await until_signalled(lambda stop: serve(app, listen("127.0.0.1", port), stop))
    await pool.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1], int(sys.argv[2])))
    leave(0)
