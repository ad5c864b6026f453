from __future__ import annotations

import re
from typing import Annotated, Any

import asyncpg
import httpx
import orjson
import pytest
from fastapi import Body, FastAPI, Query
from pydantic import AfterValidator, BaseModel
from starlette.routing import Route

from api.errors import problem
from api.routes import ROUTERS
from api.schemas.problem import Problem
from engine.errors import Conflict, DocumentError, Fault, InputError, NotFound, RenderError, SojournError


class Strict(BaseModel, extra="forbid"):
    pass


def refuse(_: str) -> str:
    raise ValueError("the colour must be a warm one")


def document_error() -> DocumentError:
    return DocumentError(
        [
            Fault(place="workflow[2].branch.when", problem="There is no such segment.", remedy="Write paying."),
            Fault(place="", problem="The name is missing.", remedy="Add one."),
        ]
    )


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InputError("name", "It is missing.", "Send it."), 400, "invalid_input"),
        (NotFound("There is no campaign 'x'."), 404, "not_found"),
        (Conflict("It runs already."), 409, "conflict"),
        (document_error(), 422, "invalid_document"),
        (RenderError("first_name is missing."), 422, "render"),
        (SojournError("Something."), 500, "error"),
        (ConnectionRefusedError(), 503, "unavailable"),
        (TimeoutError(), 503, "unavailable"),
        (asyncpg.ConnectionDoesNotExistError(), 503, "unavailable"),
        (asyncpg.TooManyConnectionsError(), 503, "unavailable"),
        (asyncpg.AdminShutdownError(), 503, "unavailable"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
async def test_every_error_becomes_a_status_and_the_one_body(
    app: FastAPI, track: httpx.AsyncClient, error: Exception, status: int, code: str
) -> None:
    @app.get("/fails")
    async def fails() -> None:
        raise error

    response = await track.get("/fails")

    assert (status, code) == (response.status_code, response.json()["code"])
    assert ("1" if status == 503 else None) == response.headers.get("retry-after")
    Problem.model_validate(response.json())


async def test_the_faults_of_a_document_are_all_told_with_their_places(app: FastAPI, track: httpx.AsyncClient) -> None:
    @app.get("/fails")
    async def fails() -> None:
        raise document_error()

    body = (await track.get("/fails")).json()

    first, second = "workflow[2].branch.when: There is no such segment. Write paying.", "The name is missing. Add one."
    assert [
        {"detail": first, "status": "422", "source": {"pointer": "/workflow/2/branch/when"}},
        {"detail": second, "status": "422"},
    ] == body["errors"]
    assert {"error": f"{first}; {second}", "errors": [first, second]} == body["meta"]
    assert {
        "place": "workflow[2].branch.when",
        "problem": "There is no such segment.",
        "remedy": "Write paying.",
    } == body["faults"][0]


@pytest.mark.parametrize(
    ("place", "pointer"),
    [
        ("name", "/name"),
        ("device.attributes.a", "/device/attributes/a"),
        ('["a.b"]', "/a.b"),
        ('x["a/b~c"][0]', "/x/a~1b~0c/0"),
        ("items[10].x", "/items/10/x"),
    ],
)
def test_places_become_json_pointers(place: str, pointer: str) -> None:
    response = problem(400, "x", "x", faults=[Fault(place=place, problem="p", remedy="r")])

    assert pointer == orjson.loads(response.body)["errors"][0]["source"]["pointer"]


async def test_what_the_framework_refuses_has_the_same_body(app: FastAPI, track: httpx.AsyncClient) -> None:
    @app.get("/limited")
    async def limited(limit: Annotated[int, Query(le=100)]) -> int:
        return limit

    response = await track.get("/limited", params={"limit": "many"})

    assert (422, "limit") == (response.status_code, response.json()["faults"][0]["place"])
    Problem.model_validate(response.json())


async def test_what_a_validator_of_ours_refuses_is_told_in_its_own_words(
    app: FastAPI, track: httpx.AsyncClient
) -> None:
    @app.get("/painted")
    async def painted(colour: Annotated[str, AfterValidator(refuse)]) -> str:
        return colour

    response = await track.get("/painted", params={"colour": "blue"})

    assert (
        422,
        "colour: the colour must be a warm one. GET /docs says what this request takes.",
    ) == (response.status_code, response.json()["message"])


async def test_a_key_that_is_no_text_is_no_mistake_of_ours(app: FastAPI, track: httpx.AsyncClient) -> None:
    @app.post("/strict")
    async def strict(body: Annotated[Strict, Body()]) -> None:
        del body

    response = await track.post("/strict", content=b'{"\\ud800": 1}', headers={"content-type": "application/json"})

    assert 422 == response.status_code
    Problem.model_validate(response.json())


async def test_an_endpoint_of_a_later_release_is_a_404_that_says_so(track: httpx.AsyncClient) -> None:
    response = await track.post("/api/v1/objects", json={})

    assert 404 == response.status_code
    assert "This release has no endpoint POST /api/v1/objects" in response.json()["message"]
    Problem.model_validate(response.json())


async def test_a_wrong_method_is_told_the_right_ones(track: httpx.AsyncClient) -> None:
    response = await track.patch("/api/v1/customers/p1", json={})

    assert (405, "PUT, DELETE") == (response.status_code, response.headers["allow"])
    Problem.model_validate(response.json())


async def test_every_path_tells_the_methods_it_takes_to_whoever_uses_another(
    app: FastAPI, track: httpx.AsyncClient
) -> None:
    listed = (*app.routes, *(route for router in ROUTERS for route in router.routes))
    routes = [route for route in listed if isinstance(route, Route)]
    paths = {re.sub(r"\{[^}]*\}", "1", route.path) for route in routes}
    assert {"/metrics", "/t/c/1/1/1", "/docs", "/sojourn/v1/journeys/1/end"} <= paths
    for path in paths:
        methods = {method for route in routes if route.path_regex.match(path) for method in route.methods or ()}
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"} - methods:
            response = await track.request(method, path, auth=None)
            allowed = response.headers["allow"]
            assert (405, methods) == (response.status_code, set(allowed.split(", "))), (method, path)
            if method != "HEAD":
                [fault] = Problem.model_validate(response.json()).faults
                assert f"This path takes {allowed}." == fault.remedy


async def test_a_mistake_of_ours_tells_nothing_of_our_insides(app: FastAPI) -> None:
    @app.get("/fails")
    async def fails() -> None:
        raise ZeroDivisionError("secret")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sojourn") as client:
        response = await client.get("/fails")

    assert 500 == response.status_code
    assert "secret" not in response.text
    Problem.model_validate(response.json())


async def test_a_client_that_hangs_up_in_the_middle_is_no_mistake_of_ours(app: FastAPI) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "PUT",
        "path": "/api/v1/customers/p1",
        "raw_path": b"/api/v1/customers/p1",
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer key")],
    }
    await app(scope, receive, send)  # raises what is not handled

    assert 400 == sent[0]["status"]
