"""An event starts a journey: which one, for whom, and while the campaign is in which state (behaviour 1.1, 1.3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email

WELCOME: dict[str, Any] = {"trigger": {"event": "signed_up"}, "workflow": [email("welcome")]}


async def refused(world: World, key: str, document: dict[str, Any]) -> list[str]:
    """Save a document that must not be taken; return the places of its faults."""
    answer = await world.http.put(f"/sojourn/v1/campaigns/{key}", json=document)
    assert 422 == answer.status_code, answer.text
    assert 404 == (await world.http.get(f"/sojourn/v1/campaigns/{key}")).status_code
    return [fault["place"] for fault in answer.json()["faults"]]


@pytest.mark.spec("1.01")
async def test_a_campaign_has_a_name_one_trigger_and_if_one_likes_a_description_and_tags(world: World) -> None:
    two = {"event": "signed_up", "page": "/welcome"}
    await world.campaign("plain", start=False, name="Plain", **WELCOME)
    await world.campaign("told", start=False, name="Told", description="For new people", tags=["new"], **WELCOME)

    shown = [await world.get(f"campaigns/{key}") for key in ("plain", "told")]

    assert [("Plain", "", []), ("Told", "For new people", ["new"])] == [
        (one["name"], one["description"], one["tags"]) for one in shown
    ]
    assert ["name"] == await refused(world, "nameless", WELCOME)
    assert ["trigger"] == await refused(world, "idle", {"name": "Idle", "workflow": [email("welcome")]})
    assert ["trigger"] == await refused(world, "greedy", WELCOME | {"name": "Greedy", "trigger": two})


@pytest.mark.spec("1.02", "1.05", "1.43")
async def test_nobody_enters_a_draft_and_its_start_makes_up_for_nothing(world: World) -> None:
    await world.campaign(start=False, **WELCOME)
    await world.event("ada", "signed_up")
    draft = await world.get("campaigns/campaign")

    await world.start()
    await world.advance(days=1)

    assert ("draft", 0) == (draft["state"], draft["inside"])
    assert ([], []) == (await world.journeys("ada"), world.subjects())


@pytest.mark.spec("1.05", "13.10")
@pytest.mark.parametrize("mode", ["now", "finish"])
async def test_only_a_running_campaign_lets_people_in_and_what_it_missed_is_lost(world: World, mode: str) -> None:
    await world.campaign(trigger={"event": "signed_up"}, workflow=[{"delay": "1h"}, email("welcome")])
    await world.event("early", "signed_up")
    await world.stop(mode=mode)
    await world.event("missed", "signed_up")
    stopping = (await world.get("campaigns/campaign"))["state"]
    await world.advance(hours=2)
    await world.event("late", "signed_up")
    stopped = (await world.get("campaigns/campaign"))["state"]

    await world.start()
    await world.event("new", "signed_up")
    await world.advance(days=1)

    assert ("stopping" if mode == "finish" else "stopped", "stopped") == (stopping, stopped)
    assert [1, 0, 0, 1] == [len(await world.journeys(one)) for one in ("early", "missed", "late", "new")]


@pytest.mark.spec("1.06")
async def test_who_has_unsubscribed_triggers_and_passes_through_without_the_messages(world: World) -> None:
    mark = {"update_person": {"set": {"seen": "yes"}}}
    await world.identify("ada", unsubscribed=True)
    await world.campaign(trigger={"event": "signed_up"}, workflow=[email("one"), {"delay": "1d"}, mark, email("two")])

    await world.event("ada", "signed_up")
    await world.advance(days=1)

    journey = await world.journey("ada")
    withheld = [line["block"] for line in journey["decisions"] if line["kind"] == "withheld"]
    assert ("finished", ["one", "two"]) == (journey["state"], withheld)
    assert ([], []) == (world.subjects(), await world.deliveries("ada"))
    assert "yes" == (await world.get("people/ada"))["attributes"]["seen"]


@pytest.mark.spec("1.30")
async def test_an_event_of_the_name_starts_a_journey_if_its_data_and_the_segments_match(world: World) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    trigger = {"event": "purchase", "where": [{"path": "total", "at_least": 10}]}
    await world.campaign(trigger=trigger, filters={"in": "pro"}, workflow=[email("thanks")])
    for person, plan in [("ada", "pro"), ("bob", "free"), ("eve", "pro"), ("kim", "pro")]:
        await world.identify(person, plan=plan)

    await world.event("ada", "purchase", {"total": 10})
    await world.event("bob", "purchase", {"total": 10})
    await world.event("eve", "purchase", {"total": 9})
    await world.event("kim", "refund", {"total": 10})
    await world.advance(hours=1)

    assert ["ada@example.com"] == [mail.to for mail in world.mails]
    assert [1, 0, 0, 0] == [len(await world.journeys(one)) for one in ("ada", "bob", "eve", "kim")]


@pytest.mark.spec("1.30")
async def test_an_event_of_nobody_in_particular_starts_nothing(world: World) -> None:
    await world.campaign(**WELCOME)

    answer = await world.http.post("/api/v1/events", json={"name": "signed_up", "anonymous_id": "a1"})
    await world.settle()

    assert (200, []) == (answer.status_code, (await world.get("campaigns/campaign/journeys"))["items"])


@pytest.mark.spec("1.31", "2.20", "9.07")
async def test_every_event_starts_a_journey_of_its_own_also_while_others_run(world: World) -> None:
    thanks = email("thanks", subject="Order {{event.order}}")
    await world.campaign(trigger={"event": "purchase"}, workflow=[{"delay": "3h"}, thanks, {"delay": "9h"}])
    await world.identify("ada")
    for order in (1, 2, 3):
        await world.event("ada", "purchase", {"order": order})
        await world.advance(hours=1)

    positions = [(one["event_data"]["order"], one["block"]) for one in await world.journeys("ada")]
    first = world.subjects()
    await world.advance(hours=2)

    assert [(1, "thanks.delay"), (2, "start.delay"), (3, "start.delay")] == positions
    assert (["Order 1"], ["Order 1", "Order 2", "Order 3"]) == (first, world.subjects())


@pytest.mark.spec("1.32")
@pytest.mark.parametrize("written", ["Sign Up", "  Sign Up\n"])
async def test_names_are_compared_exactly_once_the_spaces_around_them_are_gone(world: World, written: str) -> None:
    await world.campaign(trigger={"event": written}, workflow=[{"delay": "1h"}])

    for name in ("Sign Up", " \tSign Up ", "sign up", "Sign  Up", "Sign Up!", "SignUp"):
        await world.event("ada", name)

    assert ["Sign Up", "Sign Up"] == [one["event"]["name"] for one in await world.journeys("ada")]


@pytest.mark.spec("1.33")
@pytest.mark.parametrize("kind", ["event", "page", "screen"])
async def test_a_trigger_listens_to_one_of_the_three_kinds(world: World, kind: str) -> None:
    await world.campaign(trigger={kind: "https://shop.example/pricing"}, workflow=[email("hello")])

    for sent in ("event", "page", "screen"):
        await world.event("ada", "https://shop.example/pricing", {"sent": sent}, type=sent)

    assert [{"sent": kind}] == [one["event_data"] for one in await world.journeys("ada")]


async def matching(world: World, where: list[dict[str, Any]], datas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events whose data a trigger lets pass."""
    await world.campaign(trigger={"event": "purchase", "where": where}, workflow=[{"delay": "1h"}])
    for data in datas:
        await world.event("ada", "purchase", data)
    return [one["event_data"] for one in await world.journeys("ada")]


@pytest.mark.spec("1.34")
async def test_several_filters_on_the_data_must_all_hold(world: World) -> None:
    where: list[dict[str, Any]] = [
        {"path": "cart.total", "greater_than": 50},
        {"path": "items[].sku", "equals": "socks"},
        {"path": "coupon", "exists": False},
    ]
    good: dict[str, Any] = {"cart": {"total": 51}, "items": [{"sku": "hat"}, {"sku": "socks"}]}
    others: list[dict[str, Any]] = [
        good | {"cart": {"total": 50}},
        good | {"items": [{"sku": "hat"}]},
        good | {"coupon": "SPRING"},
        good | {"cart": 51},
        {},
    ]

    assert [good] == await matching(world, where, [*others, good])


@pytest.mark.spec("1.35")
async def test_contains_with_a_bar_is_one_or_the_other(world: World) -> None:
    datas = [{"name": name} for name in ("red socks", "shoes", "hat", "socks and shoes", "")]

    matched = await matching(world, [{"path": "name", "contains": "socks|shoes"}], datas)

    assert ["red socks", "shoes", "socks and shoes"] == [one["name"] for one in matched]


@pytest.mark.spec("1.35")
async def test_does_not_contain_with_a_bar_is_neither(world: World) -> None:
    datas = [{"name": name} for name in ("red socks", "shoes", "hat", "socks and shoes")]

    matched = await matching(world, [{"path": "name", "not_contains": "socks|shoes"}], datas)

    assert ["hat"] == [one["name"] for one in matched]
