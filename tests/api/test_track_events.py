from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Inbox

EVENTS = "/api/v1/customers/p1/events"
WHO = {"who": {"id": "p1"}}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (
            {"name": "purchase", "data": {"price": 23.45, "sku": "A1"}},
            {"type": "event", "name": "purchase", "data": {"price": 23.45, "sku": "A1"}},
        ),
        (
            {"name": "purchase", "data": {"price": 1}, "id": "01M84FDBNTVD5BGFXG9X42XQAB", "timestamp": 1795446653},
            {
                "type": "event",
                "name": "purchase",
                "data": {"price": 1},
                "id": "01M84FDBNTVD5BGFXG9X42XQAB",
                "timestamp": 1795446653.0,
            },
        ),
        ({"name": "ping", "data": {}}, {"type": "event", "name": "ping", "data": {}}),
        ({"name": "ping"}, {"type": "event", "name": "ping", "data": {}}),
        ({"name": "ping", "data": None, "id": None, "type": None}, {"type": "event", "name": "ping", "data": {}}),
        ({"name": "ping", "id": 17, "timestamp": None}, {"type": "event", "name": "ping", "id": "17", "data": {}}),
        ({"type": "screen", "name": "Cart"}, {"type": "screen", "name": "Cart", "data": {}}),
    ],
    ids=["data", "id and time", "python without data", "node without data", "go with nulls", "id as number", "screen"],
)
async def test_an_event_is_taken_as_each_client_sends_it(
    track: httpx.AsyncClient, inbox: Inbox, sent: dict[str, Any], kept: dict[str, Any]
) -> None:
    response = await track.post(EVENTS, json=sent)

    assert (200, {}) == (response.status_code, response.json())
    assert [("event", WHO | kept)] == await inbox()


@pytest.mark.spec("1.32")
async def test_spaces_around_the_name_are_trimmed_and_its_case_stays(track: httpx.AsyncClient, inbox: Inbox) -> None:
    await track.post(EVENTS, json={"name": "  Cart Updated \n"})

    [(_, payload)] = await inbox()
    assert "Cart Updated" == payload["name"]


async def test_a_page_may_have_a_long_address(track: httpx.AsyncClient, inbox: Inbox) -> None:
    address = "https://example.test/" + "p" * 900

    response = await track.post(EVENTS, json={"type": "page", "name": address})

    assert 200 == response.status_code
    assert [("event", WHO | {"type": "page", "name": address, "data": {}})] == await inbox()


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "name"),
        ({"name": None}, "name"),
        ({"name": 7}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": "é" * 51}, "name"),
        ({"name": "n" * 1001, "type": "page"}, "name"),
        ({"name": "x", "type": "click"}, "type"),
        ({"name": "x", "type": ["event"]}, "type"),
        ({"name": "x", "id": {"a": 1}}, "id"),
        ({"name": "x", "id": True}, "id"),
        ({"name": "x", "id": "i" * 151}, "id"),
        ({"name": "x", "data": [1]}, "data"),
        ({"name": "x", "data": {"a": "x" * 100_000}}, "data"),
        ({"name": "x", "timestamp": "2026-11-24"}, "timestamp"),
        ({"name": "x", "timestamp": -1}, "timestamp"),
    ],
)
async def test_an_event_that_cannot_be_used_is_refused_by_name(
    track: httpx.AsyncClient, inbox: Inbox, body: dict[str, Any], place: str
) -> None:
    response = await track.post(EVENTS, json=body)

    assert (400, place) == (response.status_code, response.json()["faults"][0]["place"])
    assert [] == await inbox()


async def test_data_is_measured_as_json_and_not_with_the_body_around_it(track: httpx.AsyncClient, inbox: Inbox) -> None:
    largest = {"a": "x" * (100_000 - len('{"a":""}'))}

    response = await track.post(EVENTS, json={"name": "x", "data": largest})

    assert 200 == response.status_code
    assert [("event", WHO | {"type": "event", "name": "x", "data": largest})] == await inbox()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (
            {"name": "viewed", "data": {"page": "/pricing"}, "anonymous_id": "anon1"},
            {"type": "event", "name": "viewed", "data": {"page": "/pricing"}, "anonymous_id": "anon1"},
        ),
        (
            {"name": "invited", "data": {"recipient": "friend@example.test"}},
            {"type": "event", "name": "invited", "data": {"recipient": "friend@example.test"}},
        ),
        (
            {"name": "invited", "data": {"recipient": "friend@example.test"}, "anonymous_id": ""},
            {"type": "event", "name": "invited", "data": {"recipient": "friend@example.test"}},
        ),
    ],
    ids=["anonymous", "invite", "invite with a blank id"],
)
async def test_an_event_without_a_person_is_taken(
    track: httpx.AsyncClient, inbox: Inbox, sent: dict[str, Any], kept: dict[str, Any]
) -> None:
    response = await track.post("/api/v1/events", json=sent)

    assert (200, {}) == (response.status_code, response.json())
    assert [("anonymous_event", kept)] == await inbox()


async def test_an_event_that_could_never_become_anybodys_is_refused(track: httpx.AsyncClient, inbox: Inbox) -> None:
    response = await track.post("/api/v1/events", json={"name": "viewed", "data": {}})

    assert (400, "anonymous_id") == (response.status_code, response.json()["faults"][0]["place"])
    assert [] == await inbox()
