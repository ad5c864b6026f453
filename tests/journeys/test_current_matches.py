"""Starting a condition campaign for those who match already (behaviour 12.04-12.08)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email

CAMPAIGN: dict[str, Any] = {"trigger": {"condition": {"in": "pro"}}, "workflow": [email("hello")]}

CURRENT: dict[str, Any] = {"matches": "current_and_future", "rate": 1000}


@pytest.fixture
async def pro(world: World) -> World:
    """A world with the segment `pro`, and three people in it."""
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    for person in ("ada", "bob", "eve"):
        await world.identify(person, plan="pro")
    await world.identify("joe", plan="free")
    return world


def entrants(world: World) -> list[str]:
    """Return who got a message, by name."""
    return sorted(mail.to.partition("@")[0] for mail in world.mails)


@pytest.mark.spec("12.05")
async def test_current_and_future_matches_enter_once_each(pro: World) -> None:
    await pro.campaign(start=False, **CAMPAIGN)
    await pro.start(**CURRENT)
    await pro.identify("joe", plan="pro")
    await pro.identify("ada", plan="free")
    await pro.identify("ada", plan="pro")

    assert ["ada", "bob", "eve", "joe"] == entrants(pro)
    campaign = await pro.get("campaigns/campaign")
    assert "running" == campaign["state"]


@pytest.mark.spec("12.06")
async def test_future_only_leaves_out_who_matches_already(pro: World) -> None:
    await pro.campaign(start=False, **CAMPAIGN)
    await pro.start(matches="future")
    await pro.identify("joe", plan="pro")

    assert ["joe@example.com"] == [mail.to for mail in pro.mails]


@pytest.mark.spec("12.07")
async def test_a_cut_off_before_the_start_takes_in_whose_match_began_since(pro: World) -> None:
    await pro.advance(hours=10)
    since = pro.now
    await pro.identify("joe", plan="pro")
    await pro.advance(hours=10)
    await pro.campaign(start=False, **CAMPAIGN)
    await pro.start(matches="future", since=since.isoformat(), rate=1000)

    assert ["joe@example.com"] == [mail.to for mail in pro.mails]


@pytest.mark.spec("12.04")
async def test_only_condition_campaigns_have_current_matches(pro: World) -> None:
    await pro.campaign(start=False, trigger={"event": "purchase"}, workflow=[email("thanks")])
    refused = await pro.http.post("/sojourn/v1/campaigns/campaign/start", json={"matches": "current_and_future"})

    assert 400 <= refused.status_code < 500
    assert "condition" in refused.text
    assert "draft" == (await pro.get("campaigns/campaign"))["state"]


@pytest.mark.spec("12.08")
async def test_while_it_is_starting_new_matches_enter_and_nobody_enters_twice(pro: World) -> None:
    await pro.campaign(start=False, **{**CAMPAIGN, "frequency": "every_match"})
    async with pro.without_worker():
        await pro.http.post("/sojourn/v1/campaigns/campaign/start", json=CURRENT)
        assert "starting" == (await pro.get("campaigns/campaign"))["state"]
        for person, plan in (("ada", "free"), ("ada", "pro"), ("joe", "pro")):
            await pro.http.put(f"/api/v1/customers/{person}", json={"plan": plan, "email": f"{person}@example.com"})

    assert ["ada", "bob", "eve", "joe"] == entrants(pro)
    assert "running" == (await pro.get("campaigns/campaign"))["state"]


@pytest.mark.spec("2.28", "15.33")
async def test_a_restart_for_current_matches_respects_who_entered_before(pro: World) -> None:
    await pro.campaign(start=False, **CAMPAIGN)
    await pro.start(**CURRENT)
    await pro.stop()
    await pro.identify("joe", plan="pro")
    await pro.start(**CURRENT)

    assert ["ada", "bob", "eve", "joe"] == entrants(pro)


@pytest.mark.spec("13.09", "2.28")
@pytest.mark.parametrize("mode", ["now", "finish"])
async def test_a_restart_under_every_match_takes_in_only_who_has_not_matched_without_a_break(
    pro: World, mode: str
) -> None:
    await pro.campaign(start=False, **{**CAMPAIGN, "frequency": "every_match"})
    await pro.start(**CURRENT)
    await pro.identify("bob", plan="free")
    await pro.stop(mode=mode)
    await pro.identify("bob", plan="pro")  # who stopped before the stop
    await pro.identify("eve", plan="free")
    await pro.identify("eve", plan="pro")  # both while it was stopped
    await pro.identify("joe", plan="pro")  # never entered
    pro.mails.clear()
    await pro.start(**CURRENT)
    assert ["bob", "eve", "joe"] == entrants(pro)

    await pro.stop(mode=mode)
    pro.mails.clear()
    await pro.start(**CURRENT)

    assert [] == entrants(pro)


@pytest.mark.spec("13.09", "15.33")
async def test_a_restart_after_an_edit_takes_in_who_did_not_match_the_new_trigger_at_first(pro: World) -> None:
    await pro.segment("paris", {"attribute": "city", "equals": "Paris"})
    await pro.campaign(start=False, **{**CAMPAIGN, "frequency": "every_match"})
    await pro.identify("ada", city="Paris")
    await pro.start(**CURRENT)
    await pro.stop()
    pro.mails.clear()
    edited = {"trigger": {"condition": {"in": "paris"}}, "frequency": "every_match"}
    await pro.campaign(start=False, **{**CAMPAIGN, **edited})
    await pro.identify("bob", city="Paris")
    await pro.start(**CURRENT)

    assert ["bob"] == entrants(pro)


@pytest.mark.spec("13.09", "2.14")
async def test_under_a_frequency_that_became_every_match_only_who_changes_after_the_edit_comes_back(
    pro: World,
) -> None:
    await pro.campaign(start=False, **CAMPAIGN)
    await pro.start(**CURRENT)
    await pro.identify("ada", plan="free")
    await pro.identify("ada", plan="pro")  # before the edit
    await pro.identify("bob", plan="free")
    await pro.stop()
    pro.mails.clear()
    await pro.campaign(start=False, **{**CAMPAIGN, "frequency": "every_match"})
    await pro.identify("bob", plan="pro")
    await pro.start(**CURRENT)

    assert ["bob"] == entrants(pro)


@pytest.mark.spec("13.09")
async def test_a_restart_under_an_interval_takes_in_whose_interval_is_over(pro: World) -> None:
    await pro.campaign(start=False, **{**CAMPAIGN, "frequency": {"every": "30d"}})
    await pro.start(**CURRENT)
    await pro.stop()
    await pro.advance(days=20)
    pro.mails.clear()
    await pro.start(**CURRENT)
    assert [] == entrants(pro)

    await pro.stop()
    await pro.advance(days=10)
    await pro.start(**CURRENT)

    assert ["ada", "bob", "eve"] == entrants(pro)


@pytest.mark.spec("12.09")
async def test_the_first_start_is_kept(pro: World) -> None:
    await pro.campaign(start=False, **CAMPAIGN)
    await pro.start(**CURRENT)
    first = (await pro.get("campaigns/campaign"))["first_started_at"]
    await pro.stop()
    await pro.advance(days=1)
    await pro.start(**CURRENT)

    assert first == (await pro.get("campaigns/campaign"))["first_started_at"]


async def test_a_paused_loading_goes_on_where_it_was(pro: World) -> None:
    await pro.campaign(start=False, **CAMPAIGN)
    async with pro.without_worker():
        await pro.http.post("/sojourn/v1/campaigns/campaign/start", json=CURRENT)
        await pro.http.post("/sojourn/v1/campaigns/campaign/loading", json={"action": "pause"})
    campaign = await pro.get("campaigns/campaign")
    assert ("starting", []) == (campaign["state"], pro.subjects())

    await pro.http.post("/sojourn/v1/campaigns/campaign/loading", json={"action": "resume"})
    await pro.settle()

    assert 3 == len(pro.mails)


async def test_how_many_entered_is_known_until_another_start(pro: World) -> None:
    await pro.campaign(start=False, **CAMPAIGN)
    await pro.start(**CURRENT)
    first = (await pro.get("campaigns/campaign"))["loading"]
    await pro.stop()
    stopped = (await pro.get("campaigns/campaign"))["loading"]
    await pro.identify("new", plan="pro")
    await pro.start(**CURRENT)
    second = (await pro.get("campaigns/campaign"))["loading"]
    await pro.stop()
    await pro.start()

    assert [{"state": "over", "entered": 3, "held_back": 0, "matching": 3}] * 2 == [first, stopped]
    assert {"state": "over", "entered": 1, "held_back": 3, "matching": 4} == second  # once, for ever
    assert (await pro.get("campaigns/campaign"))["loading"] is None
