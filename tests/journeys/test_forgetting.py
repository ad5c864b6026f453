"""A person is deleted in the middle of everything (behaviour 9.09)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email

WORKFLOW: list[Any] = [email("one", subject="Hello {{customer.name}}"), {"delay": "1d"}, email("two")]


async def forget(world: World, person: str, *, suppress: bool) -> None:
    if not suppress:
        return await world.delete(person)
    assert 200 == (await world.http.post(f"/api/v1/customers/{person}/suppress")).status_code
    return await world.settle()


async def rows_with(world: World, word: str) -> set[str]:
    """Return the names of all tables that have this word anywhere."""
    tables = await world.pool.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    found = set()
    for (name,) in tables:
        if await world.pool.fetchval(f'SELECT EXISTS (SELECT FROM "{name}" AS t WHERE t::text ILIKE $1)', f"%{word}%"):
            found.add(str(name))
    return found


@pytest.fixture
async def inside(world: World) -> World:
    """Ada and Bob have had the first message; Ada has been refused once as well."""
    await world.segment("vip", {"attribute": "name", "equals": "Lovelace"})
    await world.campaign(trigger={"event": "purchase"}, workflow=WORKFLOW)
    await world.campaign("other", trigger={"event": "refund"}, filters={"not_in": "vip"}, workflow=WORKFLOW)
    for person, name in (("ada", "Lovelace"), ("bob", "Babbage")):
        await world.identify(person, name=name)
        await world.event(person, "purchase", {"gift_for": f"{name}'s brother"})
    await world.event("ada", "refund")
    await world.advance(minutes=31)
    await world.event("ada", "refund")
    return world


@pytest.mark.spec("9.09", "9.05")
@pytest.mark.parametrize("suppress", [False, True])
async def test_the_journeys_of_a_deleted_person_end_and_nobody_elses(inside: World, suppress: bool) -> None:
    await forget(inside, "ada", suppress=suppress)
    (bob, ada), others = [(await inside.get(f"campaigns/{key}/journeys"))["items"] for key in ("campaign", "other")]
    await inside.advance(days=2)

    assert ("exited", "person_deleted", "running") == (ada["state"], ada["exit_reason"], bob["state"])
    assert [] == others
    assert ["Hello Lovelace", "Hello Babbage", "two"] == inside.subjects()
    assert "bob@example.com" == inside.mails[-1].to


@pytest.mark.spec("9.09")
@pytest.mark.parametrize("suppress", [False, True])
async def test_what_stays_says_nothing_about_who_it_was(inside: World, suppress: bool) -> None:
    before = await inside.get("campaigns/campaign/deliveries")
    await forget(inside, "ada", suppress=suppress)

    _, delivery = (await inside.get("campaigns/campaign/deliveries"))["items"]
    content = (await inside.get(f"deliveries/{delivery['id']}"))["content"]
    assert (before["items"][1]["id"], "sent", "one") == (delivery["id"], delivery["state"], delivery["block"])
    assert ({"id": None, "email": None, "cio_id": None}, None, None, None) == (
        delivery["person"],
        delivery["recipient"],
        delivery["subject"],
        content,
    )
    assert (set(), set()) == (await rows_with(inside, "lovelace") - {"segments"}, await rows_with(inside, "ada@"))
    assert {"people", "journeys", "deliveries", "events"} <= await rows_with(inside, "babbage")


@pytest.mark.spec("9.09")
async def test_who_was_deleted_can_come_back_as_somebody_new(inside: World) -> None:
    await inside.delete("ada")
    await inside.identify("ada", name="Lovelace")
    returned = await inside.journeys("ada")
    await inside.event("ada", "purchase")
    await inside.advance(days=2)

    assert ([], 1) == (returned, len(await inside.journeys("ada")))
    assert ["Hello Lovelace", "Hello Lovelace", "two"] == inside.subjects("ada@example.com")


@pytest.mark.spec("9.09")
async def test_who_was_suppressed_cannot_be_added_again_by_any_identifier(inside: World) -> None:
    await forget(inside, "ada", suppress=True)

    for person, attributes in {"ada": {"email": "new@example.com"}, "ada@example.com": {}}.items():
        await inside.identify(person, **attributes)
        await inside.event(person, "purchase")
    await inside.identify("somebody", email="ada@example.com")
    people = ("ada", "ada@example.com", "new@example.com")
    gone = [(await inside.http.get(f"/sojourn/v1/people/{one}")).status_code for one in people]
    mails = inside.subjects("ada@example.com")
    await inside.http.post("/api/v1/customers/ada/unsuppress")
    await inside.identify("ada", email="new@example.com")

    assert ([404] * 3, ["Hello Lovelace"]) == (gone, mails)
    assert "new@example.com" == (await inside.get("people/ada"))["email"]
