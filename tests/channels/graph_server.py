"""A Graph API on a real socket, as far as leads go: it checks who asks, and answers or refuses in Facebook's words."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

TOKEN: Final = "page-token"
SECRET: Final = "app-secret"
PROOF: Final = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()


class GraphServer:
    """What it knows, and how it behaves, can be changed at any time."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.leads: dict[str, list[dict[str, Any]]] = {}
        """Id of a lead to its `field_data`."""
        self.asked: list[str] = []
        self.answer: Response | None = None
        """Given in place of everything else."""

    def knows(self, lead: str, **fields: str) -> None:
        """Let there be a lead."""
        self.leads[lead] = [{"name": name, "values": [value]} for name, value in fields.items()]

    async def handle(self, request: Request) -> Response:
        lead = request.path_params["lead"]
        self.asked.append(lead)
        if self.answer is not None:
            return self.answer
        query = request.query_params
        if (query.get("access_token"), query.get("appsecret_proof")) != (TOKEN, PROOF):
            return refusal(190, "Invalid OAuth access token.")
        if lead not in self.leads or query.get("fields") != "field_data":
            return refusal(100, "Unsupported get request. Object does not exist or cannot be loaded.")
        return JSONResponse({"field_data": self.leads[lead], "id": lead})


def refusal(code: int, message: str, status: int = 400) -> Response:
    """Return an error as the Graph API words it."""
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbC"}
    return JSONResponse({"error": error}, status)


def no_json() -> Response:
    return PlainTextResponse("Service Unavailable", 503)


class _Server(uvicorn.Server):
    """A server that leaves the signals of the process alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def graph_server() -> AsyncIterator[GraphServer]:
    """Serve on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    graph = GraphServer(f"http://127.0.0.1:{listener.getsockname()[1]}/v24.0")
    app = Starlette(routes=[Route("/v24.0/{lead}", graph.handle)])
    server = _Server(uvicorn.Config(app, ws="none", lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield graph
    finally:
        server.should_exit = True
        await serving
