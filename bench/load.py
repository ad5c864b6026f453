"""A load generator cheap enough not to be what is measured: raw HTTP/1.1 over kept-alive loopback sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Request:
    """One prepared request: the bytes that go over the wire."""

    method: str
    path: str
    authorization: str
    body: bytes

    def encode(self) -> bytes:
        """Return the request as bytes."""
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: bench\r\nAuthorization: {self.authorization}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


class Connection:
    """One kept-alive connection that sends a request and reads the answer's status."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        """Connect to a port on loopback."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, request: bytes) -> int:
        """Send and return the status code."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        if length:
            await self._reader.readexactly(length)
        return int(head[9:12])

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def saturate(port: int, make: Callable[[], bytes], *, seconds: float, connections: int) -> float:
    """Send as fast as answers come on every connection; return 200s per second. RuntimeError for another status."""
    answered = 0
    until = time.monotonic() + seconds

    async def lane() -> None:
        nonlocal answered
        connection = await Connection.open(port)
        while time.monotonic() < until:
            status = await connection.send(make())
            if status != 200:
                raise RuntimeError(f"The server answered {status}.")
            answered += 1
        await connection.close()

    began = time.monotonic()
    await asyncio.gather(*(lane() for _ in range(connections)))
    return answered / (time.monotonic() - began)


async def steady(port: int, requests: Sequence[bytes], *, rate: float) -> list[float]:
    """Send at an even rate whatever the answers take; return the wall-clock instant (time.time) of each 200."""
    pool: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(32):
        pool.put_nowait(await Connection.open(port))
    accepted: dict[int, float] = {}

    async def one(number: int) -> None:
        connection = await pool.get()
        status = await connection.send(requests[number])
        accepted[number] = time.time()
        pool.put_nowait(connection)
        if status != 200:
            raise RuntimeError(f"The server answered {status}.")

    began = time.monotonic()
    calls = []
    for number in range(len(requests)):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        calls.append(asyncio.create_task(one(number)))
    await asyncio.gather(*calls)
    while not pool.empty():
        await pool.get_nowait().close()
    return [accepted[number] for number in range(len(calls))]
