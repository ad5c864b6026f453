"""Whatever is wrong with a request: the answer names the place, the problem in plain words, and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from api.schemas.problem import FaultDetail, Problem
from storage.manual_members import MOST_AT_ONCE

PREFIX: Final = "/sojourn/v1"
BODIES: Final[dict[str, Any]] = {
    "preview_person": {"condition": {"attribute": "plan", "equals": "pro"}},
    "change_segment_members": {"change": "add", "ids": ["ada"]},
    "order_loading": {"action": "pause"},
    "stop_campaign": {"mode": "now"},
    "settle_delivery": {"action": "drop"},
}
"""Of operations that look at their body before they look for what the path names."""
MAKES: Final = frozenset({"save_campaign", "save_segment", "map_form", "suppress_address"})
"""Operations that make what the path names, if it is not there."""
FOREIGN: Final = ("Input should", "Field required", "Extra inputs", "JSON decode", "at least 1 item", "valid integer")
"""What pydantic says."""
ADDED: Final = {"change": "add"}
NUMBER: Final = "Send a whole number."
INSTANT: Final = "Send one as 2027-03-01T00:00:00Z."

Operation = tuple[str, str, dict[str, Any]]


def operations(app: FastAPI) -> Iterator[Operation]:
    """Yield method, path and description of every operation of the management API that needs a key."""
    for path, methods in app.openapi()["paths"].items():
        for method, described in methods.items():
            if path.startswith(PREFIX) and "Schemas" not in described["tags"]:
                yield method.upper(), path.removeprefix(PREFIX), described


def parameters(described: dict[str, Any], where: str) -> list[dict[str, Any]]:
    return [one for one in described.get("parameters", []) if one["in"] == where]


def filled(path: str, described: dict[str, Any]) -> str:
    """The path of things that there are not."""
    for one in parameters(described, "path"):
        value = "999" if one["schema"]["type"] == "integer" else "nothing@example.com"
        path = path.replace(f"{{{one['name']}}}", value)
    return path


def sound(response: httpx.Response, *statuses: int) -> list[FaultDetail]:
    """The faults of an answer with one of these statuses, each with a problem and a remedy in words of our own."""
    asked = f"{response.request.method} {response.request.url}: {response.text}"
    assert response.status_code in statuses, asked
    body = Problem.model_validate_json(response.content)
    assert body.faults, asked
    for fault in body.faults:
        assert fault.problem.endswith("."), asked
        assert fault.remedy.endswith((".", "?")), asked
        assert not any(word in fault.problem for word in FOREIGN), asked
    assert [one.detail for one in body.errors] == body.meta.errors, asked
    return body.faults


async def send(client: httpx.AsyncClient, operation: Operation, **more: Any) -> httpx.Response:
    method, path, described = operation
    return await client.request(method, filled(path, described), **more)


async def test_without_a_key_every_route_says_which_one_to_send(app: FastAPI, manage: httpx.AsyncClient) -> None:
    for operation in operations(app):
        [fault] = sound(await send(manage, operation, headers={"Authorization": "Bearer nobody"}), 401)

        assert "Send an app API key as Bearer." == fault.remedy


async def test_what_the_path_names_and_is_not_there_is_a_404_with_its_place(
    app: FastAPI, manage: httpx.AsyncClient
) -> None:
    asked = 0
    for operation in operations(app):
        name, named = operation[2]["operationId"], [one["name"] for one in parameters(operation[2], "path")]
        if not named or name in MAKES:
            continue
        body = {"json": BODIES[name]} if name in BODIES else {}
        [fault] = sound(await send(manage, operation, **body), 404)
        asked += 1

        assert fault.place in named, operation
    assert asked >= 25


async def test_a_parameter_that_cannot_be_read_is_named_with_what_it_takes(
    app: FastAPI, manage: httpx.AsyncClient
) -> None:
    asked = 0
    for operation in operations(app):
        for one in parameters(operation[2], "query"):
            name = str(one["name"])
            if name == "name":  # any text is one
                continue
            faults = sound(await send(manage, operation, params={name: "?"}), 400, 404, 422)
            asked += 1

            # A cursor is opaque: what it is not is only known to the list, which is looked for before.
            is_cursor = name in ("cursor", "decisions_after")
            assert is_cursor or [name] == [fault.place for fault in faults], operation
    assert asked >= 25


async def test_a_number_in_a_path_that_is_none_is_named(manage: httpx.AsyncClient) -> None:
    for path in ("journeys/last", "journeys/0", "events/last", f"journeys/{2**80}"):
        [fault] = sound(await manage.get(path), 422)

        assert path.split("/")[0].removesuffix("s") == fault.place


@pytest.mark.parametrize("content", [b'{"ids": ["ada"', b"\xff", b"[1]", b"7"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
async def test_a_body_that_cannot_be_read_is_refused_with_what_to_send(
    app: FastAPI, manage: httpx.AsyncClient, content: bytes, kind: str
) -> None:
    for operation in operations(app):
        if "requestBody" in operation[2]:
            sound(await send(manage, operation, content=content, headers={"content-type": kind}), 400, 422)


async def test_a_value_of_the_wrong_kind_is_named_wherever_it_stands(app: FastAPI, manage: httpx.AsyncClient) -> None:
    schemas = app.openapi()["components"]["schemas"]
    asked = set()
    for operation in operations(app):
        content = operation[2].get("requestBody", {}).get("content", {}).get("application/json", {})
        for reference in content.get("schema", {}).get("anyOf", [content.get("schema", {})]):
            for key in schemas.get(reference.get("$ref", "").rpartition("/")[2], {}).get("properties", {}):
                response = await send(manage, operation, json={key: [[1.5]]})
                faults = sound(response, 400, 404, 422)
                asked.add(key)

                # What is right in itself, as any JSON may be a condition, is looked at after what the path names.
                is_named = any(fault.place.startswith(key) for fault in faults)
                assert is_named or (key, response.status_code) == ("condition", 404), operation
    assert {"action", "by", "change", "condition", "ids", "limit", "mode", "rate", "reason", "since"} <= asked


async def test_too_many_identifiers_at_once_are_told_how_many_may_go(manage: httpx.AsyncClient) -> None:
    body = {"change": "add", "ids": [str(number) for number in range(MOST_AT_ONCE + 1)]}

    [fault] = sound(await manage.post("segments/vip/members", json=body), 422)

    assert ("ids", "The list has more than 1,000 items.", "Send at most 1,000 in one request.") == (
        fault.place,
        fault.problem,
        fault.remedy,
    )


@pytest.mark.parametrize(
    ("path", "body", "place", "problem", "remedy"),
    [
        ("campaigns/a/stop", {}, "mode", "It is missing.", "Send it."),
        ("campaigns/a/stop", {"mode": "x"}, "mode", '"x" is not one of the choices.', "Send 'finish' or 'now'."),
        ("campaigns/a/start", {"rate": 0}, "rate", "0 is too small.", "Send 1 or more."),
        ("campaigns/a/start", {"rate": 1001}, "rate", "1001 is too large.", "Send at most 1,000."),
        (
            "campaigns/a/start",
            {"rate": "x"},
            "rate",
            'This is "x", where a whole number belongs.',
            "Send a whole number.",
        ),
        ("campaigns/a/start", {"since": "soon"}, "since", '"soon" is not an instant.', INSTANT),
        ("campaigns/a/start", {"since": "2027-03-01T00:00:00"}, "since", "The instant has no time zone.", INSTANT),
        (
            "segments/a/members",
            {"change": "add", "ids": [[]]},
            "ids[0]",
            "This is a list, where a text belongs.",
            "Send a text.",
        ),
    ],
)
async def test_a_wrong_value_is_told_in_plain_words(
    manage: httpx.AsyncClient, path: str, body: dict[str, Any], place: str, problem: str, remedy: str
) -> None:
    [fault] = sound(await manage.post(path, json=body), 422)

    assert (place, problem, remedy) == (fault.place, fault.problem, fault.remedy)


async def test_the_address_of_a_data_campaign_says_that_it_takes_a_post(track: httpx.AsyncClient) -> None:
    response = await track.get("/webhooks/token")
    [fault] = sound(response, 405)

    assert ("POST", "There is no GET /webhooks/token.", "This path takes POST.") == (
        response.headers["allow"],
        fault.problem,
        fault.remedy,
    )
