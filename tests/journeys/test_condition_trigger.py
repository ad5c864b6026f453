"""Condition campaigns: who begins to match enters, whatever made them match (behaviour 1.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email

HELLO: dict[str, Any] = {"workflow": [email("hello")]}


def on(condition: dict[str, Any], **document: Any) -> dict[str, Any]:
    return {"trigger": {"condition": condition}, **HELLO, **document}


@pytest.fixture
async def segments(world: World) -> World:
    """A world with the segments `pro` and `german`."""
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.segment("german", {"attribute": "country", "equals": "de"})
    return world


@pytest.mark.spec("1.10", "1.14")
async def test_who_begins_to_match_enters(segments: World) -> None:
    world = segments
    await world.campaign(**on({"in": "pro"}))
    await world.identify("ada", plan="free")
    assert [] == world.subjects()

    await world.identify("ada", plan="pro")

    assert ["hello"] == world.subjects("ada@example.com")
    entered = (await world.journey("ada"))["decisions"][0]
    assert ("entered", True, "in segment pro") == (
        entered["kind"],
        entered["seen"]["trigger"]["holds"],
        entered["seen"]["trigger"]["text"],
    )


@pytest.mark.spec("1.10", "1.16")
async def test_not_in_matches_who_leaves(segments: World) -> None:
    world = segments
    await world.identify("ada", plan="free")  # outside before the start
    await world.campaign(**on({"not_in": "pro"}))
    await world.identify("ada", city="Paris")
    assert [] == world.subjects()

    await world.identify("ada", plan="pro")
    await world.identify("ada", plan="free")

    assert ["hello"] == world.subjects()


@pytest.mark.spec("1.11")
async def test_all_must_hold_at_once(segments: World) -> None:
    world = segments
    await world.campaign(**on({"all": [{"in": "pro"}, {"in": "german"}]}))
    await world.identify("ada", plan="pro")
    await world.identify("ada", plan="free")
    await world.identify("ada", country="de")
    assert [] == world.subjects()

    await world.identify("ada", plan="pro")

    assert ["hello"] == world.subjects()


@pytest.mark.spec("1.12")
async def test_one_of_several_is_enough_and_a_second_changes_nothing(segments: World) -> None:
    world = segments
    await world.campaign(frequency="every_match", **on({"any": [{"in": "pro"}, {"in": "german"}]}))
    await world.identify("ada", country="de")
    await world.identify("ada", plan="pro")
    await world.identify("ada", country="fr")

    assert ["hello"] == world.subjects()


@pytest.mark.spec("1.13")
async def test_and_and_or_may_be_mixed(segments: World) -> None:
    world = segments
    await world.segment("vip", {"attribute": "vip", "is_true": True})
    await world.campaign(**on({"all": [{"in": "german"}, {"any": [{"in": "pro"}, {"in": "vip"}]}]}))
    await world.identify("ada", vip=True)
    await world.identify("bob", country="de")
    await world.identify("eve", country="de", vip=True)

    assert ["eve@example.com"] == [mail.to for mail in world.mails]


@pytest.mark.spec("1.14", "3.09")
async def test_an_event_and_the_passing_of_time_make_people_match(world: World) -> None:
    await world.segment("active", {"performed": {"event": "login", "within": "7d"}})
    await world.campaign("welcome", **on({"in": "active"}))
    await world.campaign("come-back", **on({"not_in": "active"}, workflow=[email("come-back")]))
    await world.event("ada@example.com", "login")
    assert ["hello"] == world.subjects()

    await world.advance(days=7, minutes=-1)
    assert ["hello"] == world.subjects()
    await world.advance(minutes=1)

    assert ["hello", "come-back"] == world.subjects()


@pytest.mark.spec("1.15", "12.06")
async def test_who_matched_before_the_start_does_not_enter(segments: World) -> None:
    world = segments
    await world.identify("ada", plan="pro")
    await world.campaign(**on({"in": "pro"}))
    await world.identify("ada", city="Paris")
    await world.advance(days=2)

    assert [] == world.subjects()


@pytest.mark.spec("1.20")
async def test_paths_are_allowed_in_conditions(world: World) -> None:
    await world.segment("buyers", {"performed": {"event": "order", "where": [{"path": "items[].sku", "equals": "A1"}]}})
    await world.segment("local", {"attribute": "address.city", "equals": "Paris"})
    await world.campaign(**on({"all": [{"in": "buyers"}, {"in": "local"}]}))
    await world.identify("ada", address={"city": "Paris"})
    await world.event("ada", "order", {"items": [{"sku": "B1"}]})
    assert [] == world.subjects()

    await world.event("ada", "order", {"items": [{"sku": "B1"}, {"sku": "A1"}]})

    assert ["hello"] == world.subjects()


@pytest.mark.spec("3.16")
async def test_two_segments_that_one_input_changes_are_seen_together(segments: World) -> None:
    world = segments
    await world.segment("pro-only", {"all": [{"in": "pro"}, {"not_in": "german"}]})
    await world.campaign("never", **on({"all": [{"in": "pro"}, {"not_in": "german"}]}))
    await world.campaign("nested", **on({"in": "pro-only"}))
    await world.campaign("both", **on({"all": [{"in": "pro"}, {"in": "german"}]}, workflow=[email("both")]))

    await world.identify("ada", plan="pro", country="de")

    assert ["both"] == world.subjects()


@pytest.mark.spec("1.05")
async def test_a_match_while_the_campaign_is_stopped_is_not_made_up_for(segments: World) -> None:
    world = segments
    await world.campaign(**on({"in": "pro"}))
    await world.stop()
    await world.identify("ada", plan="pro")
    await world.start()
    await world.identify("ada", city="Paris")

    assert [] == world.subjects()


@pytest.mark.spec("3.17")
async def test_members_gained_by_an_edit_of_the_segment_start_nothing(segments: World) -> None:
    world = segments
    await world.campaign(**on({"in": "pro"}))
    await world.identify("ada", plan="team")
    await world.segment("pro", {"attribute": "plan", "one_of": ["pro", "team"]})
    assert [] == world.subjects()

    await world.identify("bob", plan="team")

    assert ["bob@example.com"] == [mail.to for mail in world.mails]


@pytest.mark.spec("15.32")
async def test_who_matches_an_edited_trigger_already_does_not_enter_by_the_edit(segments: World) -> None:
    world = segments
    await world.campaign(**on({"in": "pro"}))
    await world.identify("ada", country="de")
    await world.campaign(start=False, **on({"in": "german"}))
    assert [] == world.subjects()

    await world.identify("bob", country="de")

    assert ["bob@example.com"] == [mail.to for mail in world.mails]


@pytest.mark.spec("1.14")
async def test_a_new_person_who_matches_enters(segments: World) -> None:
    world = segments
    await world.campaign(**on({"not_in": "pro"}))

    await world.identify("ada", plan="free")
    await world.identify("bob", plan="pro")

    assert ["ada@example.com"] == [mail.to for mail in world.mails]
