from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from api import limits
from api.bodies import LARGEST_BODY
from api.json_text import DEEPEST
from tests.api.conftest import Inbox


@pytest.mark.parametrize(
    "attributes",
    [
        {"n" * 150: 1},
        {"é" * 75: 1},
        {"a": "v" * 1000},
        {"a": "é" * 500},
        {"a": ["x" * 100] * 9},
        {f"a{number}": number for number in range(300)},
        {"cio_relationships": {"action": "add_relationships", "relationships": ["x" * 900] * 100}},
    ],
)
async def test_what_reaches_a_limit_is_taken(
    track: httpx.AsyncClient, inbox: Inbox, attributes: dict[str, Any]
) -> None:
    response = await track.put("/api/v1/customers/p1", json=attributes)

    assert 200 == response.status_code
    assert [("identify", {"who": {"id": "p1"}, "attributes": attributes})] == await inbox()


@pytest.mark.parametrize(
    ("attributes", "place", "said"),
    [
        ({"n" * 151: 1}, "n" * 40, "151 bytes"),
        ({"é" * 76: 1}, "é" * 40, "152 bytes"),
        ({"": 1}, '[""]', "1 to 150 bytes"),
        ({"plan": "v" * 1001}, "plan", "1001 bytes"),
        ({"a.b": "é" * 501}, '["a.b"]', "1002 bytes"),
        ({"plan": ["x" * 100] * 10}, "plan", "at most 1,000 bytes"),
        ({"plan": {"k": "v" * 1000}}, "plan", "at most 1,000 bytes"),
        ({f"a{number}": 1 for number in range(301)}, "", "at most 300"),
        ({"cio_relationships": ["x" * 900] * 120}, "cio_relationships", "at most 100,000 bytes"),
    ],
)
async def test_what_is_beyond_a_limit_is_refused_with_place_and_remedy(
    track: httpx.AsyncClient, inbox: Inbox, attributes: dict[str, Any], place: str, said: str
) -> None:
    response = await track.put("/api/v1/customers/p1", json=attributes)

    body = response.json()
    assert (400, place) == (response.status_code, body["faults"][0]["place"])
    assert said in body["message"]
    assert [] == await inbox()


@pytest.mark.parametrize(("length", "status"), [(150, 200), (151, 400)])
async def test_an_identifier_has_at_most_150_bytes(track: httpx.AsyncClient, length: int, status: int) -> None:
    response = await track.put(f"/api/v1/customers/{'i' * length}", json={})

    assert status == response.status_code


def test_the_documentation_states_every_limit() -> None:
    text = (Path(__file__).parents[2] / "docs" / "track-api.md").read_text(encoding="utf-8")
    values = [value for name, value in vars(limits).items() if name.isupper() and isinstance(value, int)]

    missing = [value for value in [*values, LARGEST_BODY, DEEPEST] if f"{value:,}" not in text]

    assert [] == missing
