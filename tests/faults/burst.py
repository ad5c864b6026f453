"""A client that does not give up: what was not answered is sent again, under the same event id (behaviour 1.40)."""

from __future__ import annotations

import asyncio
import base64
from types import TracebackType
from typing import Any, Self

import orjson

from bench.load import Connection, Request
from cli.development_key import DEVELOPMENT_SECRET

TRACK = "Basic " + base64.b64encode(f"{DEVELOPMENT_SECRET}:{DEVELOPMENT_SECRET}".encode()).decode()

_ANSWER_WITHIN = 10.0  # seconds
_PAUSE = 0.05  # seconds before the next attempt
_LANES = 16


class Client:
    """One kept-alive connection to the Track API, made again when it breaks."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.repeats = 0
        """Requests that were sent again."""
        self._connection: Connection | None = None

    async def send(self, request: bytes) -> None:
        """Send until it is answered with 200."""
        while True:
            try:
                async with asyncio.timeout(_ANSWER_WITHIN):
                    self._connection = self._connection or await Connection.open(self.port)
                    status = await self._connection.send(request)
            except (OSError, EOFError, TimeoutError):
                await self._hang_up()
            else:
                if status == 200:
                    return
                assert 503 == status
            self.repeats += 1
            await asyncio.sleep(_PAUSE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._hang_up()

    async def _hang_up(self) -> None:
        if self._connection is not None:
            await self._connection.close()
        self._connection = None


class Burst:
    """So many people, each with an address of the burst's own domain, each of whom does one thing."""

    def __init__(self, port: int, name: str, size: int) -> None:
        self.name = name
        self.size = size
        self.domain = f"{name}.example"
        self.accepted = 0
        """Events that were answered with 200."""
        self.repeats = 0
        """Requests that were sent again."""
        self._port = port

    @property
    def people(self) -> list[str]:
        """Return who takes part."""
        return [f"{self.name}-{number}" for number in range(self.size)]

    def address(self, person: str) -> str:
        """Return a person's address."""
        return f"{person}@{self.domain}"

    async def identify(self) -> None:
        """Make the people known."""
        await self._send_all([identify(person, email=self.address(person)) for person in self.people])

    async def perform(self, *, rate: float = float("inf")) -> None:
        """Let everybody do it, at most so many a second; return when each event was answered with 200."""
        requests = [event(person, self.name, f"{self.name}-{person}") for person in self.people]
        await self._send_all(requests, rate=rate, count=True)

    async def _send_all(self, requests: list[bytes], *, rate: float = float("inf"), count: bool = False) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        numbered = iter(enumerate(requests))

        async def lane() -> None:
            async with Client(self._port) as client:
                for number, request in numbered:
                    await asyncio.sleep(began + number / rate - loop.time())
                    await client.send(request)
                    self.accepted += count
                self.repeats += client.repeats

        await asyncio.gather(*(lane() for _ in range(_LANES)))


def identify(person: str, **attributes: Any) -> bytes:
    """Return an identify call, ready for the wire."""
    path = f"/api/v1/customers/{person}"
    return Request(method="PUT", path=path, authorization=TRACK, body=orjson.dumps(attributes)).encode()


def event(person: str, name: str, event_id: str | None = None) -> bytes:
    """Return an event call, ready for the wire."""
    path = f"/api/v1/customers/{person}/events"
    body = {"name": name} if event_id is None else {"name": name, "id": event_id}
    return Request(method="POST", path=path, authorization=TRACK, body=orjson.dumps(body)).encode()
