"""Intake was away, or is behind: what was due meanwhile comes at its own instant, in order with what came in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from intake.loading import Load
from tests.activities.starting import FAST, Started
from tests.intake.scene import START, Scene

HOUR = timedelta(hours=1)
ACTIVE: dict[str, Any] = {"performed": {"event": "login", "within": "2h"}}
EMAIL = {"email": {"id": "hi", "from": "a@shop.example", "subject": "Hi", "body": "Hello"}}


@pytest.mark.spec("1.14", "3.09")
async def test_a_membership_that_begins_and_ends_by_time_alone_meanwhile_is_seen(scene: Scene) -> None:
    lately = {"performed": {"event": "login", "within": "3h"}}
    await scene.segment("drifting", {"all": [{"not_performed": ACTIVE["performed"]}, lately]})
    await scene.campaign("campaign", trigger={"condition": {"in": "drifting"}})
    await scene.send(scene.event("ada", "login"))

    scene.now += 5 * HOUR
    await scene.intake.settle()

    assert ([START + 2 * HOUR], []) == (await scene.entered("campaign"), await scene.members("drifting"))
    assert 0 == await scene.one("SELECT count(*) FROM segment_rechecks")


@pytest.mark.spec("1.14", "3.08")
async def test_a_membership_that_an_input_began_and_time_has_ended_since_is_seen(behind: Scene) -> None:
    await behind.segment("active", ACTIVE)
    await behind.send(behind.identify("ada"))
    await behind.campaign("hello", trigger={"condition": {"in": "active"}})
    await behind.campaign("come-back", trigger={"condition": {"not_in": "active"}})
    await behind.wait(behind.event("ada", "login"))

    behind.now += 5 * HOUR
    await behind.intake.settle()

    assert [START] == await behind.entered("hello")
    assert [START + 2 * HOUR] == await behind.entered("come-back")


@pytest.mark.spec("3.09", "3.13")
@pytest.mark.parametrize(("hours", "expected"), [(1, []), (3, [START + 2 * HOUR])])
async def test_what_came_in_later_does_not_undo_what_was_due_before_it_and_what_came_in_before_does(
    behind: Scene, hours: int, expected: list[Any]
) -> None:
    await behind.segment("active", ACTIVE)
    await behind.send(behind.event("ada", "login"))
    await behind.campaign("come-back", trigger={"condition": {"not_in": "active"}})

    behind.now += hours * HOUR
    await behind.wait(behind.event("eve", "x"), behind.event("bob", "x"), behind.event("ada", "login"))
    behind.now = START + 2.5 * HOUR if hours == 1 else START + 4 * HOUR
    await behind.intake.settle()

    ada = "SELECT started_at FROM journeys JOIN people ON people.id = person_id WHERE external_id = 'ada'"
    assert expected == [row["started_at"] for row in await behind.rows(ada)]
    assert ["ada"] == await behind.members("active")


@pytest.mark.spec("3.09", "3.16")
async def test_what_becomes_due_between_two_inputs_comes_between_them(behind: Scene) -> None:
    await behind.segment("active", ACTIVE)
    await behind.segment("lost", {"all": [{"not_in": "active"}, {"attribute": "plan", "equals": "free"}]})
    await behind.send(behind.identify("ada", plan="free"), behind.event("ada", "login"))
    await behind.campaign("win-back", trigger={"condition": {"in": "lost"}})
    await behind.wait(behind.event("ada", "login"))
    behind.now += 3 * HOUR
    await behind.wait(behind.identify("ada", plan="pro"))
    behind.now += HOUR
    await behind.intake.settle()

    assert ([START + 2 * HOUR], []) == (await behind.entered("win-back"), await behind.members("lost"))


@pytest.mark.spec("1.68")
@pytest.mark.parametrize(("minutes", "entries"), [(20, 0), (40, 1)])
async def test_a_date_counts_as_it_was_when_it_came(behind: Scene, minutes: int, entries: int) -> None:
    trigger = {"date": "birthday", "every": "year", "at": "12:30", "timezone": "UTC"}
    await behind.campaign("birthday", trigger=trigger)
    await behind.send(behind.identify("ada", birthday=START.date().isoformat()))

    behind.now += timedelta(minutes=minutes)
    await behind.wait(behind.identify("bob"), behind.identify("ada", birthday="2000-05-05"))
    behind.now = START + HOUR
    await behind.intake.settle()

    assert entries == len(await behind.entered("birthday"))
    [row] = await behind.rows("SELECT date::text FROM date_fires")
    assert "2026-05-05" == row["date"]


@pytest.mark.spec("2.04", "2.06")
@pytest.mark.parametrize(("days", "entries"), [(29, 1), (31, 2)])
async def test_an_interval_ends_for_who_matched_at_its_end(behind: Scene, days: int, entries: int) -> None:
    await behind.segment("pro", {"attribute": "plan", "equals": "pro"})
    monthly: dict[str, Any] = {
        "trigger": {"condition": {"in": "pro"}},
        "frequency": {"every": "30d"},
        "workflow": [EMAIL],
    }
    await behind.campaign("monthly", **monthly)
    await behind.send(behind.identify("ada", plan="pro"))
    await behind.pool.execute("UPDATE journeys SET state = 'finished', ended_at = started_at")

    behind.now += timedelta(days=days)
    await behind.wait(behind.identify("bob"), behind.identify("ada", plan="free"))
    behind.now = START + timedelta(days=32)
    await behind.intake.settle()

    assert [START, START + timedelta(days=30)][:entries] == await behind.entered("monthly")


async def test_when_intake_keeps_up_nothing_is_looked_up_twice(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.segment("active", ACTIVE)
    await scene.send(scene.event("ada", "login"))

    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("nothing is overdue")

    monkeypatch.setattr("storage.overdue.of_people", fail)
    await scene.send(scene.event("ada", "login"))

    assert ["ada"] == await scene.members("active")


@pytest.mark.spec("3.04", "3.09")
@pytest.mark.parametrize("steps", [0, 1, 2, 3])
async def test_what_is_due_while_its_segment_is_built_is_looked_at(scene: Scene, steps: int) -> None:
    await scene.segment("rested", {"attribute": "seen", "before": {"ago": "1h"}}, build=False)
    await scene.wait(scene.identify("ada", seen=START.isoformat()))
    for _ in range(steps):
        await scene.intake.work()

    scene.now += 2 * HOUR
    await scene.intake.settle()

    assert (["ada"], "ready") == (await scene.members("rested"), await scene.one("SELECT state FROM segments"))
    assert 0 == await scene.one("SELECT count(*) FROM segment_rechecks")


@pytest.mark.spec("1.68")
async def test_each_date_comes_that_passed_meanwhile(behind: Scene) -> None:
    trigger = {"date": "since", "every": "month", "at": "12:30", "timezone": "UTC"}
    await behind.campaign("monthly", trigger=trigger)
    await behind.send(behind.identify("ada", since=START.date().isoformat()))

    behind.now += timedelta(days=45)
    await behind.wait(behind.identify("ada", since="2026-03-20"))
    behind.now = START.replace(month=6)
    await behind.intake.settle()

    expected = [(3, 1), (4, 1), (4, 20), (5, 20)]
    assert expected == [(at.month, at.day) for at in await behind.entered("monthly")]
    assert [date(2026, 6, 20)] == [row["date"] for row in await behind.rows("SELECT date FROM date_fires")]


@pytest.mark.spec("3.05", "4.11")
@pytest.mark.usefixtures("slow_builds")
@pytest.mark.parametrize(
    "trigger", [{"event": "bought"}, {"date": "day", "every": "once", "at": "12:30", "timezone": "UTC"}]
)
async def test_who_is_judged_late_while_a_filter_is_built_waits_for_the_build(
    scene: Scene, trigger: dict[str, Any]
) -> None:
    await scene.segment("pro", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("thanks", trigger=trigger, filters={"in": "pro"})
    await scene.send(*[scene.identify(who, plan="pro", day=START.date().isoformat()) for who in ("bob", "ada")])
    await scene.wait(scene.event("ada", "bought"), scene.event("bob", "bought"))
    scene.now += 3 * HOUR
    await scene.segment("pro", {"attribute": "plan", "one_of": ["pro", "team"]}, build=False)

    await scene.intake.settle()

    assert ([scene.now] * 2, []) == (await scene.entered("thanks"), await scene.refused("thanks"))


@pytest.mark.spec("3.09")
async def test_somebody_is_known_since_the_first_thing_about_them_was_received(behind: Scene) -> None:
    await behind.segment("silent", {"not_performed": {"event": "login", "within": "2h"}})
    await behind.campaign("nudge", trigger={"condition": {"in": "silent"}})
    await behind.wait(behind.identify("ada"), behind.event("bob", "looked"))

    behind.now += 5 * HOUR
    await behind.intake.settle()

    assert [START + 2 * HOUR] * 2 == await behind.entered("nudge")
    assert [START] == [row["created_at"] for row in await behind.rows("SELECT DISTINCT created_at FROM people")]


@pytest.mark.spec("12.07")
async def test_a_membership_counts_from_its_own_input(behind: Scene) -> None:
    await behind.segment("pro", {"attribute": "plan", "equals": "pro"})
    first = behind.identify("ada", plan="pro")
    behind.now += 2 * HOUR
    await behind.send(first, behind.identify("bob", plan="pro"))
    started = Started(behind.pool, behind)
    started.id = await behind.campaign(
        "campaign", load=Load(rate=FAST, since=START + HOUR), trigger={"condition": {"in": "pro"}}
    )
    await started.load()

    assert 1 == len(await behind.entered("campaign"))


@pytest.mark.spec("12.07", "3.13")
@pytest.mark.parametrize("is_away", [False, True])
async def test_a_membership_by_time_counts_from_its_own_instant(scene: Scene, is_away: bool) -> None:
    await scene.segment("pro", {"not_performed": {"event": "seen", "within": "1h"}})
    await scene.send(scene.event("ada", "seen"))
    scene.now += 2 * HOUR
    if not is_away:
        scene.now -= 1 * HOUR
        await scene.intake.settle()
        scene.now += 1 * HOUR
    await scene.send(scene.event("bob", "seen"))
    await scene.advance(hours=1)
    since = await scene.rows("SELECT since FROM segment_members ORDER BY person_id")

    assert [START + HOUR, START + 3 * HOUR] == [row["since"] for row in since]
