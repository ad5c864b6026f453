from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.raw_paths import RawPaths, decoded
from tests.api.conftest import Inbox


@pytest.mark.parametrize(
    ("segment", "identifier"),
    [
        ("a%2Fb", "a/b"),
        ("x%2Fdevices", "x/devices"),
        ("x%2fevents", "x/events"),
        ("%2F", "/"),
        ("50%25", "50%"),
        ("%252F", "%2F"),
        ("p%203%2F%C3%A9%40x.test", "p 3/é@x.test"),
        ("a;b=c", "a;b=c"),
        ("a+b", "a+b"),
        ("%70", "p"),
    ],
)
async def test_an_identifier_is_one_segment_whatever_it_holds(
    track: httpx.AsyncClient, inbox: Inbox, segment: str, identifier: str
) -> None:
    request = track.build_request("PUT", "/", json={})
    request.url = request.url.copy_with(raw_path=f"/api/v1/customers/{segment}".encode())

    response = await track.send(request)

    assert (200, {}) == (response.status_code, response.json())
    assert [("identify", {"who": {"id": identifier}, "attributes": {}})] == await inbox()


@pytest.mark.parametrize("segment", ["%", "a%zz", "a%2", "%ff", "%C3", "%ED%A0%80"])
async def test_broken_escapes_are_refused(track: httpx.AsyncClient, inbox: Inbox, segment: str) -> None:
    request = track.build_request("PUT", "/", json={})
    request.url = request.url.copy_with(raw_path=f"/api/v1/customers/{segment}".encode())

    response = await track.send(request)

    assert (400, "path") == (response.status_code, response.json()["faults"][0]["place"])
    assert [] == await inbox()


@pytest.mark.parametrize(
    "path", ["/api/v1/customers/", "/api/v1/customers//events", "/api/v1/customers/p1/", "/api/v1"]
)
async def test_an_empty_segment_is_no_identifier_and_nothing_redirects(track: httpx.AsyncClient, path: str) -> None:
    response = await track.request("POST", path, json={"name": "x"})

    assert 404 == response.status_code


@given(st.lists(st.text(min_size=1).filter(lambda text: "\ud800" not in repr(text)), min_size=1, max_size=4))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_segment_comes_out_as_it_was_meant(segments: list[str]) -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])

    raw = "/" + "/".join(quote(segment, safe="") for segment in segments)
    scope = {"type": "http", "raw_path": raw.encode(), "path": raw}
    await RawPaths(app)(scope, None, None)  # type: ignore[arg-type]  # neither is used

    [path] = seen
    assert segments == [decoded(segment) for segment in path.removeprefix("/").split("/")]
