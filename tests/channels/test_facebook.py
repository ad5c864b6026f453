"""Leads are asked for one by one over a real socket, and whatever goes wrong says so in Facebook's words."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from starlette.responses import JSONResponse, Response

from channels.channel import TryLater
from channels.facebook import Graph
from tests.channels.graph_server import SECRET, TOKEN, GraphServer, graph_server, no_json, refusal


@pytest.fixture
async def facebook() -> AsyncIterator[GraphServer]:
    async with graph_server() as server:
        yield server


async def test_the_answers_of_a_lead_are_texts_under_names(facebook: GraphServer) -> None:
    facebook.leads["123"] = [
        {"name": "email", "values": ["ada@example.com"]},
        {"name": "colours", "values": ["red", "blue"]},
        {"name": "age", "values": [7]},
        {"name": "note", "values": []},
    ]

    async with Graph(facebook.url, TOKEN, SECRET) as graph:
        fields = await graph.lead("123")

    assert {"email": "ada@example.com", "colours": "red, blue", "age": "7", "note": ""} == fields


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusal(190, "Invalid OAuth access token."), "Facebook answered 400, code 190: Invalid OAuth access token."),
        (refusal(4, "Application request limit reached", 403), "code 4: Application request limit reached"),
        (JSONResponse({"error": "no"}, 500), "Facebook answered 500."),
        (no_json(), "Facebook answered 503, and no JSON."),
        (JSONResponse([]), "has no field_data"),
        (JSONResponse({"field_data": [{"name": "email"}]}), "does not have the form that we know"),
        (JSONResponse({"field_data": ["email"]}), "does not have the form that we know"),
    ],
)
async def test_a_lead_that_cannot_be_had_is_asked_for_later(facebook: GraphServer, answer: Response, said: str) -> None:
    facebook.answer = answer

    async with Graph(facebook.url, TOKEN, SECRET) as graph:
        with pytest.raises(TryLater) as failure:
            await graph.lead("123")

    assert said in failure.value.reason
    assert TOKEN not in failure.value.reason


@pytest.mark.parametrize(("token", "secret"), [("other", SECRET), (TOKEN, "other")])
async def test_whoever_asks_proves_who_they_are(facebook: GraphServer, token: str, secret: str) -> None:
    facebook.knows("123", email="ada@example.com")

    async with Graph(facebook.url, token, secret) as graph:
        with pytest.raises(TryLater, match="code 190"):
            await graph.lead("123")


async def test_a_facebook_that_is_away_is_asked_later(facebook: GraphServer) -> None:
    async with Graph("http://127.0.0.1:9/v24.0", TOKEN, SECRET) as graph:
        with pytest.raises(TryLater, match="cannot be reached"):
            await graph.lead("123")


@pytest.mark.parametrize("lead", ["../me", "1?x=y", "", "\uff11\uff12"])
async def test_what_is_no_id_never_leaves_us(facebook: GraphServer, lead: str) -> None:
    async with Graph(facebook.url, TOKEN, SECRET) as graph:
        with pytest.raises(TryLater):
            await graph.lead(lead)

    assert [] == facebook.asked
