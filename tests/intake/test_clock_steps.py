"""The clock of a machine is set, back or forward: what came does not come again, and what is to come is not lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from intake.loop import Intake
from tests.intake.scene import START, Scene

HOUR = timedelta(hours=1)
BIRTHDAY: dict[str, Any] = {"date": "birthday", "every": "month", "at": "12:30", "timezone": "UTC"}
ACTIVE: dict[str, Any] = {"performed": {"event": "login", "within": "2h"}}


@pytest.mark.spec("1.69")
async def test_an_hour_back_no_date_fires_again(scene: Scene) -> None:
    """Not even for those who change between the two times that half past twelve comes."""
    today, other = START.date().isoformat(), "2026-03-09"
    await scene.campaign("birthday", trigger=BIRTHDAY)
    await scene.send(scene.identify("ada", birthday=today), scene.identify("bob", birthday=today))
    await scene.advance(minutes=45)

    scene.now -= HOUR
    await scene.send(scene.identify("ada", birthday=other), scene.identify("ada", birthday=today))
    await scene.advance(hours=2)

    assert [START + HOUR / 2] * 2 == await scene.entered("birthday")
    assert [] == await scene.refused("birthday")
    await scene.advance(days=31)
    assert [datetime(2026, 4, 1, 12, 30, tzinfo=UTC)] * 2 == (await scene.entered("birthday"))[2:]


async def test_an_hour_back_no_date_to_come_is_lost(scene: Scene) -> None:
    await scene.campaign("birthday", trigger=BIRTHDAY)
    await scene.send(scene.identify("ada", birthday=START.date().isoformat()))
    await scene.advance(minutes=20)

    scene.now -= HOUR
    await scene.send(scene.identify("bob", birthday=START.date().isoformat()))
    await scene.advance(hours=2)

    assert [START + HOUR / 2] * 2 == await scene.entered("birthday")


@pytest.mark.spec("3.09")
@pytest.mark.parametrize("is_touched", [False, True])
async def test_an_hour_back_people_still_leave_when_their_window_is_over(scene: Scene, is_touched: bool) -> None:
    await scene.segment("active", ACTIVE)
    await scene.campaign("hello", trigger={"condition": {"in": "active"}})
    await scene.campaign("come-back", trigger={"condition": {"not_in": "active"}})
    await scene.send(scene.identify("ada"))
    await scene.send(scene.event("ada", "login"))
    await scene.advance(minutes=30)

    scene.now -= HOUR
    if is_touched:  # what was done at twelve is done in half an hour
        await scene.send(scene.identify("ada", city="Paris"), scene.event("ada", "looked"))
    await scene.advance(minutes=30 + 119)
    assert ["ada"] == await scene.members("active")
    await scene.advance(minutes=1)

    assert [] == await scene.members("active")
    assert (1, 1) == (len(await scene.entered("hello")), len(await scene.entered("come-back")))


@pytest.mark.spec("2.06")
async def test_an_hour_back_nobody_enters_again_before_their_interval_is_over(scene: Scene) -> None:
    await scene.segment("pro", {"attribute": "plan", "equals": "pro"})
    trigger = {"condition": {"in": "pro"}}
    blocks = [{"email": {"id": "hi", "from": "a@shop.example", "subject": "Hi", "body": "Hello"}}]
    await scene.campaign("monthly", trigger=trigger, frequency={"every": "30d"}, workflow=blocks)
    await scene.send(scene.identify("ada", plan="pro"))
    await scene.pool.execute("UPDATE journeys SET state = 'finished', ended_at = started_at")

    scene.now -= HOUR
    await scene.send(scene.identify("ada", plan="free"))
    await scene.send(scene.identify("ada", plan="pro"))
    await scene.advance(days=30)
    assert [START] == await scene.entered("monthly")
    await scene.advance(hours=1)

    assert [START, START + timedelta(days=30)] == await scene.entered("monthly")


async def test_40_days_forward_and_back_each_date_and_each_leaving_has_come_once(scene: Scene) -> None:
    await scene.segment("active", ACTIVE)
    await scene.campaign("birthday", trigger=BIRTHDAY)
    await scene.campaign("come-back", trigger={"condition": {"not_in": "active"}})
    await scene.send(scene.event("ada", "login"), scene.identify("ada", birthday="2000-03-10"))

    scene.now += timedelta(days=40)
    await scene.intake.settle()
    assert (1, 1) == (len(await scene.entered("birthday")), len(await scene.entered("come-back")))
    scene.now -= timedelta(days=40)
    await scene.advance(days=39)
    assert (1, 1) == (len(await scene.entered("birthday")), len(await scene.entered("come-back")))
    await scene.advance(days=31)

    assert datetime(2026, 4, 10, 12, 30, tzinfo=UTC) == (await scene.entered("birthday"))[-1]


@pytest.mark.spec("1.14")
@pytest.mark.parametrize("is_overdue", [False, True])
async def test_an_hour_back_nobody_joins_again_what_they_have_left_by_time(scene: Scene, is_overdue: bool) -> None:
    """She left at two; the hour that comes again finds her inside whatever she changes, and lets her leave again."""
    await scene.segment("active", {"all": [ACTIVE, {"attribute": "plan", "exists": True}]})
    await scene.segment("idle", {"not_in": "active"})
    blocks = [{"email": {"id": "hi", "from": "a@shop.example", "subject": "Hi", "body": "Hello"}}]
    await scene.send(scene.identify("ada", plan="free"))
    for key in ("active", "idle"):
        trigger = {"condition": {"in": key}}
        await scene.campaign(key, trigger=trigger, frequency="every_match", workflow=blocks)
    await scene.send(scene.event("ada", "login"))
    if is_overdue:
        scene.now += 2.5 * HOUR
        await scene.intake.settle()
    else:
        await scene.advance(hours=2.5)
    await scene.pool.execute("UPDATE journeys SET state = 'finished', ended_at = started_at")

    scene.now -= HOUR
    await scene.send(scene.identify("ada", plan="pro"))
    await scene.advance(hours=1)

    assert ([START], [START + 2 * HOUR]) == (await scene.entered("active"), await scene.entered("idle"))
    assert (["ada"], []) == (await scene.members("idle"), await scene.members("active"))
    await scene.send(scene.event("ada", "login"))
    assert 2 == len(await scene.entered("active"))


@pytest.mark.spec("1.14")
async def test_an_hour_back_in_another_process_nobody_joins_again_what_they_have_left_by_time(scene: Scene) -> None:
    await scene.segment("active", {"all": [ACTIVE, {"attribute": "plan", "exists": True}]})
    blocks = [{"email": {"id": "hi", "from": "a@shop.example", "subject": "Hi", "body": "Hello"}}]
    trigger = {"condition": {"in": "active"}}
    await scene.send(scene.identify("ada", plan="free"))
    await scene.campaign("active", trigger=trigger, frequency="every_match", workflow=blocks)
    await scene.send(scene.event("ada", "login"))
    await scene.advance(hours=2.5)
    await scene.pool.execute("UPDATE journeys SET state = 'finished', ended_at = started_at")

    scene.intake = Intake(scene.pool, lambda: scene.now)
    scene.now -= HOUR
    await scene.send(scene.identify("ada", plan="pro"))
    await scene.advance(hours=1)

    assert ([START], []) == (await scene.entered("active"), await scene.members("active"))


@pytest.mark.spec("1.14", "3.09")
@pytest.mark.parametrize("is_other", [False, True])
async def test_what_was_received_before_people_were_judged_counts_as_of_then(scene: Scene, is_other: bool) -> None:
    """Another intake has found that her window is over; an input from before that is committed only now."""
    await scene.segment("active", {"all": [ACTIVE, {"attribute": "plan", "exists": True}]})
    trigger = {"condition": {"in": "active"}}
    await scene.send(scene.identify("ada", plan="free"))
    await scene.campaign("active", trigger=trigger, frequency="every_match")
    await scene.send(scene.event("ada", "login"))
    scene.now += 2 * HOUR - timedelta(milliseconds=5)
    late = scene.identify("ada", plan="pro")
    scene.now += timedelta(milliseconds=10)
    await scene.intake.settle()
    await scene.pool.execute("UPDATE journeys SET state = 'finished', ended_at = started_at")

    if is_other:
        scene.intake = Intake(scene.pool, lambda: scene.now)
    await scene.send(late)

    assert ([START], []) == (await scene.entered("active"), await scene.members("active"))
