"""Asking why somebody did or did not enter, about what is still to come by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from activities.loading import Loading
from engine.moves import LoadingAsk
from intake.loading import Load, order_loading
from intake.processor import Processor
from intake.why import Answer, why
from tests.intake.scene import Scene

BIRTHDAY = {"date": "birthday", "every": "year", "at": "12:30", "timezone": "UTC"}
IN_PRO = {"condition": {"in": "pro"}}


async def asked(scene: Scene, campaign: str, name: str = "ada") -> Answer:
    person = await scene.one("SELECT id FROM people WHERE external_id = $1", name)
    async with scene.pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        return await why(connection, scene.workspace, campaign, person, now=scene.now)


async def load(scene: Scene, campaign: int) -> None:
    """Let the next of the current matches in."""
    ask = LoadingAsk(workspace=scene.workspace, campaign=campaign, now=scene.now)
    async with scene.pool.acquire() as connection, connection.transaction():
        await Loading(scene.pool, Processor())._page(connection, ask, scene.now)


@pytest.fixture
async def pros(scene: Scene) -> Scene:
    """A segment with two people in it."""
    await scene.segment("pro", {"attribute": "plan", "equals": "pro"})
    await scene.send(scene.identify("ada", plan="pro"), scene.identify("bob", plan="pro"))
    scene.now += timedelta(hours=1)
    return scene


@pytest.mark.spec("12.05", "12.08")
async def test_a_current_match_whose_turn_has_not_come_is_told_that_they_enter(pros: Scene) -> None:
    campaign = await pros.campaign("hello", trigger=IN_PRO, load=Load(rate=1))
    first = await asked(pros, "hello", "bob")
    await load(pros, campaign)
    async with pros.pool.acquire() as connection:
        await order_loading(connection, pros.workspace, "hello", "pause", now=pros.now)

    answers = [first, await asked(pros, "hello", "bob"), await asked(pros, "hello")]

    entered = "Entered once, last at 2026-03-01 13:00:00 UTC; is inside now."
    enters = "Never entered; matches now, and enters with the current matches, which are"
    assert [f"{enters} being let in.", f"{enters} paused.", entered] == [one.summary for one in answers]


@pytest.mark.spec("12.06", "12.07", "13.09")
@pytest.mark.parametrize("kept_out_by", ["future only", "since", "an earlier match that lasts"])
async def test_who_is_none_of_the_current_matches_has_to_match_again(pros: Scene, kept_out_by: str) -> None:
    if kept_out_by == "an earlier match that lasts":
        await pros.campaign("hello", trigger=IN_PRO, frequency="every_match")
        await pros.send(pros.identify("ada", plan="free"), pros.identify("ada", plan="pro"))
        await pros.rows("UPDATE journeys SET state = 'finished', ended_at = started_at")
        pros.now += timedelta(hours=1)
        await pros.stop("hello")
        pros.now += timedelta(hours=1)
    load = {"future only": None, "since": Load(since=pros.now)}.get(kept_out_by, Load())
    await pros.campaign("hello", trigger=IN_PRO, load=load, frequency="every_match")

    answer = await asked(pros, "hello")

    assert answer.summary.endswith("matches now, and enters when the person stops matching and matches again.")


@pytest.mark.spec("1.69", "1.73")
@pytest.mark.parametrize("is_entered", [True, False])
async def test_a_date_that_was_decided_is_not_promised_at_another_time_of_its_day(
    scene: Scene, *, is_entered: bool
) -> None:
    filters = None if is_entered else {"in": "pro"}
    await scene.segment("pro", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("birthday", trigger=BIRTHDAY, filters=filters)
    await scene.send(scene.identify("ada", birthday="1990-03-01"))
    await scene.advance(hours=1)
    await scene.rows("UPDATE journeys SET state = 'finished', ended_at = started_at")
    await scene.campaign("birthday", start=False, trigger={**BIRTHDAY, "at": "18:00"}, filters=filters)
    await scene.intake.settle()

    answer = await asked(scene, "birthday")

    trigger = next(gate for gate in answer.gates if gate.name == "trigger")
    assert "The date comes at 2027-03-01 18:00:00 UTC." == trigger.text
    assert (datetime(2027, 3, 1, 18, tzinfo=UTC), date(2027, 3, 1)) == (
        answer.scheduled.date_at,
        answer.scheduled.date,
    )
    await scene.advance(hours=12)
    assert int(is_entered) == len(await scene.entered("birthday"))


@pytest.mark.spec("1.69", "1.73")
async def test_a_date_that_was_decided_and_comes_once_is_over(scene: Scene) -> None:
    trigger: dict[str, Any] = {**BIRTHDAY, "every": "once"}
    await scene.campaign("birthday", trigger=trigger)
    await scene.send(scene.identify("ada", birthday="2026-03-01"))
    await scene.advance(hours=1)
    await scene.rows("UPDATE journeys SET state = 'finished', ended_at = started_at")
    await scene.campaign("birthday", start=False, trigger={**trigger, "at": "18:00"})
    await scene.intake.settle()

    answer = await asked(scene, "birthday")

    assert answer.summary.endswith("would not enter now: the date 2026-03-01 has come already, at another time.")
    assert (None, None) == (answer.scheduled.date_at, answer.scheduled.date)
