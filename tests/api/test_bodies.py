from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.conftest import Inbox

EVENT = b'{"name": "purchase", "data": {"n": 1}}'
KEPT = [("event", {"who": {"id": "p1"}, "type": "event", "name": "purchase", "data": {"n": 1}})]


async def post(track: httpx.AsyncClient, content: bytes | AsyncIterator[bytes], **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await track.post("/api/v1/customers/p1/events", content=content, headers=named)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", "x"])
async def test_the_content_type_does_not_matter(track: httpx.AsyncClient, inbox: Inbox, content_type: str) -> None:
    response = await post(track, EVENT, content_type=content_type)

    assert (200, KEPT) == (response.status_code, await inbox())


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
async def test_gzip_is_understood(track: httpx.AsyncClient, inbox: Inbox, encoding: str) -> None:
    response = await post(track, gzip.compress(EVENT), content_encoding=encoding)

    assert (200, KEPT) == (response.status_code, await inbox())


@pytest.mark.parametrize(
    "content",
    [EVENT, gzip.compress(EVENT)[:-9], gzip.compress(EVENT) + b"more", b"\x1f\x8b"],
    ids=["plain", "cut short", "with a tail", "two bytes"],
)
async def test_broken_gzip_is_refused(track: httpx.AsyncClient, inbox: Inbox, content: bytes) -> None:
    response = await post(track, content, content_encoding="gzip")

    assert (400, []) == (response.status_code, await inbox())


async def test_an_unknown_compression_is_refused_by_name(track: httpx.AsyncClient) -> None:
    response = await post(track, EVENT, content_encoding="br")

    assert 415 == response.status_code
    assert "'br'" in response.json()["message"]


async def test_a_bomb_is_not_unpacked(track: httpx.AsyncClient, inbox: Inbox) -> None:
    bomb = gzip.compress(b" " * 100_000_000)

    response = await post(track, bomb, content_encoding="gzip")

    assert (413, []) == (response.status_code, await inbox())


async def test_a_body_that_declares_too_much_is_not_read(track: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b" " * 100_000

    response = await post(track, endless(), content_length="99999999")

    assert (413, "close") == (response.status_code, response.headers["connection"])
    assert 0 == read


async def test_a_body_that_declares_nothing_is_bounded_while_it_is_read(track: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b" " * 100_000

    response = await post(track, endless())

    assert 413 == response.status_code
    assert 161 == read  # heard out for a while, so that the sender gets to read the answer


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"[]", "a list"), (b'"x"', "a text"), (b"7", "a number"), (b"1.5", "a number"), (b"true", "true or false")],
)
async def test_a_body_that_is_no_object_is_refused(track: httpx.AsyncClient, content: bytes, said: str) -> None:
    response = await post(track, content)

    assert (400, f"The body is {said}. Send a JSON object.") == (response.status_code, response.json()["message"])


async def test_broken_json_is_refused_with_its_position(track: httpx.AsyncClient) -> None:
    response = await post(track, b'{"name": "purchase",}')

    assert 400 == response.status_code
    assert "Line 1, column 21: this is not valid JSON" in response.json()["meta"]["errors"][0]
