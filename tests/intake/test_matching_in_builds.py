"""A build takes a while, and what people do meanwhile counts as at any other time (behaviour 3.05, 3.17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage import inbox
from tests.intake.scene import START, Scene
from tests.intake.test_matching import PAID, PRO, on, who_entered

ROMAN = {"attribute": "city", "equals": "Rome"}


@pytest.fixture
async def building(slow_builds: None, scene: Scene) -> Scene:
    """Ada and Bob live in Rome; whoever is pro enters as often as they match; and `pro` is being built again."""
    await scene.segment("pro", PRO)
    await scene.segment("roman", {"attribute": "city", "equals": "Rome"})
    await scene.campaign("campaign", **on({"in": "pro"}, frequency="every_match"))
    await scene.send(*[scene.identify(who, city="Rome", plan="pro") for who in ("ada", "bob")])
    await scene.segment("pro", {"any": [PRO, PAID]}, build=False)
    return scene


async def match_anew(scene: Scene, who: str) -> None:
    """Let a person stop matching and match again, while the build stands still."""
    async with scene.pool.acquire() as connection:
        await inbox.append(connection, [scene.identify(who, plan=plan) for plan in ("free", "pro")])
    await scene.intake.apply()


@pytest.mark.spec("3.09", "3.17")
@pytest.mark.usefixtures("slow_builds")
async def test_who_begins_to_match_by_time_while_a_segment_is_built_enters_at_its_end(scene: Scene) -> None:
    await scene.segment("over", {"attribute": "plan", "equals": "over"})
    await scene.campaign("campaign", **on({"in": "over"}))
    ended = (scene.now - timedelta(hours=23)).isoformat()
    await scene.send(*[scene.identify(who, trial_ends=ended) for who in ("ada", "bob", "eve")])
    await scene.segment("over", {"attribute": "trial_ends", "before": {"ago": "1d"}}, build=False)
    for _ in range(2):
        await scene.intake.work()

    scene.now += timedelta(hours=2)  # while the build stands after Bob
    await scene.intake.settle()

    # Eve is found by the build itself, which says of nobody whether they were in when it began.
    assert (["ada", "bob", "eve"], ["ada", "bob"]) == (await scene.members("over"), await who_entered(scene))


@pytest.mark.spec("2.07", "3.05")
async def test_who_is_inside_is_refused_also_while_a_segment_is_built(building: Scene) -> None:
    await match_anew(building, "ada")
    await building.rows("UPDATE journeys SET state = 'finished'")
    await building.intake.settle()

    assert (["ada", "bob"], ["already_inside"]) == (await who_entered(building), await building.refused("campaign"))


@pytest.mark.spec("3.17")
async def test_who_waits_for_a_build_is_forgotten_if_the_trigger_asks_for_something_else(building: Scene) -> None:
    await building.rows("UPDATE journeys SET state = 'finished'")
    await match_anew(building, "ada")
    await building.campaign("campaign", start=False, **on({"in": "roman"}, frequency="every_match"))
    await building.intake.settle()

    await building.segment("roman", {"attribute": "city", "one_of": ["Rome", "Ostia"]})

    assert ["ada", "bob"] == await who_entered(building)


@pytest.mark.spec("3.05")
async def test_who_waits_for_the_build_of_a_filter_enters_when_that_is_taken_out(building: Scene) -> None:
    await building.intake.settle()
    await building.campaign("filtered", **on({"in": "roman"}, filters={"in": "pro"}))
    await building.segment("pro", PRO, build=False)
    async with building.pool.acquire() as connection:
        await inbox.append(connection, [building.identify("eve", city="Rome", plan="free")])
    await building.intake.apply()

    await building.campaign("filtered", start=False, **on({"in": "roman"}))
    assert "building" == await building.one("SELECT state FROM segments WHERE key = 'pro'")
    await building.intake.work()

    assert ["eve"] == await who_entered(building, "filtered")


@pytest.mark.spec("3.17")
@pytest.mark.parametrize("trigger", [{"in": "pro"}, {"in": "chosen"}])
async def test_nobody_enters_who_began_to_match_a_condition_that_was_replaced_before_its_build_ended(
    scene: Scene, trigger: Any
) -> None:
    await scene.segment("pro", {"attribute": "plan", "equals": "team"})
    await scene.segment("chosen", {"in": "pro"})
    await scene.campaign("campaign", **on(trigger))
    await scene.send(*[scene.identify(who, city="Rome") for who in ("ada", "bob")])
    await scene.segment("pro", PRO, build=False)
    await scene.wait(scene.identify("ada", plan="pro"))  # begins to match the second condition
    await scene.intake.apply()
    assert 1 == await scene.one("SELECT count(*) FROM reentries")

    await scene.segment("pro", ROMAN)  # which both have matched all the time

    assert (["ada", "bob"], []) == (await scene.members("pro"), await who_entered(scene))


@pytest.mark.spec("3.05", "3.17")
async def test_who_begins_to_match_after_the_last_of_two_edits_enters_when_it_is_built(scene: Scene) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("campaign", **on({"in": "pro"}))
    await scene.send(scene.identify("ada", plan="free"))
    await scene.segment("pro", {"any": [PRO, PAID]}, build=False)
    await scene.segment("pro", {"any": [PAID, PRO]}, build=False)
    await scene.wait(scene.identify("ada", plan="pro"))
    await scene.intake.apply()
    await scene.intake.settle()
    await scene.send(scene.identify("ada", paid=True))

    assert ["ada"] == await who_entered(scene)


@pytest.mark.spec("3.05")
async def test_who_began_to_match_the_trigger_waits_on_when_a_segment_of_the_filters_is_edited_again(
    scene: Scene,
) -> None:
    await scene.segment("pro", PRO)
    await scene.segment("roman", ROMAN)
    await scene.campaign("campaign", **on({"in": "roman"}, filters={"in": "pro"}))
    await scene.send(scene.identify("ada"))
    await scene.segment("pro", {"any": [PRO, PAID]}, build=False)
    await scene.wait(scene.identify("ada", city="Rome"))
    await scene.intake.apply()
    assert [] == await who_entered(scene)

    await scene.segment("pro", PAID)

    assert ["ada"] == await who_entered(scene)


@pytest.mark.spec("2.04", "3.17")
@pytest.mark.parametrize("days", [0, 31])
async def test_an_interval_is_not_lost_by_a_match_that_an_edit_of_the_segment_lets_be_forgotten(
    scene: Scene, days: int
) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("campaign", **on({"in": "pro"}, frequency={"every": "30d"}))
    await scene.send(scene.identify("ada", plan="pro"))
    await scene.rows("UPDATE journeys SET state = 'finished'")
    await scene.segment("pro", {"any": [PRO, PAID]}, build=False)
    scene.now += timedelta(days=days)
    if days:
        await scene.intake.look_around()  # the interval is over, and waits for the build as well
    await scene.wait(scene.identify("ada", plan="free"), scene.identify("ada", plan="pro"))
    await scene.intake.apply()

    await scene.segment("pro", {"any": [PAID, PRO]})
    await scene.advance(days=31 - days)

    assert ["ada", "ada"] == await who_entered(scene)


@pytest.mark.spec("1.14", "3.05", "3.09")
async def test_who_is_judged_late_while_a_segment_is_built_is_found_as_they_were_before_the_input(
    slow_builds: None, scene: Scene
) -> None:
    """They were in, and left by time after the input: nothing of that is a match that begins."""
    lately = {"performed": {"event": "login", "within": "2h"}}
    await scene.segment("active", lately)
    await scene.campaign("campaign", **on({"in": "active"}, frequency="every_match"))
    await scene.send(*[scene.event(who, "login") for who in ("ada", "bob")])
    scene.now += timedelta(hours=0.5)
    await scene.segment("active", {"any": [lately, {"attribute": "plan", "equals": "pro"}]}, build=False)
    scene.now += timedelta(hours=0.5)
    await scene.wait(scene.identify("bob", plan="free"))

    scene.now += timedelta(hours=4)
    await scene.intake.settle()

    assert (["ada", "bob"], []) == (await who_entered(scene), await scene.refused("campaign"))
    assert [] == await scene.members("active")


@pytest.mark.spec("3.13", "3.17")
@pytest.mark.parametrize("is_away", [False, True])
async def test_who_has_matched_since_before_the_edit_does_not_enter_by_it(
    slow_builds: None, scene: Scene, is_away: bool
) -> None:
    """Ada's trial was over for a day at one, the condition is edited at two, and asks about that only then."""
    await scene.segment("other", {"performed": {"event": "login", "within": "1h"}})
    await scene.segment("over", {"attribute": "plan", "equals": "over"})
    await scene.campaign("campaign", **on({"in": "over"}))
    ended = (START - 23 * timedelta(hours=1)).isoformat()
    scene.now = START - timedelta(hours=1) / 2
    await scene.send(scene.identify("ada", trial_ends=ended), scene.event("ada", "login"))  # `other` until half past
    if is_away:
        scene.now = START + 2 * timedelta(hours=1)
    else:
        await scene.advance(hours=2.5)
    await scene.segment("over", {"attribute": "trial_ends", "before": {"ago": "1d"}}, build=False)
    scene.now += timedelta(hours=1)
    await scene.intake.settle()

    assert (["ada"], []) == (await scene.members("over"), await who_entered(scene))
