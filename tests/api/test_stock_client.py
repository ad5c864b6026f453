"""The official Python client, as it is, against a real socket; and what was recorded of the others."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from customerio import CustomerIO, CustomerIOException
from requests.adapters import HTTPAdapter

from tests.api.conftest import Inbox

Address = tuple[str, int]


class WithoutTls(HTTPAdapter):
    """The client speaks https whatever it is told; this makes plain http of it, as the documentation shows."""

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *arguments, **named)


def client_of(address: Address, key: str = "key") -> CustomerIO:
    client = CustomerIO("site", key, host=address[0], port=address[1], retries=0)
    client.http.mount("https://", WithoutTls())
    return client


@pytest.fixture
def client(address: Address) -> Iterator[CustomerIO]:
    with client_of(address) as client:
        yield client


async def test_the_example_of_the_documentation_works(address: Address, inbox: Inbox) -> None:
    page = (Path(__file__).parents[2] / "docs" / "track-api.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    made = '("dev", "dev", host="localhost", port=8000)'
    assert made in example

    program = example.replace(made, f'("site", "key", host="{address[0]}", port={address[1]})')
    await asyncio.to_thread(exec, program, {})

    ada = {"id": "ada"}
    purchase = {"who": ada, "type": "event", "name": "purchase", "data": {"price": 23.45}, "id": "order-1001"}
    assert [
        ("identify", {"who": ada, "attributes": {"email": "ada@example.com", "first_name": "Ada"}}),
        ("event", purchase),
    ] == await inbox()


async def test_the_python_client_is_understood(client: CustomerIO, inbox: Inbox) -> None:
    when = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)

    def calls() -> None:
        client.identify("p 3/é@x.test", email="p1@example.test", seen=when, tags=["a"], missing=float("nan"))
        client.identify(id=5, plan="basic", _update=True)
        client.track("p1", "purchase", {"price": 23.45})
        client.track("p1", "ping")
        client.track("p1", "purchase", {}, id="01M84FDBNTVD5BGFXG9X42XQAB", timestamp=when)
        client.backfill("p1", "old", when, price=1)
        client.pageview("p1", "https://example.test/pricing", referrer="x")
        client.track_anonymous("anon1", "viewed", {"page": "/pricing"})
        client.track_anonymous(None, "invited", {"recipient": "friend@example.test"})
        client.add_device("p1", "dev/1", "android", last_used=when, color="red")
        client.delete_device("p1", "dev/1")
        client.suppress("p3")
        client.unsuppress("p3")
        client.delete("p1")

    await asyncio.to_thread(calls)

    p1 = {"id": "p1"}
    seconds = int(when.timestamp())
    assert [
        (
            "identify",
            {
                "who": {"id": "p 3/é@x.test"},
                "attributes": {"email": "p1@example.test", "seen": seconds, "tags": ["a"], "missing": None},
            },
        ),
        ("identify", {"who": {"id": "5"}, "attributes": {"plan": "basic", "_update": True}}),
        ("event", {"who": p1, "type": "event", "name": "purchase", "data": {"price": 23.45}}),
        ("event", {"who": p1, "type": "event", "name": "ping", "data": {}}),
        (
            "event",
            {
                "who": p1,
                "type": "event",
                "name": "purchase",
                "data": {},
                "id": "01M84FDBNTVD5BGFXG9X42XQAB",
                "timestamp": float(seconds),
            },
        ),
        (
            "event",
            {"who": p1, "type": "event", "name": "old", "data": {"price": 1}, "timestamp": float(seconds)},
        ),
        ("event", {"who": p1, "type": "page", "name": "https://example.test/pricing", "data": {"referrer": "x"}}),
        ("anonymous_event", {"type": "event", "name": "viewed", "data": {"page": "/pricing"}, "anonymous_id": "anon1"}),
        ("anonymous_event", {"type": "event", "name": "invited", "data": {"recipient": "friend@example.test"}}),
        (
            "device",
            {
                "who": p1,
                "device": {
                    "id": "dev/1",
                    "platform": "android",
                    "attributes": {"color": "red"},
                    "last_used": float(seconds),
                },
            },
        ),
        ("device_delete", {"who": p1, "device": "dev/1"}),
        ("suppress", {"who": {"id": "p3"}}),
        ("unsuppress", {"who": {"id": "p3"}}),
        ("delete", {"who": p1}),
    ] == await inbox()


async def test_the_python_client_tells_its_user_what_was_wrong(address: Address, client: CustomerIO) -> None:
    with pytest.raises(CustomerIOException, match="at most 100 bytes"):
        await asyncio.to_thread(client.track, "p1", "n" * 101)

    with client_of(address, "wrong") as stranger, pytest.raises(CustomerIOException, match=r"^401"):
        await asyncio.to_thread(stranger.track, "p1", "ping")


NODE_5 = {
    "content-type": "application/json",
    "user-agent": "Customer.io Node Client/5.2.0",
    "accept-language": "*",
    "sec-fetch-mode": "cors",
}
NODE_4 = {"content-type": "application/json", "user-agent": "Customer.io Node Client/4.4.0"}
GO: dict[str, str] = {"content-type": "application/json"}
PHP: dict[str, str] = {}

P1 = {"who": {"id": "p1"}}

RECORDED = [
    (NODE_5, "PUT", "/customers/p1", b'{"_update":true,"plan":"pro","n":null,"ok":""}',
     ("identify", P1 | {"attributes": {"_update": True, "plan": "pro", "n": None, "ok": ""}})),
    (NODE_5, "PUT", "/customers/p%203%2F%C3%A9%40x.test", b"{}",
     ("identify", {"who": {"id": "p 3/é@x.test"}, "attributes": {}})),
    (NODE_5, "POST", "/customers/p1/events", b'{"name":"ping"}',
     ("event", P1 | {"type": "event", "name": "ping", "data": {}})),
    (NODE_4, "POST", "/customers/p1/events", b'{"type":"page","name":"https://example.test/pricing"}',
     ("event", P1 | {"type": "page", "name": "https://example.test/pricing", "data": {}})),
    (NODE_5, "PUT", "/customers/p1/devices",
     b'{"device":{"id":"dev","platform":"ios","last_used":1795446718,"attributes":{"app_version":"1.2"}}}',
     ("device", P1 | {"device": {"id": "dev", "platform": "ios", "last_used": 1795446718.0,
                                 "attributes": {"app_version": "1.2"}}})),
    (NODE_5, "DELETE", "/customers/p1/devices/dev", b"", ("device_delete", P1 | {"device": "dev"})),
    (NODE_4, "DELETE", "/customers/p1", b"", ("delete", P1)),
    (NODE_4, "POST", "/customers/p1/suppress", b"{}", ("suppress", P1)),
    (NODE_5, "POST", "/events", b'{"name":"viewed","data":{"page":"/pricing"},"anonymous_id":"anon1"}',
     ("anonymous_event", {"type": "event", "name": "viewed", "data": {"page": "/pricing"}, "anonymous_id": "anon1"})),
    (GO, "POST", "/customers/p1/events", b'{"name":"ping","data":null}',
     ("event", P1 | {"type": "event", "name": "ping", "data": {}})),
    (GO, "PUT", "/customers/p1/devices",
     b'{"device":{"id":"dev","platform":"ios","last_used":"1795446718","attributes":null}}',
     ("device", P1 | {"device": {"id": "dev", "platform": "ios", "last_used": 1795446718.0, "attributes": {}}})),
    (PHP, "POST", "/customers/p1/suppress", b"", ("suppress", P1)),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "method", "path", "body", "kept"), RECORDED)
async def test_recorded_requests_of_other_clients_are_understood(
    address: Address,
    inbox: Inbox,
    headers: dict[str, str],
    method: str,
    path: str,
    body: bytes,
    kept: tuple[str, dict[str, Any]],
) -> None:
    async with httpx.AsyncClient(base_url="http://{}:{}/api/v1".format(*address), auth=("site", "key")) as client:
        response = await client.request(method, path, content=body, headers=headers)

    assert (200, b"{}") == (response.status_code, response.content)
    assert [kept] == await inbox()
