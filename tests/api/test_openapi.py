"""The documentation of the API is sound, and nothing that follows it, or does not, breaks a route."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode

from api.schemas.problem import Problem

_EXAMPLES = 12
"""Per operation and kind: enough to meet every parameter with something odd."""


async def test_operations_are_named_after_what_they_do(app: FastAPI) -> None:
    paths = app.openapi()["paths"]

    track = {
        operation["operationId"]
        for methods in paths.values()
        for operation in methods.values()
        if operation["tags"] == ["Track"]
    }
    assert {
        "identify",
        "delete_person",
        "suppress",
        "unsuppress",
        "add_device",
        "delete_device",
        "track",
        "track_anonymous",
        "merge",
        "add_customers",
        "remove_customers",
        "submit_form",
        "show_region",
        "check_credentials",
    } == track


async def test_every_call_of_the_track_api_is_in_its_documentation(app: FastAPI) -> None:
    text = (Path(__file__).parents[2] / "docs" / "track-api.md").read_text(encoding="utf-8")
    calls = {
        f"`{method.upper()} {path}`"
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if operation["tags"] == ["Track"]
    }

    assert set() == {call for call in calls if call not in text}


async def test_the_pages_of_the_documentation_need_no_key(track: httpx.AsyncClient) -> None:
    statuses = [(await track.get(path, auth=None)).status_code for path in ("/docs", "/openapi.json")]

    assert [200, 200] == statuses


async def test_no_request_makes_a_route_fail(app: FastAPI, address: tuple[str, int]) -> None:
    document = app.openapi()

    await asyncio.to_thread(_try_all, document, "http://{}:{}".format(*address))


def _try_all(document: dict[str, Any], base_url: str) -> None:
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]  # else it raises, and the document is not sound
        key = "app-key" if operation.path.startswith("/sojourn/") else "key"
        for mode in GenerationMode:
            _try(operation.as_strategy(generation_mode=mode), base_url, {"authorization": f"Bearer {key}"})


def _try(cases: SearchStrategy[Any], base_url: str, headers: dict[str, str]) -> None:
    @given(cases)
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def attempt(case: Any) -> None:
        response = case.call(base_url=base_url, headers=headers)

        assert response.status_code < 500, f"{case.as_curl_command()}\n{response.text}"
        if response.status_code >= 400:
            Problem.model_validate_json(response.content)

    with suppress(Unsatisfiable):  # an operation without parameters has nothing to get wrong
        attempt()
