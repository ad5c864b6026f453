"""What was received or due before an edit comes to the same, whether it is applied before or after the edit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.intake.scene import START, Scene
from tests.intake.test_between_turns import act
from tests.intake.test_edits import PRO, TEAM, TODAY, at, date, versions
from tests.intake.test_matching import on, who_entered

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ROMAN: dict[str, Any] = {"attribute": "city", "equals": "Rome"}
DAILY: dict[str, Any] = {"trigger": {"condition": {"in": "pro"}}, "frequency": {"every": "1d"}, "workflow": ["exit"]}
late = pytest.mark.parametrize("is_late", [False, True])


async def receive(scene: Scene, *inputs: Any, is_late: bool) -> None:
    await scene.wait(*inputs)
    if not is_late:
        await scene.intake.apply()
    scene.now += MINUTE


@late
@pytest.mark.spec("15.32", "3.05")
@pytest.mark.parametrize("is_pro_built", [True, False])
async def test_a_match_that_waits_for_a_build_is_forgotten_by_an_edit_of_the_trigger(
    slow_builds: None, scene: Scene, is_late: bool, is_pro_built: bool
) -> None:
    """Ada has been pro all the time, and becomes a match of the segment that the trigger goes over from."""
    await scene.segment("pro", PRO)
    await scene.segment("roman", ROMAN)
    await scene.campaign("campaign", **on({"in": "roman"}))
    await scene.send(scene.identify("ada", plan="pro"), scene.identify("bob"), scene.identify("eve"))
    scene.now += MINUTE
    if is_pro_built:
        await scene.segment("pro", {"any": [PRO, TEAM]}, build=False)
    await scene.segment("roman", {"any": [ROMAN, {"attribute": "city", "equals": "Ostia"}]}, build=False)
    await receive(scene, scene.identify("ada", city="Rome"), is_late=is_late)
    await scene.campaign("campaign", start=False, **on({"in": "pro"}))
    scene.now += MINUTE
    await scene.intake.settle()

    assert [] == await who_entered(scene)
    assert 0 == await scene.one("SELECT count(*) FROM reentries")


@late
@pytest.mark.spec("2.11", "2.14")
@pytest.mark.parametrize("before", ["every_match", "once"])
async def test_who_went_through_before_an_interval_was_set_does_not_restart(
    scene: Scene, before: Any, is_late: bool
) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("campaign", **on({"in": "pro"}, frequency=before, workflow=["exit"]))
    await receive(scene, scene.identify("ada", plan="pro"), is_late=is_late)
    await scene.campaign("campaign", start=False, **on({"in": "pro"}, frequency={"every": "1d"}, workflow=["exit"]))
    await scene.intake.settle()
    await scene.advance(days=3)

    assert [START] == await scene.entered("campaign")


@late
@pytest.mark.spec("2.14", "13.09")
async def test_who_stopped_matching_before_every_match_counted_has_stopped(scene: Scene, is_late: bool) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("campaign", **on({"in": "pro"}))
    await scene.send(scene.identify("ada", plan="pro"))
    await receive(scene, scene.identify("ada", plan="free"), is_late=is_late)
    await scene.campaign("campaign", start=False, **on({"in": "pro"}, frequency="every_match"))
    scene.now += MINUTE
    await scene.intake.settle()

    assert await scene.one("SELECT has_stopped FROM entry_history")


@pytest.mark.spec("15.34")
@pytest.mark.parametrize("has_block", [False, True])
async def test_a_date_that_was_due_before_an_edit_comes_though_a_block_finds_it(scene: Scene, has_block: bool) -> None:
    """As `test_what_was_due_before_an_edit_comes_by_the_settings_of_then`, but a block acts before intake wakes."""
    await scene.campaign("birthday", trigger=date("15:00"))
    await scene.send(scene.identify("ada", birthday=TODAY))
    scene.now = at(16)
    await scene.campaign("birthday", start=False, trigger=date("18:00"))
    scene.now = at(17)
    if has_block:
        await act(scene, city="Rome")
    await scene.intake.settle()
    await scene.advance(hours=4)

    assert [(at(15), 1)] == await versions(scene)


@pytest.mark.spec("15.32", "3.13")
@pytest.mark.parametrize("has_block", [False, True])
async def test_who_matched_by_time_before_an_edit_enters_by_the_trigger_of_then(scene: Scene, has_block: bool) -> None:
    active: dict[str, Any] = {"performed": {"event": "login", "within": "2h"}}
    await scene.segment("active", active)
    await scene.segment("pro", PRO)
    await scene.campaign("come-back", trigger={"condition": {"not_in": "active"}})
    await scene.send(scene.event("ada", "login"))
    scene.now = at(15)
    await scene.campaign("come-back", start=False, trigger={"condition": {"in": "pro"}})
    scene.now = at(16)
    if has_block:
        await act(scene, city="Rome")
    await scene.intake.settle()

    assert [(at(14), 1)] == await versions(scene)


@pytest.mark.spec("15.32", "3.13")
@pytest.mark.parametrize("has_block", [False, True])
async def test_who_began_to_match_before_an_edit_does_not_enter_by_it(scene: Scene, has_block: bool) -> None:
    await scene.segment("active", {"performed": {"event": "login", "within": "2h"}})
    await scene.segment("pro", PRO)
    await scene.campaign("come-back", trigger={"condition": {"in": "pro"}})
    await scene.send(scene.event("ada", "login"))
    scene.now = at(15)
    await scene.campaign("come-back", start=False, trigger={"condition": {"not_in": "active"}})
    scene.now = at(16)
    if has_block:
        await act(scene, city="Rome")
    await scene.intake.settle()

    assert [] == await versions(scene)


@pytest.mark.spec("2.04", "2.12", "2.13")
@pytest.mark.parametrize("is_away", [False, True])
@pytest.mark.parametrize("frequency", ["once", "every_match", {"every": "30d"}])
async def test_an_interval_that_was_over_before_an_edit_counts(scene: Scene, frequency: Any, is_away: bool) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("daily", **DAILY)
    await scene.send(scene.identify("ada", plan="pro"))
    if is_away:
        scene.now += DAY + HOUR
    else:
        await scene.advance(hours=25)
    await scene.campaign("daily", start=False, **DAILY | {"frequency": frequency})
    scene.now += HOUR
    await scene.intake.settle()

    assert [START, START + DAY] == await scene.entered("daily")
