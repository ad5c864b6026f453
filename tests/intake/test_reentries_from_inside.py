"""Who matches while they are inside enters when interval and journey are over, and not before (behaviour 2.04, 2.05).

Also where nothing of their interval is written: after a stop, which forgets it, or an edit that brought it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from intake.loading import Load
from tests.activities.starting import FAST, Started
from tests.intake.scene import START, Scene
from tests.intake.test_reentries import MATCH, PRO, due, end_journeys

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DAILY: dict[str, Any] = {**MATCH, "frequency": {"every": "1d"}}
EVERY_MATCH: dict[str, Any] = {**MATCH, "frequency": "every_match"}


@pytest.fixture
async def inside(scene: Scene) -> Scene:
    """Ada has entered a campaign for every match, is inside, and does not match any more."""
    await scene.segment("pro", PRO)
    await scene.campaign("campaign", **EVERY_MATCH)
    await scene.send(scene.identify("ada", plan="pro"))
    await scene.send(scene.identify("ada", plan="free"))
    return scene


async def restart(scene: Scene, mode: Any) -> None:
    """Stop the campaign, start it for its current matches, and let them in."""
    await scene.stop("campaign", mode)
    scene.now += HOUR
    started = Started(scene.pool, scene)
    started.id = await scene.campaign("campaign", load=Load(rate=FAST), **DAILY)
    await started.load()


@pytest.mark.spec("2.04", "2.05", "13.09")
@pytest.mark.parametrize("mode", ["finish", "now"])
async def test_who_is_inside_at_a_restart_for_current_matches_enters_when_the_interval_is_over(
    scene: Scene, mode: Any
) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("campaign", **DAILY)
    await scene.send(scene.identify("ada", plan="pro"))

    await restart(scene, mode)
    await end_journeys(scene)
    await scene.advance(days=1)

    assert [START, START + DAY] == await scene.entered("campaign")


@pytest.mark.spec("2.05", "13.09")
async def test_who_is_inside_at_a_restart_after_the_end_of_the_interval_enters_when_the_journey_ends(
    scene: Scene,
) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("campaign", **DAILY)
    await scene.send(scene.identify("ada", plan="pro"))
    await scene.advance(days=2)

    await restart(scene, "finish")
    await scene.advance(hours=1)
    assert ([START], [None]) == (await scene.entered("campaign"), await due(scene))
    await end_journeys(scene)

    assert [START, START + 2 * DAY + 2 * HOUR] == await scene.entered("campaign")
    assert [scene.now + DAY] == await due(scene)


@pytest.mark.spec("2.04", "2.05", "2.11")
@pytest.mark.parametrize(("hours", "expected"), [(1, START + DAY), (30, START + 30 * HOUR)])
async def test_a_match_that_was_refused_inside_counts_when_both_interval_and_journey_are_over(
    inside: Scene, hours: int, expected: Any
) -> None:
    await inside.campaign("campaign", start=False, **DAILY)
    await inside.send(inside.identify("ada", plan="pro"))
    assert ([START + DAY], ["already_inside"]) == (await due(inside), await inside.refused("campaign"))

    await inside.advance(hours=hours)
    await end_journeys(inside)
    await inside.advance(hours=40 - hours)

    assert [START, expected] == await inside.entered("campaign")


@pytest.mark.spec("2.05", "3.05")
@pytest.mark.parametrize("hours", [1, 30])
async def test_a_match_that_is_refused_inside_while_a_segment_is_built_counts_as_well(
    inside: Scene, hours: int
) -> None:
    await inside.campaign("campaign", start=False, **DAILY)
    inside.now += hours * HOUR
    await inside.segment("pro", {"any": [PRO, {"attribute": "plan", "equals": "gold"}]}, build=False)
    await inside.wait(inside.identify("ada", plan="pro"))
    await inside.intake.apply()
    assert [START + DAY if hours == 1 else None] == await due(inside)

    await end_journeys(inside)
    await inside.advance(hours=40 - hours)

    assert [START, START + max(DAY, hours * HOUR)] == await inside.entered("campaign")


@pytest.mark.spec("2.06")
async def test_who_was_refused_inside_and_does_not_match_when_the_interval_is_over_does_not_enter(
    inside: Scene,
) -> None:
    await inside.campaign("campaign", start=False, **DAILY)
    await inside.send(inside.identify("ada", plan="pro"))
    await inside.send(inside.identify("ada", plan="free"))
    await end_journeys(inside)

    await inside.advance(days=2)

    assert ([START], []) == (await inside.entered("campaign"), await due(inside))


@pytest.mark.spec("2.05")
async def test_a_match_that_is_refused_inside_leaves_the_interval_where_it_is(scene: Scene) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("campaign", **DAILY)
    await scene.send(scene.identify("ada", plan="pro"))
    await scene.advance(hours=30)
    assert [None] == await due(scene)  # the interval is over, and she waits for the end of the journey

    await scene.send(scene.identify("ada", plan="free"), scene.identify("ada", plan="pro"))
    assert [None] == await due(scene)
    await end_journeys(scene)

    assert [START, START + 30 * HOUR] == await scene.entered("campaign")
