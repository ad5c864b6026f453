from __future__ import annotations

from typing import Any

import httpx
import pytest

from storage.database import Pool
from tests.api.conftest import Inbox

SUBMIT = "/api/v1/forms/newsletter/submit"


async def form(manage: httpx.AsyncClient, form_id: str = "newsletter") -> dict[str, Any]:
    return dict((await manage.get(f"/forms/{form_id}")).json())


@pytest.mark.spec("1.81")
async def test_a_submission_is_taken_and_makes_its_form_known(
    track: httpx.AsyncClient, manage: httpx.AsyncClient, inbox: Inbox
) -> None:
    answer = await track.post(SUBMIT, json={"data": {"email": "ada@example.com", "colour": "red"}})

    assert (204, b"") == (answer.status_code, answer.content)
    assert [
        (
            "form",
            {
                "form": "newsletter",
                "type": "form",
                "fields": {"email": "ada@example.com", "colour": "red"},
                "who": {"email": "ada@example.com"},
                "attributes": {"colour": "red"},
                "id": None,
                "timestamp": None,
            },
        )
    ] == await inbox()
    known = await form(manage)
    assert ("form", ["colour", "email"], {}) == (known["type"], known["fields"], known["mapping"])


@pytest.mark.spec("1.82")
@pytest.mark.parametrize(
    "data",
    [{"colour": "red"}, {}, {"id": "7", "email": "ada@example.com"}, {"email": "nowhere"}],
    ids=["nobody", "nothing", "both", "no address"],
)
async def test_a_submission_of_nobody_is_refused_and_still_makes_its_form_known(
    track: httpx.AsyncClient, manage: httpx.AsyncClient, inbox: Inbox, data: dict[str, str]
) -> None:
    answer = await track.post(SUBMIT, json={"data": data})

    assert (400, 1) == (answer.status_code, len(answer.json()["meta"]["errors"]))
    assert [] == await inbox()
    assert sorted(data) == (await form(manage))["fields"]


@pytest.mark.spec("1.82", "1.84")
async def test_after_a_field_is_mapped_the_same_submission_is_taken(
    track: httpx.AsyncClient, manage: httpx.AsyncClient, inbox: Inbox
) -> None:
    sent = {"data": {"mail": "ada@example.com", "Vorname": "Ada"}}
    before = await track.post(SUBMIT, json=sent)

    mapped = await manage.put("/forms/newsletter", json={"mapping": {"mail": "email", "Vorname": "first_name"}})
    after = await track.post(SUBMIT, json=sent)

    assert (400, 200, 204) == (before.status_code, mapped.status_code, after.status_code)
    [(_, payload)] = await inbox()
    assert ({"email": "ada@example.com"}, {"first_name": "Ada"}) == (payload["who"], payload["attributes"])
    assert sent["data"] == payload["fields"]


@pytest.mark.spec("1.85")
async def test_fields_about_the_form_itself_are_ignored(
    track: httpx.AsyncClient, manage: httpx.AsyncClient, inbox: Inbox
) -> None:
    reserved = dict.fromkeys(("form_id", "form_name", "form_type", "form_url", "form_url_param"), "x")

    answer = await track.post(SUBMIT, json={"data": {"id": "7", **reserved}})

    [(_, payload)] = await inbox()
    assert (204, {"id": "7"}, {}) == (answer.status_code, payload["fields"], payload["attributes"])
    assert ["id"] == (await form(manage))["fields"]


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"id": 7}},
        {"data": {"id": "7", "tags": ["a"]}},
        {"data": {"id": "7", "note": None}},
        {"data": {"id": "7", "note": "x" * 1001}},
        {"data": ["id"]},
        {},
        [],
    ],
    ids=["number", "list", "null", "too long", "no object", "no data", "no body"],
)
async def test_whatever_is_not_texts_under_names_is_refused(
    track: httpx.AsyncClient, inbox: Inbox, pool: Pool, body: Any
) -> None:
    answer = await track.post(SUBMIT, json=body)

    assert 400 == answer.status_code
    assert ([], 0) == (await inbox(), await pool.fetchval("SELECT count(*) FROM forms"))


async def test_a_form_may_have_any_id_that_fits_into_a_path(
    track: httpx.AsyncClient, manage: httpx.AsyncClient, inbox: Inbox
) -> None:
    answer = await track.post("/api/v1/forms/sign%2Fup%20now/submit", json={"data": {"id": "7"}})

    [(_, payload)] = await inbox()
    assert (204, "sign/up now") == (answer.status_code, payload["form"])
    assert "sign/up now" == (await form(manage, "sign%2Fup%20now"))["id"]


async def test_it_needs_a_key(track: httpx.AsyncClient, pool: Pool) -> None:
    answer = await track.post(SUBMIT, json={"data": {"id": "7"}}, auth=("site", "wrong"))

    assert (401, 0) == (answer.status_code, await pool.fetchval("SELECT count(*) FROM forms"))


async def test_the_fields_that_are_remembered_are_bounded(track: httpx.AsyncClient, manage: httpx.AsyncClient) -> None:
    for start in (0, 299):
        fields = {f"field {number:04}": "x" for number in range(start, start + 299)}
        assert 204 == (await track.post(SUBMIT, json={"data": {"id": "7", **fields}})).status_code

    fields_known = (await form(manage))["fields"]
    assert (300, 300) == (len(fields_known), len(set(fields_known)))
