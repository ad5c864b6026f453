"""People are put into segments by hand, and campaigns hear of it (behaviour 3.20-3.23, 3.31)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email


async def change(world: World, verb: str, *people: str, by: str = "id") -> dict[str, Any]:
    """Put people into the segment or take them out; return what the API says of it."""
    body = {"change": verb, "by": by, "ids": list(people)}
    answer = await world.http.post("/sojourn/v1/segments/vips/members", json=body)
    assert 200 == answer.status_code, answer.text
    await world.settle()
    return dict(answer.json())


async def members(world: World) -> list[str]:
    """Return who is in the segment."""
    return [one["id"] for one in (await world.get("segments/vips/members"))["items"]]


@pytest.fixture
async def vips(world: World) -> World:
    """A manual segment, and three people."""
    assert 200 == (await world.http.post("/sojourn/v1/segments", json={"name": "VIPs"})).status_code
    for person in ("ada", "bob", "cyd"):
        await world.identify(person)
    return world


@pytest.mark.spec("3.20", "3.21")
async def test_people_are_added_by_api_and_by_clients_and_all_are_cleared(vips: World) -> None:
    number = (await vips.get("segments/vips"))["id"]
    said = await change(vips, "add", "ada@example.com", "nobody@example.com", by="email")
    await vips.http.post(f"/api/v1/segments/{number}/add_customers", json={"ids": ["bob", "cyd", "nobody"]})
    await vips.settle()
    both = await members(vips)

    await vips.http.post(f"/api/v1/segments/{number}/remove_customers", json={"ids": ["cyd", "nobody"]})
    await vips.settle()
    shown = await vips.get("people/ada")
    cleared = await vips.http.delete("/sojourn/v1/segments/vips/members")
    await vips.settle()

    assert {"taken": 1, "unknown": ["nobody@example.com"]} == said
    assert (["ada", "bob", "cyd"], {"taken": 2}, []) == (both, cleared.json(), await members(vips))
    assert ["vips"] == [one["key"] for one in shown["segments"]]
    assert 404 == (await vips.http.get("/sojourn/v1/people/nobody")).status_code


@pytest.mark.spec("3.23")
async def test_joining_and_leaving_trigger_campaigns_and_repeats_do_not(vips: World) -> None:
    in_, out = {"condition": {"in": "vips"}}, {"condition": {"not_in": "vips"}}
    await change(vips, "add", "cyd")
    await vips.campaign("hello", trigger=in_, frequency="every_match", workflow=[email("hello")])
    await vips.campaign("bye", trigger=out, frequency="every_match", workflow=[email("bye")])

    for verb in ("add", "add", "remove", "remove", "add"):
        await change(vips, verb, "ada")
    await vips.http.delete("/sojourn/v1/segments/vips/members")
    await vips.settle()

    mails = [(mail.subject, mail.to) for mail in vips.mailbox.mails]
    assert [("hello", "ada@example.com"), ("bye", "ada@example.com"), ("hello", "ada@example.com")] == mails[:3]
    assert [("bye", "ada@example.com"), ("bye", "cyd@example.com")] == sorted(mails[3:], key=lambda one: one[1])


@pytest.mark.spec("3.20")
async def test_a_block_moves_people(vips: World) -> None:
    await vips.campaign(trigger={"event": "paid"}, workflow=[{"update_segment": {"add": "vips"}}])
    await vips.campaign("other", trigger={"event": "left"}, workflow=[{"update_segment": {"remove": "vips"}}])

    await vips.event("ada", "paid")
    await vips.event("bob", "paid")
    await vips.event("ada", "left")

    assert ["bob"] == await members(vips)
    answer = await vips.http.post("/sojourn/v1/segments/vips/archive")
    assert (409, True) == (answer.status_code, "campaign campaign (running)" in answer.json()["message"])
