"""What somebody is told before a start, each thing with its place: errors stand in the way, warnings do not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.inbox_writer import InboxWriter
from api.keyring import Keyring
from api.services import Services
from tests.world import World, email

PURCHASE: dict[str, Any] = {"trigger": {"event": "purchase"}}
BIRTHDAY: dict[str, Any] = {"date": "birthday", "every": "year", "at": "09:00", "timezone": "UTC"}


def whole(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document that sends one mail, unless it says something else."""
    return {"name": "Campaign", "workflow": [email("hello")]} | document


async def save(http: httpx.AsyncClient, document: dict[str, Any]) -> httpx.Response:
    return await http.put("/sojourn/v1/campaigns/campaign", json=whole(document))


def places(answer: httpx.Response) -> list[str]:
    """Return where the faults of a refusal are."""
    assert 422 == answer.status_code
    assert all(fault["problem"] for fault in answer.json()["faults"])
    return [fault["place"] for fault in answer.json()["faults"]]


def found(answer: httpx.Response) -> list[tuple[str, str]]:
    """Return level and place of what a save found."""
    assert answer.is_success, answer.text
    return [(finding["level"], finding["place"]) for finding in answer.json()["findings"]]


async def state(world: World) -> str:
    return str((await world.get("campaigns/campaign"))["state"])


@pytest.fixture
async def shop(world: World) -> World:
    """A world with the segments `pro`, and `old`, which is archived; ada is pro and has bought something."""
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.segment("old", {"attribute": "plan", "equals": "old"})
    archived = await world.http.post("/sojourn/v1/segments/old/archive")
    assert archived.is_success, archived.text
    await world.identify("ada", plan="pro", birthday="2000-05-05")
    await world.event("ada", "purchase")
    return world


@pytest.fixture
async def bare(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The same through an API of an installation that has no sender, and no mail server that it may use."""
    async with InboxWriter(world.pool) as writer:
        keyring = Keyring(world.pool)
        services = Services(
            pool=world.pool, clock=world.clock, writer=writer, keyring=keyring, channels=frozenset({"webhook"})
        )
        transport = httpx.ASGITransport(create_app(services))
        async with httpx.AsyncClient(transport=transport, base_url="http://bare", auth=world.http.auth) as http:
            yield http


@pytest.mark.spec("12.01", "12.02")
@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, "trigger"),
        ({"trigger": {"event": ""}}, "trigger.event"),
        ({"trigger": {"form": ""}}, "trigger.form"),
        ({"trigger": {"condition": {"all": []}}}, "trigger.condition"),
        ({"trigger": {"condition": {"in": ""}}}, "trigger.condition.in"),
        ({"trigger": {**BIRTHDAY, "date": ""}}, "trigger.date"),
        ({"trigger": {**BIRTHDAY, "timezone": "person"}}, "trigger.fallback_timezone"),
        ({**PURCHASE, "exit": "goal"}, "exit"),
        ({**PURCHASE, "goal": {"event": ""}}, "goal.event"),
        ({**PURCHASE, "filters": {"in": "pro"}, "frequency": "once"}, "frequency"),
        ({**PURCHASE, "workflow": [email("x", subject="")]}, "workflow[0].email.subject"),
        ({**PURCHASE, "workflow": [email("x", to="")]}, "workflow[0].email.to"),
        ({**PURCHASE, "workflow": [email("x", body="{% if %}")]}, "workflow[0].email.body"),
        ({**PURCHASE, "workflow": [email("x", subject="{{ customer.name | nope }}")]}, "workflow[0].email.subject"),
        ({**PURCHASE, "workflow": [{"webhook": {"id": "x"}}]}, "workflow[0].webhook.url"),
        ({**PURCHASE, "workflow": [{"delay": {}}]}, "workflow[0].delay.for"),
    ],
)
async def test_what_makes_no_sense_by_itself_is_not_even_saved(
    world: World, document: dict[str, Any], place: str
) -> None:
    checked = await world.http.post("/sojourn/v1/campaigns/validate", json=whole(document))
    saved = await save(world.http, document)

    assert ([place], [place]) == (places(checked), places(saved))
    assert 404 == (await world.http.get("/sojourn/v1/campaigns/campaign")).status_code


@pytest.mark.spec("12.01", "12.02")
@pytest.mark.parametrize("segment", ["old", "nowhere"])
@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"trigger": {"condition": {"any": [{"in": "pro"}, {"in": "SEGMENT"}]}}}, "trigger.condition"),
        ({**PURCHASE, "filters": {"not_in": "SEGMENT"}}, "filters"),
        ({**PURCHASE, "goal": {"leaves": "SEGMENT"}}, "goal"),
        ({**PURCHASE, "workflow": [email("x", **{"if": {"in": "SEGMENT"}})]}, "workflow[0].email.if"),
        (
            {**PURCHASE, "workflow": [{"branch": {"if": {"in": "SEGMENT"}, "then": [email("x")]}}]},
            "workflow[0].branch.if",
        ),
    ],
)
async def test_a_segment_that_is_archived_or_not_there_keeps_a_campaign_from_starting(
    shop: World, document: dict[str, Any], place: str, segment: str
) -> None:
    saved = await save(shop.http, _with(document, segment))

    refused = await shop.http.post("/sojourn/v1/campaigns/campaign/start")

    assert [("error", place)] == [one for one in found(saved) if one[0] == "error"]
    assert [place] == places(refused)
    assert segment in refused.json()["message"]
    assert "draft" == await state(shop)


@pytest.mark.spec("12.01", "12.02")
async def test_a_message_needs_a_sender_and_a_channel(bare: httpx.AsyncClient, world: World) -> None:
    saved = await save(bare, PURCHASE)
    both = places(await bare.post("/sojourn/v1/campaigns/campaign/start"))
    await save(bare, {**PURCHASE, "workflow": [email("hello", **{"from": "a@shop.example"})]})
    channel = await bare.post("/sojourn/v1/campaigns/campaign/start")
    await save(bare, {**PURCHASE, "workflow": [email("hello", sending="off", **{"from": "a@shop.example"})]})
    off = await bare.post("/sojourn/v1/campaigns/campaign/start")

    assert [("error", "workflow[0].email")] * 2 == found(saved)
    assert (["workflow[0].email"] * 2, ["workflow[0].email"]) == (both, places(channel))
    assert "email" in channel.json()["message"]
    assert (200, "running") == (off.status_code, await state(world))


@pytest.mark.spec("12.01", "12.03")
@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({**PURCHASE, "workflow": [email("x", sending="off")]}, "workflow[0].email"),
        ({**PURCHASE, "workflow": [{"branch": {"then": [email("x")]}}]}, "workflow[0].branch"),
        ({**PURCHASE, "workflow": [{"delay": "1h"}]}, "workflow"),
        ({**PURCHASE, "workflow": [email("x"), "exit", email("y")]}, "workflow[2].email"),
        ({"trigger": {"condition": {"all": [{"in": "pro"}, {"in": "free"}]}}}, "trigger.condition"),
        ({"trigger": {"event": "Purchase"}}, "trigger"),
        ({"trigger": {"page": "purchase"}}, "trigger"),
        ({**PURCHASE, "goal": {"event": "prchase"}}, "goal"),
        ({"trigger": {**BIRTHDAY, "date": "birthdya"}}, "trigger.date"),
    ],
)
async def test_what_is_probably_not_meant_is_said_and_stands_in_nobodys_way(
    shop: World, document: dict[str, Any], place: str
) -> None:
    await shop.segment("free", {"attribute": "plan", "equals": "free"})

    checked = await shop.http.post("/sojourn/v1/campaigns/validate", json=whole(document))
    saved = await save(shop.http, document)
    await shop.start()

    assert ([("warning", place)], [("warning", place)]) == (found(checked), found(saved))
    assert "running" == await state(shop)


@pytest.mark.spec("12.03")
@pytest.mark.parametrize(
    "trigger",
    [
        {"event": "purchase"},
        BIRTHDAY,
        {"condition": {"in": "pro"}},
        {"condition": {"any": [{"in": "pro"}, {"in": "free"}]}},
        {"condition": {"not_in": "free"}},
    ],
)
async def test_what_was_seen_before_is_not_worth_a_word(shop: World, trigger: dict[str, Any]) -> None:
    await shop.segment("free", {"attribute": "plan", "equals": "free"})

    assert [] == found(await save(shop.http, {"trigger": trigger}))


async def test_nothing_is_said_of_names_while_nothing_has_come_in(world: World) -> None:
    for trigger in ({"event": "purchase"}, {"form": "newsletter"}, BIRTHDAY):
        assert [] == found(await save(world.http, {"trigger": trigger}))


async def test_a_form_is_known_by_its_first_submission(world: World) -> None:
    submission = {"data": {"email": "ada@example.com"}}
    sent = await world.http.post("/api/v1/forms/newsletter/submit", json=submission)
    assert sent.is_success, sent.text
    await world.settle()

    contact = await save(world.http, {"trigger": {"form": "contact"}})
    newsletter = await save(world.http, {"trigger": {"form": "newsletter"}})

    assert ([("warning", "trigger")], []) == (found(contact), found(newsletter))


async def test_nobody_is_said_to_match_nothing_while_a_segment_is_being_built(shop: World) -> None:
    segment = {"name": "new", "condition": {"attribute": "plan", "equals": "nobody"}}
    await shop.http.put("/sojourn/v1/segments/new", json=segment)
    early = found(await save(shop.http, {"trigger": {"condition": {"in": "new"}}}))
    await shop.settle()

    late = found(await save(shop.http, {"trigger": {"condition": {"in": "new"}}}))

    assert ([], [("warning", "trigger.condition")]) == (early, late)


def _with(document: Any, segment: str) -> Any:
    """Return a document with the key of a segment filled in."""
    if isinstance(document, dict):
        return {key: _with(value, segment) for key, value in document.items()}
    if isinstance(document, list):
        return [_with(one, segment) for one in document]
    return segment if document == "SEGMENT" else document


@pytest.mark.parametrize(("key", "said"), [("pro", "is not a manual segment"), ("nosuch", "does not exist")])
async def test_a_segment_that_takes_nobody_by_hand_is_an_error(world: World, key: str, said: str) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    document = {"name": "c", "trigger": {"event": "purchase"}, "workflow": [{"update_segment": {"add": key}}]}
    await world.http.put("/sojourn/v1/campaigns/c", json=document)

    refused = await world.http.post("/sojourn/v1/campaigns/c/start")

    assert (422, True) == (refused.status_code, said in refused.text)
