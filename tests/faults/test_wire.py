"""What callers really send, over a real socket: identifiers of every kind arrive whole, nonsense arrives not at all."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from customerio import CustomerIO, CustomerIOException

from cli.development_key import DEVELOPMENT_SECRET
from tests.api.test_stock_client import WithoutTls
from tests.faults.burst import TRACK, Client, identify
from tests.faults.stack import RunningStack

IDENTIFIERS = [
    "a/b", "/", "x/devices", "x/events", "%", "100%", "a%2Fb", "%2525", "a b", "a+b", "a?b#c=d&e", "é", "日本/東京",
    "😀", "'; DROP TABLE people; --", "i" * 150, "é" * 75, "日" * 50,
]  # fmt: skip
"""Of at most 150 bytes. Dots alone are left out: the client's own library takes them for a way up."""

TOO_LONG = ["i" * 151, "é" * 75 + "i"]

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def official(stack: RunningStack) -> Iterator[CustomerIO]:
    """The official Python client, as it is."""
    secret = DEVELOPMENT_SECRET
    with CustomerIO(secret, secret, host="127.0.0.1", port=stack.port, retries=0) as client:
        client.http.mount("https://", WithoutTls())
        yield client


@pytest.fixture
async def track(stack: RunningStack) -> AsyncIterator[httpx.AsyncClient]:
    """A client that sends what it is told."""
    headers = {"Authorization": TRACK}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stack.port}/api/v1", headers=headers) as client:
        yield client


async def test_whatever_an_identifier_holds_the_person_has_exactly_that(
    stack: RunningStack, official: CustomerIO
) -> None:
    await stack.start_campaign("greeting")

    def calls() -> None:
        for number, identifier in enumerate(IDENTIFIERS):
            official.identify(identifier, email=f"{number}@identifiers.example")
            official.track(identifier, "greeting")

    await asyncio.to_thread(calls)
    await stack.settled()

    known = [await stack.person(identifier) for identifier in IDENTIFIERS]
    assert IDENTIFIERS == [person["id"] if person else None for person in known]
    assert [f"{number}@identifiers.example" for number in range(len(IDENTIFIERS))] == [
        person["email"] for person in known if person
    ]
    entered = [journey["person"]["id"] for journey in await stack.all("campaigns/greeting/journeys")]
    assert sorted(IDENTIFIERS) == sorted(entered)
    mailed = [mail.recipients[0] for mail in stack.caught("identifiers.example")]
    assert sorted(f"{number}@identifiers.example" for number in range(len(IDENTIFIERS))) == sorted(mailed)


@pytest.mark.parametrize("identifier", TOO_LONG, ids=["ascii", "unicode"])
async def test_an_identifier_of_151_bytes_is_refused_and_becomes_nobody(
    stack: RunningStack, official: CustomerIO, identifier: str
) -> None:
    assert 151 == len(identifier.encode())
    with pytest.raises(CustomerIOException, match="at most 150 bytes"):
        await asyncio.to_thread(official.identify, identifier, email="too-long@identifiers.example")
    with pytest.raises(CustomerIOException, match="at most 150 bytes"):
        await asyncio.to_thread(official.track, identifier, "greeting")
    await stack.settled()

    assert await stack.person("too-long@identifiers.example") is None


NONSENSE = [
    ("PUT", "/customers/nobody", b"{", 400),
    ("PUT", "/customers/nobody", b"[]", 400),
    ("PUT", "/customers/nobody", b"7", 400),
    ("PUT", "/customers/nobody", b'{"a": NaN}', 400),
    ("PUT", "/customers/nobody", b'{"a": 1} {"b": 2}', 400),
    ("PUT", "/customers/nobody", b'{"a": "\xff"}', 400),
    ("PUT", "/customers/nobody", b'{"a": "\\u0000"}', 400),
    ("PUT", "/customers/nobody", b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    ("PUT", "/customers/nobody", b'{"a": "' + b"x" * 1_001 + b'"}', 400),
    ("PUT", "/customers/nobody", b'{"a": "' + b"x" * 1_000_000 + b'"}', 413),
    ("PUT", "/customers/nobody", b"{%s}" % b",".join(b'"%d": 1' % number for number in range(301)), 400),
    ("PUT", "/customers/%ff", b"{}", 400),
    ("PUT", "/customers/%zz", b"{}", 400),
    ("POST", "/customers/nobody/events", b"{}", 400),
    ("POST", "/customers/nobody/events", b'{"name": "%s"}' % (b"n" * 101), 400),
    ("POST", "/customers/nobody/events", b'{"name": "n", "id": "%s"}' % (b"i" * 151), 400),
    ("POST", "/customers/nobody/events", b'{"name": "n", "data": {"a": "%s"}}' % (b"x" * 100_000), 400),
    ("POST", "/customers/nobody/events", b'{"name": "n", "data": []}', 400),
    ("POST", "/customers/nobody/events", b'{"name": "n", "timestamp": -1}', 400),
    ("PUT", "/customers/nobody/devices", b'{"device": {}}', 400),
]


async def test_nonsense_is_refused_with_a_reason_and_nothing_comes_of_it(
    stack: RunningStack, track: httpx.AsyncClient
) -> None:
    for method, path, body, status in NONSENSE:
        answer = await track.request(method, path, content=body)
        assert (status, body[:50]) == (answer.status_code, body[:50])
        assert [str] == [type(reason) for reason in answer.json()["meta"]["errors"]]

    bomb = gzip.compress(b" " * 50_000_000)
    answer = await track.put("/customers/nobody", content=bomb, headers={"Content-Encoding": "gzip"})
    assert 413 == answer.status_code

    await is_well_and_knows_nobody(stack)


@pytest.mark.parametrize("size", [1_000_001, 10_000_000])
@pytest.mark.parametrize("is_announced", [True, False])
async def test_whoever_sends_too_much_is_heard_out_and_told(
    stack: RunningStack, track: httpx.AsyncClient, size: int, is_announced: bool
) -> None:
    async def unannounced() -> AsyncIterator[bytes]:
        yield b"x" * size

    for _ in range(10):
        answer = await track.put("/customers/nobody", content=b"x" * size if is_announced else unannounced())
        assert 413 == answer.status_code

    await is_well_and_knows_nobody(stack)


async def test_a_body_that_never_ends_is_not_heard_out(stack: RunningStack, track: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            yield b"x" * 65_536
            sent += 65_536

    with pytest.raises(httpx.NetworkError):
        await track.put("/customers/nobody", content=endless())

    assert sent < 50_000_000
    await is_well_and_knows_nobody(stack)


@pytest.mark.parametrize("sent", [b"PUT /api/v1/customers/nobody HT", b"\x16\x03\x01\x02\x00\x01\x00", b"\r\n" * 1000])
async def test_what_is_no_request_is_no_request(stack: RunningStack, sent: bytes) -> None:
    await hang_up_after(stack, sent)

    await is_well_and_knows_nobody(stack)


async def test_a_caller_who_hangs_up_in_the_middle_has_said_nothing(stack: RunningStack) -> None:
    request = identify("nobody", plan="x" * 500)
    for end in (100, len(request) - 300, len(request) - 1):
        await hang_up_after(stack, request[:end])

    await is_well_and_knows_nobody(stack)


async def hang_up_after(stack: RunningStack, sent: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", stack.port)
    writer.write(sent)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def is_well_and_knows_nobody(stack: RunningStack) -> None:
    async with Client(stack.port) as client:
        await client.send(identify("somebody", plan="pro"))
    await stack.settled()
    assert await stack.person("somebody") is not None
    assert await stack.person("nobody") is None
