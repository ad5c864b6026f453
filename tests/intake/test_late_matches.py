"""People who began to match before a campaign was started, which is noticed only after that (behaviour 12.05, 12.06).

Whatever else has come in since, what is decided is the same for a batch of one input and for a batch of all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.entry import DEEPEST_CHAIN
from intake.loading import Load
from tests.intake.scene import START, Scene

HOUR = timedelta(hours=1)
ACTIVE: dict[str, Any] = {"performed": {"event": "login", "within": "2h"}}
PRO: dict[str, Any] = {"attribute": "plan", "equals": "pro"}
PAID: dict[str, Any] = {"attribute": "paid", "is_true": True}
AT_EVERY_MATCH: dict[str, Any] = {"trigger": {"condition": {"in": "pro"}}, "frequency": "every_match"}


@pytest.fixture
async def late(behind: Scene) -> Scene:
    """Ada has become pro, which nobody has noticed yet; an hour has passed since."""
    await behind.segment("pro", PRO)
    await behind.send(behind.identify("ada"))
    await behind.wait(behind.identify("ada", plan="pro"))
    behind.now += HOUR
    return behind


@pytest.mark.spec("12.06")
async def test_a_match_from_before_the_start_is_none_of_the_future(late: Scene) -> None:
    await late.campaign("hello", **AT_EVERY_MATCH)
    await late.intake.settle()
    assert ([], ["ada"]) == (await late.entered("hello"), await late.members("pro"))

    await late.send(late.identify("ada", plan="free"), late.identify("ada", plan="pro"))

    assert [START + HOUR] == await late.entered("hello")


@pytest.mark.spec("1.05", "12.06")
async def test_a_match_from_before_a_stop_is_not_made_up_for_by_the_next_start(late: Scene) -> None:
    await late.campaign("hello", **AT_EVERY_MATCH)
    match = late.identify("eve", plan="pro")
    late.now += HOUR
    await late.stop("hello")
    await late.campaign("hello", **AT_EVERY_MATCH)
    late.now += HOUR

    await late.send(match)

    assert [] == await late.entered("hello")


@pytest.mark.spec("12.05")
@pytest.mark.parametrize(("hours", "expected"), [(1, [START + HOUR]), (3, [])])
async def test_a_current_match_enters_as_of_the_start_unless_time_had_ended_it_by_then(
    behind: Scene, hours: int, expected: list[datetime]
) -> None:
    await behind.segment("active", ACTIVE)
    await behind.send(behind.identify("ada"))
    await behind.wait(behind.event("ada", "login"))
    behind.now += hours * HOUR
    await behind.campaign("hello", load=Load(), trigger={"condition": {"in": "active"}})

    behind.now += 4 * HOUR
    await behind.intake.settle()

    assert (expected, []) == (await behind.entered("hello"), await behind.refused("hello"))


@pytest.mark.spec("12.07")
@pytest.mark.parametrize(("since", "expected"), [(START, [START + HOUR]), (START + HOUR / 2, [])])
async def test_a_current_match_enters_if_it_began_since_the_cut_off(
    late: Scene, since: datetime, expected: list[datetime]
) -> None:
    await late.campaign("hello", load=Load(since=since), **AT_EVERY_MATCH)

    await late.intake.settle()

    assert expected == await late.entered("hello")


@pytest.mark.spec("12.05", "12.08")
async def test_a_current_match_that_ends_after_the_start_has_entered_before(late: Scene) -> None:
    await late.campaign("hello", load=Load(), **AT_EVERY_MATCH)
    late.now += HOUR
    await late.wait(late.identify("ada", plan="free"))
    late.now += HOUR

    await late.intake.settle()

    assert ([START + HOUR], []) == (await late.entered("hello"), await late.members("pro"))
    assert 0 == await late.one("SELECT count(*) FROM reentries")


@pytest.mark.spec("12.05")
async def test_a_current_match_that_ends_before_the_start_does_not_enter(late: Scene) -> None:
    await late.wait(late.identify("ada", plan="free"))
    late.now += HOUR
    await late.campaign("hello", load=Load(), **AT_EVERY_MATCH)

    await late.intake.settle()

    assert [] == await late.entered("hello")
    assert 0 == await late.one("SELECT count(*) FROM reentries")


@pytest.mark.spec("2.02", "2.07", "12.08")
async def test_who_matches_anew_after_the_start_is_inside_by_the_current_match(late: Scene) -> None:
    await late.campaign("hello", load=Load(), **AT_EVERY_MATCH)
    late.now += HOUR
    await late.wait(late.identify("ada", plan="free"), late.identify("ada", plan="pro"))
    late.now += HOUR

    await late.intake.settle()

    assert ([START + HOUR], ["already_inside"]) == (await late.entered("hello"), await late.refused("hello"))


@pytest.mark.spec("2.02", "12.08")
async def test_who_stopped_and_matched_again_before_a_restart_enters_at_it(late: Scene) -> None:
    await late.intake.settle()
    await late.campaign("hello", **AT_EVERY_MATCH)
    await late.send(late.identify("ada", plan="free"), late.identify("ada", plan="pro"))
    await late.pool.execute("UPDATE journeys SET state = 'finished', ended_at = started_at")
    late.now += HOUR
    await late.wait(late.identify("ada", plan="free"), late.identify("ada", plan="pro"))
    late.now += HOUR / 2
    await late.stop("hello")
    late.now += HOUR / 2
    await late.campaign("hello", load=Load(), **AT_EVERY_MATCH)

    late.now += HOUR
    await late.send(late.identify("bob"))

    assert [START + HOUR, START + 3 * HOUR] == await late.entered("hello")


@pytest.mark.spec("12.08")
async def test_who_entered_since_the_start_is_not_let_in_by_a_current_match_as_well(late: Scene) -> None:
    """The loading may be there before time comes to the start, which it does with what is received after it."""
    campaign = await late.campaign("hello", load=Load(), **AT_EVERY_MATCH)
    await late.intake.apply()
    late.now += HOUR
    await late.rows(
        """
        INSERT INTO entry_history (campaign_id, person_id, first_entered_at, last_entered_at, entries)
        SELECT $1, id, $2, $2, 1 FROM people
        """,
        campaign,
        late.now,
    )

    late.now += HOUR
    await late.intake.settle()

    assert ([], []) == (await late.entered("hello"), await late.refused("hello"))


@pytest.mark.spec("2.07", "3.05")
@pytest.mark.usefixtures("slow_builds")
async def test_who_is_inside_is_refused_and_not_remembered_if_the_start_falls_into_a_build(scene: Scene) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("hello", **AT_EVERY_MATCH)
    await scene.send(scene.identify("ada"))
    await scene.send(scene.identify("ada", plan="pro"), scene.identify("ada", plan="free"))
    await scene.wait(scene.identify("ada", plan="pro"))
    scene.now += HOUR
    await scene.stop("hello", "finish")
    await scene.campaign("hello", load=Load(), **AT_EVERY_MATCH)
    await scene.segment("pro", {"any": [PRO, PAID]}, build=False)
    scene.now += HOUR
    await scene.wait(scene.identify("bob"))

    await scene.intake.apply()

    assert (1, ["already_inside"]) == (len(await scene.entered("hello")), await scene.refused("hello"))
    assert 0 == await scene.one("SELECT count(*) FROM reentries")


@pytest.mark.spec("3.05", "6.50")
@pytest.mark.usefixtures("slow_builds")
async def test_a_match_that_waits_for_a_build_remembers_how_many_campaigns_it_came_through(scene: Scene) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("hello", **AT_EVERY_MATCH)
    await scene.send(scene.identify("ada"))
    await scene.segment("pro", {"any": [PRO, PAID]}, build=False)
    change = scene.input("identify", who={"id": "ada"}, attributes={"plan": "pro"}, depth=DEEPEST_CHAIN)

    await scene.wait(change)
    await scene.intake.apply()
    waiting = await scene.one("SELECT count(*) FROM reentries")
    await scene.intake.settle()

    assert (1, [], ["loop"]) == (waiting, await scene.entered("hello"), await scene.refused("hello"))
