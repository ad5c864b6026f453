"""How often one person may enter a condition campaign, and what a change of that means (behaviour 2.1)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.world import World, email


@pytest.fixture
async def pro(world: World) -> World:
    """A world with the segment `pro`."""
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    return world


async def campaign(world: World, *blocks: dict[str, Any], start: bool = True, **document: Any) -> None:
    workflow = [*blocks, email("hello")]
    await world.campaign(trigger={"condition": {"in": "pro"}}, workflow=workflow, start=start, **document)


async def match(world: World, person: str = "ada") -> None:
    """Make a person match anew."""
    await world.identify(person, plan="free")
    await world.identify(person, plan="pro")


@pytest.mark.spec("2.01")
async def test_by_default_people_enter_once_ever(pro: World) -> None:
    await campaign(pro)
    await match(pro)
    await pro.advance(days=400)
    await match(pro)

    assert ["hello"] == pro.subjects()
    assert ["frequency"] == [one["reason"] for one in await pro.refusals("ada")]


@pytest.mark.spec("2.02")
async def test_every_match_needs_an_end_of_the_one_before(pro: World) -> None:
    await campaign(pro, frequency="every_match")
    await match(pro)
    await pro.identify("ada", plan="pro", city="Paris")
    await pro.advance(days=30)
    assert 1 == len(pro.mails)

    await match(pro)
    await match(pro)

    assert 3 == len(pro.mails)


@pytest.mark.spec("2.03")
async def test_a_match_too_soon_starts_nothing_and_is_not_remembered(pro: World) -> None:
    await campaign(pro, frequency={"every_match": "7d"})
    await match(pro)
    await pro.advance(days=6)
    await match(pro)
    await pro.advance(days=10)
    assert 1 == len(pro.mails)

    await match(pro)

    assert 2 == len(pro.mails)


@pytest.mark.spec("2.04", "2.05")
async def test_who_still_matches_enters_again_after_the_interval(pro: World) -> None:
    await campaign(pro, {"delay": "5d"}, frequency={"every": "30d"})
    await match(pro)
    await pro.advance(days=30, minutes=-1)
    assert 1 == len(await pro.journeys("ada"))

    await pro.advance(minutes=1)
    assert 2 == len(await pro.journeys("ada"))
    await pro.advance(days=30)

    assert 3 == len(await pro.journeys("ada"))


@pytest.mark.spec("2.05", "2.07")
async def test_the_next_journey_waits_for_the_end_of_the_one_before(pro: World) -> None:
    await campaign(pro, {"delay": "40d"}, frequency={"every": "30d"})
    await match(pro)
    began = pro.now
    await pro.advance(days=39)
    assert 1 == len(await pro.journeys("ada"))

    await pro.advance(days=2)

    first, second = await pro.journeys("ada")
    assert ("finished", "running") == (first["state"], second["state"])
    assert 40 == (pro.now - began).days - 1


@pytest.mark.spec("2.06")
async def test_who_does_not_match_when_the_interval_ends_enters_at_the_next_match(pro: World) -> None:
    await campaign(pro, frequency={"every": "30d"})
    await match(pro)
    await pro.identify("ada", plan="free")
    await pro.advance(days=45)
    assert 1 == len(pro.mails)

    await pro.identify("ada", plan="pro")

    assert 2 == len(pro.mails)


@pytest.mark.spec("2.06", "2.04")
async def test_who_matches_again_within_the_interval_enters_at_its_end(pro: World) -> None:
    await campaign(pro, frequency={"every": "30d"})
    await match(pro)
    await pro.advance(days=10)
    await match(pro)
    assert 1 == len(pro.mails)

    await pro.advance(days=20)

    assert 2 == len(pro.mails)


@pytest.mark.spec("2.07")
async def test_one_journey_runs_at_a_time(pro: World) -> None:
    await campaign(pro, {"delay": "2d"}, frequency="every_match")
    await match(pro)
    await match(pro)
    assert 1 == len(await pro.journeys("ada"))
    assert ["already_inside"] == [one["reason"] for one in await pro.refusals("ada")]

    await pro.advance(days=3)
    await match(pro)

    assert 2 == len(await pro.journeys("ada"))


@pytest.mark.spec("2.08")
async def test_frequency_and_filters_refuse_each_other(pro: World) -> None:
    document = {
        "name": "campaign",
        "trigger": {"condition": {"in": "pro"}},
        "frequency": "every_match",
        "filters": {"in": "pro"},
        "workflow": [email("hello")],
    }
    refused: httpx.Response = await pro.http.put("/sojourn/v1/campaigns/campaign", json=document)

    assert 400 <= refused.status_code < 500
    assert "filters" in refused.text


@pytest.mark.spec("2.10", "15.36")
async def test_every_match_switched_off_lets_nobody_come_back(pro: World) -> None:
    await campaign(pro, frequency="every_match")
    await match(pro)
    await campaign(pro, frequency="once", start=False)
    await match(pro)
    await match(pro, "bob")

    assert ["ada@example.com", "bob@example.com"] == [mail.to for mail in pro.mails]


@pytest.mark.spec("2.11")
async def test_an_interval_in_place_of_every_match_counts_for_new_entries(pro: World) -> None:
    await campaign(pro, frequency="every_match")
    await match(pro)
    await campaign(pro, frequency={"every": "30d"}, start=False)
    await match(pro, "bob")
    await pro.advance(days=31)

    assert ["ada@example.com", "bob@example.com", "bob@example.com"] == [mail.to for mail in pro.mails]


@pytest.mark.spec("2.12")
async def test_an_interval_switched_off_forgets_who_was_to_come_back(pro: World) -> None:
    await campaign(pro, {"delay": "31d"}, frequency={"every": "30d"})
    await match(pro)
    await campaign(pro, {"delay": "31d"}, frequency="once", start=False)
    await pro.advance(days=90)

    assert 1 == len(pro.mails)  # the journey that was running went on


@pytest.mark.spec("2.13")
async def test_every_match_in_place_of_an_interval_needs_a_new_match(pro: World) -> None:
    await campaign(pro, frequency={"every": "30d"})
    await match(pro)
    await campaign(pro, frequency="every_match", start=False)
    await pro.advance(days=90)
    assert 1 == len(pro.mails)

    await match(pro)

    assert 2 == len(pro.mails)


@pytest.mark.spec("2.14")
@pytest.mark.parametrize("frequency", ["every_match", {"every": "30d"}])
async def test_who_went_through_once_follows_a_new_rule_from_a_new_match_on(pro: World, frequency: Any) -> None:
    await campaign(pro)
    await match(pro)
    await campaign(pro, frequency=frequency, start=False)
    await pro.advance(days=60)
    assert 1 == len(pro.mails)

    await match(pro)

    assert 2 == len(pro.mails)


@pytest.mark.spec("2.28")
async def test_who_entered_is_remembered_across_stops_and_starts(pro: World) -> None:
    await campaign(pro)
    await match(pro)
    await pro.stop()
    await pro.start()
    await match(pro)

    assert 1 == len(pro.mails)
