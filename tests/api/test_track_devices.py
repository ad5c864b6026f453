from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Inbox

DEVICES = "/api/v1/customers/p1/devices"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (
            {"id": "dev", "platform": "ios", "last_used": 1795446718, "attributes": {"app_version": "1.2"}},
            {"id": "dev", "platform": "ios", "last_used": 1795446718.0, "attributes": {"app_version": "1.2"}},
        ),
        (
            {"color": "red", "id": "dev2", "platform": "android"},
            {"id": "dev2", "platform": "android", "attributes": {"color": "red"}},
        ),
        (
            {"id": "dev3", "platform": "iOS", "last_used": "1795446718", "attributes": None},
            {"id": "dev3", "platform": "ios", "last_used": 1795446718.0, "attributes": {}},
        ),
        (
            {"id": "dev4", "platform": "ios", "last_used": None, "v": 1, "attributes": {"v": 2}},
            {"id": "dev4", "platform": "ios", "attributes": {"v": 2}},
        ),
    ],
    ids=["node", "python with stray keys", "go with texts and null", "an attribute given twice"],
)
async def test_a_device_is_taken_as_each_client_sends_it(
    track: httpx.AsyncClient, inbox: Inbox, sent: dict[str, Any], kept: dict[str, Any]
) -> None:
    response = await track.put(DEVICES, json={"device": sent})

    assert (200, {}) == (response.status_code, response.json())
    assert [("device", {"who": {"id": "p1"}, "device": kept})] == await inbox()


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "device"),
        ({"device": []}, "device"),
        ({"device": {"platform": "ios"}}, "device.id"),
        ({"device": {"id": " ", "platform": "ios"}}, "device.id"),
        ({"device": {"id": "x" * 1001, "platform": "ios"}}, "device.id"),
        ({"device": {"id": "dev"}}, "device.platform"),
        ({"device": {"id": "dev", "platform": "windows"}}, "device.platform"),
        ({"device": {"id": "dev", "platform": "ios", "last_used": "soon"}}, "device.last_used"),
        ({"device": {"id": "dev", "platform": "ios", "attributes": "x"}}, "device.attributes"),
        ({"device": {"id": "dev", "platform": "ios", "attributes": {"a": "x" * 1001}}}, "device.attributes.a"),
    ],
)
async def test_a_device_that_cannot_be_used_is_refused_by_name(
    track: httpx.AsyncClient, inbox: Inbox, body: dict[str, Any], place: str
) -> None:
    response = await track.put(DEVICES, json=body)

    assert (400, place) == (response.status_code, response.json()["faults"][0]["place"])
    assert [] == await inbox()


@pytest.mark.parametrize(("segment", "token"), [("dev", "dev"), ("a%2Fb%3A%20c", "a/b: c")])
async def test_a_device_is_removed_by_its_token(
    track: httpx.AsyncClient, inbox: Inbox, segment: str, token: str
) -> None:
    response = await track.delete(f"{DEVICES}/{segment}")

    assert (200, {}) == (response.status_code, response.json())
    assert [("device_delete", {"who": {"id": "p1"}, "device": token})] == await inbox()


async def test_a_token_that_cannot_be_stored_is_refused(track: httpx.AsyncClient, inbox: Inbox) -> None:
    response = await track.delete(f"{DEVICES}/a%00")

    assert 400 == response.status_code
    assert [] == await inbox()
