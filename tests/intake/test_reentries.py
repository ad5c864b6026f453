"""Whoever still matches when their interval is over enters again, once, whatever came between (behaviour 2.04-2.06)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.deciding import Deciding
from activities.situations import Situations
from engine.moves import Ask
from intake.loading import Load
from intake.loop import Intake
from intake.processor import Processor
from tests.intake.scene import START, Scene

PRO = {"attribute": "plan", "equals": "pro"}
MATCH: dict[str, Any] = {"trigger": {"condition": {"in": "pro"}}}
MONTHLY: dict[str, Any] = {**MATCH, "frequency": {"every": "30d"}}

MONTH = timedelta(days=30)


@pytest.fixture
async def pro(scene: Scene) -> Scene:
    """A scene with the segment `pro`."""
    await scene.segment("pro", PRO)
    return scene


async def due(scene: Scene) -> list[datetime | None]:
    """Return when people enter again; None is when the journey that is running ends."""
    rows = await scene.rows("SELECT nullif(due_at, 'infinity') AS due_at FROM reentries ORDER BY person_id")
    return [row["due_at"] for row in rows]


async def end_journeys(scene: Scene) -> None:
    """Let every journey that is open end now."""
    deciding = Deciding(scene.pool, Situations(), Processor())
    for row in await scene.rows("SELECT id FROM journeys WHERE state NOT IN ('finished', 'exited')"):
        ask = Ask(journey=row["id"], turn=1, now=scene.now, ending="manual")
        await ActivityEnvironment().run(deciding.next_move, ask)
    await scene.intake.settle()


@pytest.mark.spec("2.04")
async def test_the_interval_counts_from_the_instant_it_was_due_not_from_when_that_was_noticed(pro: Scene) -> None:
    await pro.campaign("monthly", **MONTHLY)
    await pro.send(pro.identify("ada", plan="pro"))
    await end_journeys(pro)

    pro.now = START + MONTH + timedelta(hours=3)
    await pro.intake.settle()

    assert [START, START + MONTH] == await pro.entered("monthly")
    assert [START + 2 * MONTH] == await due(pro)


@pytest.mark.spec("2.04")
async def test_intervals_that_pass_while_intake_is_away_are_one_entry_as_of_the_first(pro: Scene) -> None:
    await pro.campaign("monthly", **MONTHLY)
    await pro.send(pro.identify("ada", plan="pro"))
    await end_journeys(pro)

    pro.now = back = START + 5 * MONTH
    await pro.intake.settle()
    await end_journeys(pro)

    assert [START, START + MONTH] == await pro.entered("monthly")
    assert [back + MONTH] == await due(pro)
    await pro.advance(days=30)
    assert [START, START + MONTH, back + MONTH] == await pro.entered("monthly")


@pytest.mark.spec("2.04", "2.06")
@pytest.mark.parametrize(
    ("days", "expected"), [(29, [START]), (31, [START, START + MONTH]), (62, [START, START + MONTH])]
)
async def test_who_left_while_intake_was_away_enters_if_the_interval_was_over_before(
    behind: Scene, days: int, expected: list[datetime]
) -> None:
    await behind.segment("pro", PRO)
    await behind.campaign("monthly", **MONTHLY)
    await behind.send(behind.identify("ada", plan="pro"))
    await end_journeys(behind)
    behind.now = START + timedelta(days=days)
    await behind.wait(behind.identify("ada", plan="free"))

    behind.now = START + timedelta(days=70)
    await behind.intake.settle()

    assert expected == await behind.entered("monthly")


@pytest.mark.spec("2.04")
async def test_a_match_that_comes_in_while_intake_is_away_does_not_bring_the_next_entry_forward(behind: Scene) -> None:
    await behind.segment("pro", PRO)
    await behind.campaign("monthly", **MONTHLY)
    await behind.send(behind.identify("ada", plan="pro"))
    await end_journeys(behind)
    behind.now = START + timedelta(days=40)
    await behind.wait(behind.identify("ada", plan="free"), behind.identify("ada", plan="pro"))

    behind.now = START + timedelta(days=70)
    await behind.intake.apply()
    await end_journeys(behind)
    await behind.intake.settle()

    assert [START, START + MONTH] == await behind.entered("monthly")
    assert [START + timedelta(days=100)] == await due(behind)


@pytest.mark.spec("2.04")
async def test_intervals_that_pass_while_inputs_wait_are_one_entry_too_however_slowly_these_are_applied(
    scene: Scene,
) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("monthly", **MONTHLY)
    await scene.send(scene.identify("ada", plan="pro"))
    await end_journeys(scene)
    for days in (35, 65, 95):
        scene.now = START + timedelta(days=days)
        await scene.wait(scene.event("bob", "seen"))

    scene.now = START + timedelta(days=100)
    scene.intake = Intake(scene.pool, lambda: scene.now, batch=1)
    while await scene.intake.work():
        await scene.rows("UPDATE journeys SET state = 'finished', ended_at = started_at")

    assert [START, START + MONTH] == await scene.entered("monthly")
    assert [START + timedelta(days=130)] == await due(scene)


@pytest.mark.spec("2.05")
async def test_who_is_inside_when_the_interval_ends_waits_for_the_end_of_that(pro: Scene) -> None:
    await pro.campaign("monthly", **MONTHLY)
    await pro.send(pro.identify("ada", plan="pro"))

    await pro.advance(days=31)
    assert ([START], [None]) == (await pro.entered("monthly"), await due(pro))
    await pro.advance(days=10)
    await end_journeys(pro)

    assert [START, START + timedelta(days=41)] == await pro.entered("monthly")
    assert [START + timedelta(days=71)] == await due(pro)


@pytest.mark.spec("2.05")
async def test_a_journey_that_ends_the_moment_the_interval_does_is_followed_by_the_next(pro: Scene) -> None:
    await pro.campaign("monthly", **MONTHLY)
    await pro.send(pro.identify("ada", plan="pro"))

    await pro.advance(days=30)  # intake is first, and finds the journey open
    await end_journeys(pro)

    assert [START, START + MONTH] == await pro.entered("monthly")


@pytest.mark.spec("2.06")
async def test_who_does_not_match_at_the_end_is_forgotten_and_enters_at_the_next_match(pro: Scene) -> None:
    await pro.campaign("monthly", **MONTHLY)
    await pro.send(pro.identify("ada", plan="pro"))
    await end_journeys(pro)
    await pro.send(pro.identify("ada", plan="free"))

    await pro.advance(days=40)
    assert [] == await due(pro)
    await pro.send(pro.identify("ada", plan="pro"))

    assert [START, START + timedelta(days=40)] == await pro.entered("monthly")


@pytest.mark.spec("13.07")
@pytest.mark.parametrize("mode", ["now", "finish"])
async def test_a_stop_forgets_who_was_to_enter_again(pro: Scene, mode: Any) -> None:
    await pro.campaign("monthly", **MONTHLY)
    await pro.send(pro.identify("ada", plan="pro"))
    await end_journeys(pro)

    await pro.stop("monthly", mode)
    await pro.campaign("monthly", **MONTHLY)
    await pro.advance(days=60)
    assert [START] == await pro.entered("monthly")

    await pro.send(pro.identify("ada", plan="free"), pro.identify("ada", plan="pro"))
    assert 2 == len(await pro.entered("monthly"))


@pytest.mark.spec("3.05")
@pytest.mark.usefixtures("slow_builds")
async def test_an_interval_that_ends_while_the_segment_is_built_is_not_lost(pro: Scene) -> None:
    await pro.campaign("monthly", **MONTHLY)
    await pro.send(*[pro.identify(who, plan="pro") for who in ("ada", "bob", "eve")])
    await end_journeys(pro)
    await pro.segment("pro", {"any": [PRO, {"attribute": "plan", "equals": "gold"}]}, build=False)
    pro.now += MONTH

    await pro.intake.settle()  # ends, although something is due that cannot be decided yet

    assert 6 == len(await pro.entered("monthly"))


@pytest.mark.spec("2.04")
@pytest.mark.parametrize(("before", "after", "expected"), [("30d", "7d", 10), ("30d", "14d", 14), ("7d", "30d", 30)])
async def test_another_interval_counts_from_the_last_entry_and_makes_up_for_nothing(
    pro: Scene, before: str, after: str, expected: int
) -> None:
    await pro.campaign("monthly", **MATCH, frequency={"every": before})
    await pro.send(pro.identify("ada", plan="pro"))
    await pro.advance(days=5 if before == "7d" else 10)
    await end_journeys(pro)

    await pro.campaign("monthly", start=False, **MATCH, frequency={"every": after})
    await pro.advance(days=40)

    assert START + timedelta(days=expected) == (await pro.entered("monthly"))[1]
    assert "frequency" not in await pro.refused("monthly")


@pytest.mark.spec("3.05")
async def test_nobody_enters_again_by_not_being_in_a_segment_that_is_built(pro: Scene) -> None:
    await pro.segment("gold", {"attribute": "plan", "equals": "gold"})
    await pro.campaign("monthly", trigger={"condition": {"not_in": "gold"}}, frequency={"every": "30d"})
    await pro.send(pro.identify("ada", plan="pro"))
    await end_journeys(pro)

    await pro.segment("gold", PRO, build=False)  # she is, only nobody knows
    await pro.advance(days=31)

    assert [START] == await pro.entered("monthly")


async def test_a_person_who_is_deleted_takes_their_next_entry_along(pro: Scene) -> None:
    await pro.campaign("monthly", **MONTHLY)
    await pro.send(pro.identify("ada", plan="pro"))
    await pro.send(pro.about("delete", "ada"), pro.identify("ada", plan="free"))

    assert [] == await due(pro)
    await pro.advance(days=31)
    assert 1 == len(await pro.entered("monthly"))


@pytest.mark.spec("2.12", "2.13")
@pytest.mark.parametrize("frequency", ["once", "every_match"])
async def test_an_interval_that_is_switched_off_is_forgotten_also_by_who_is_inside(pro: Scene, frequency: str) -> None:
    await pro.campaign("monthly", **MONTHLY)
    await pro.send(pro.identify("ada", plan="pro"))
    await pro.advance(days=31)

    await pro.campaign("monthly", start=False, **{**MATCH, "frequency": frequency})
    await end_journeys(pro)
    await pro.advance(days=100)

    assert ([START], []) == (await pro.entered("monthly"), await due(pro))


@pytest.mark.spec("2.12", "2.13", "3.05")
@pytest.mark.parametrize("frequency", ["once", "every_match"])
async def test_who_waits_for_a_build_to_enter_first_does_so_also_when_the_interval_is_switched_off(
    scene: Scene, frequency: str
) -> None:
    await scene.segment("pro", PRO, build=False)
    await scene.campaign("monthly", **MONTHLY)
    await scene.wait(scene.identify("ada", plan="pro"))
    await scene.intake.apply()

    await scene.campaign("monthly", start=False, **MATCH, frequency=frequency)
    await scene.intake.settle()

    assert [START] == await scene.entered("monthly")


@pytest.mark.spec("2.12", "12.05")
async def test_who_waits_for_the_start_enters_also_when_the_interval_is_switched_off(behind: Scene) -> None:
    await behind.segment("pro", PRO)
    await behind.wait(behind.identify("ada", plan="pro"))
    behind.now += timedelta(hours=1)
    started = behind.now
    await behind.campaign("monthly", load=Load(), **MONTHLY)
    await behind.intake.apply()  # applies the match, and time has not come to the start yet
    assert [started] == await due(behind)

    await behind.campaign("monthly", start=False, **MATCH)
    await behind.intake.settle()

    assert [started] == await behind.entered("monthly")
