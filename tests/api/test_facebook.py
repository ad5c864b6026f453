from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.inbox_writer import InboxWriter
from api.keyring import Keyring
from api.services import Facebook, Services
from storage.database import Pool
from tests.api.conftest import NOW

WEBHOOK = "/facebook/leads/tests"


def announced(*leads: tuple[str, str]) -> dict[str, Any]:
    changes = [
        {"field": "leadgen", "value": {"leadgen_id": lead, "form_id": form, "page_id": "9", "created_time": 1795446713}}
        for lead, form in leads
    ]
    return {"object": "page", "entry": [{"id": "9", "time": 1795446713, "changes": changes}]}


def signed(body: bytes, secret: str = "secret") -> dict[str, str]:
    return {"X-Hub-Signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


@pytest.fixture
async def facebook(pool: Pool, workspace: int) -> AsyncIterator[httpx.AsyncClient]:
    """Facebook, which has no key of ours."""
    async with InboxWriter(pool) as writer:
        services = Services(
            pool=pool,
            clock=lambda: NOW,
            writer=writer,
            keyring=Keyring(pool),
            facebook=Facebook(app_secret="secret", verify_token="token"),
        )
        transport = httpx.ASGITransport(create_app(services))
        async with httpx.AsyncClient(transport=transport, base_url="http://sojourn") as client:
            yield client


async def leads(pool: Pool) -> list[tuple[str, str]]:
    return [(row["lead_id"], row["form_id"]) for row in await pool.fetch("SELECT * FROM leads ORDER BY lead_id")]


async def test_the_handshake_answers_with_the_challenge(facebook: httpx.AsyncClient) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "token", "hub.challenge": "1158201444"}

    answer = await facebook.get(WEBHOOK, params=asked)

    assert (200, "1158201444", "text/plain") == (
        answer.status_code,
        answer.text,
        answer.headers["content-type"].partition(";")[0],
    )


@pytest.mark.parametrize("token", ["wrong", "", "tökén"])
async def test_the_handshake_of_anybody_else_fails(facebook: httpx.AsyncClient, token: str) -> None:
    answer = await facebook.get(WEBHOOK, params={"hub.verify_token": token, "hub.challenge": "1"})

    assert 403 == answer.status_code


@pytest.mark.spec("1.87")
async def test_announced_leads_are_written_down_once(facebook: httpx.AsyncClient, pool: Pool) -> None:
    body = json.dumps(announced(("11", "f1"), ("12", "f2"))).encode()
    numbers = json.dumps(announced(("11", "f1"))).replace('"11"', "11").encode()

    first = await facebook.post(WEBHOOK, content=body, headers=signed(body))
    again = await facebook.post(WEBHOOK, content=numbers, headers=signed(numbers))

    assert [(200, {}), (200, {})] == [(one.status_code, one.json()) for one in (first, again)]
    assert [("11", "f1"), ("12", "f2")] == await leads(pool)


@pytest.mark.parametrize(
    ("said", "submitted"),
    [(-86400, timedelta(days=-1)), (3600, timedelta()), (None, None)],
    ids=["yesterday", "by a clock that is ahead", "not said"],
)
async def test_when_a_lead_was_submitted_is_written_down(
    facebook: httpx.AsyncClient, pool: Pool, said: int | None, submitted: timedelta | None
) -> None:
    told = announced(("11", "f1"))
    created = None if said is None else int(NOW.timestamp()) + said
    told["entry"][0]["changes"][0]["value"]["created_time"] = created
    body = json.dumps(told).encode()

    await facebook.post(WEBHOOK, content=body, headers=signed(body))

    expected = None if submitted is None else NOW + submitted
    assert expected == await pool.fetchval("SELECT submitted_at FROM leads")


@pytest.mark.parametrize(
    "headers",
    [{}, signed(b"other"), signed(json.dumps(announced(("11", "f1"))).encode(), "wrong"), {"X-Hub-Signature-256": "é"}],
    ids=["none", "of another body", "of another app", "no signature"],
)
async def test_what_is_not_signed_by_the_app_is_refused_and_nothing_stored(
    facebook: httpx.AsyncClient, pool: Pool, headers: dict[str, str]
) -> None:
    body = json.dumps(announced(("11", "f1"))).encode()

    answer = await facebook.post(
        WEBHOOK, content=body, headers={name.encode(): value.encode() for name, value in headers.items()}
    )

    assert (403, []) == (answer.status_code, await leads(pool))


async def test_changes_of_other_fields_are_passed_over(facebook: httpx.AsyncClient, pool: Pool) -> None:
    body = json.dumps({"object": "page", "entry": [{"changes": [{"field": "feed", "value": {}}]}, {}]}).encode()

    answer = await facebook.post(WEBHOOK, content=body, headers=signed(body))

    assert (200, []) == (answer.status_code, await leads(pool))


@pytest.mark.parametrize(
    "body",
    [b"not json", b"{}", b"[]", b'{"entry": [{"changes": [{"field": "leadgen", "value": {}}]}]}', b'{"entry": 1}'],
)
async def test_what_is_no_webhook_of_lead_ads_is_refused(facebook: httpx.AsyncClient, pool: Pool, body: bytes) -> None:
    answer = await facebook.post(WEBHOOK, content=body, headers=signed(body))

    assert (400, []) == (answer.status_code, await leads(pool))


async def test_a_workspace_that_is_not_there_is_not_found(facebook: httpx.AsyncClient) -> None:
    body = json.dumps(announced(("11", "f1"))).encode()

    posted = await facebook.post("/facebook/leads/other", content=body, headers=signed(body))
    greeted = await facebook.get("/facebook/leads/other", params={"hub.verify_token": "token"})

    assert (404, 404) == (posted.status_code, greeted.status_code)


async def test_without_settings_there_is_no_such_webhook(track: httpx.AsyncClient, pool: Pool) -> None:
    body = json.dumps(announced(("11", "f1"))).encode()

    posted = await track.post(WEBHOOK, content=body, headers=signed(body, ""))

    assert (404, []) == (posted.status_code, await leads(pool))
