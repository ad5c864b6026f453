"""A campaign is edited while intake is behind: each input is judged by what the campaign was when it was received."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.intake.scene import START, Scene

MINUTE = timedelta(minutes=1)
TODAY = START.date().isoformat()
PRO = {"attribute": "plan", "equals": "pro"}
TEAM = {"attribute": "plan", "equals": "team"}


def date(at: str, attribute: str = "birthday", **rest: Any) -> dict[str, Any]:
    return {"date": attribute, "every": "year", "at": at, "timezone": "UTC", **rest}


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 1, hour, minute, tzinfo=UTC)


async def edit(scene: Scene, key: str, **document: Any) -> None:
    """Save the next version of a campaign a minute later."""
    scene.now += MINUTE
    await scene.campaign(key, start=False, **document)


async def versions(scene: Scene) -> list[tuple[datetime, int]]:
    """Return when journeys began, and by which version of their campaign."""
    rows = await scene.rows("SELECT started_at, version FROM journeys ORDER BY id")
    return [(row["started_at"], row["version"]) for row in rows]


@pytest.mark.spec("15.30")
async def test_an_event_starts_by_the_trigger_that_it_met(behind: Scene) -> None:
    await behind.campaign("thanks")
    inputs = [behind.event("ada", name) for name in ("bought", "viewed", "shared")]
    for trigger in ("viewed", "shared"):
        await edit(behind, "thanks", trigger={"event": trigger})
        inputs += [behind.event("ada", name) for name in ("bought", "viewed", "shared")]
    behind.now += MINUTE

    await behind.send(*inputs)

    assert [(START, 1), (START + MINUTE, 2), (START + 2 * MINUTE, 3)] == await versions(behind)


@pytest.mark.spec("15.30")
async def test_the_filter_on_the_data_of_an_event_is_that_of_then(behind: Scene) -> None:
    def over(least: int) -> dict[str, Any]:
        return {"event": "bought", "where": {"path": "total", "at_least": least}}

    await behind.campaign("thanks", trigger=over(100))
    inputs = [behind.event("ada", "bought", data={"total": 50})]
    await edit(behind, "thanks", trigger=over(10))
    inputs.append(behind.event("ada", "bought", data={"total": 50}))

    await behind.send(*inputs)

    assert [(behind.now, 2)] == await versions(behind)


@pytest.mark.spec("15.30", "13.10")
async def test_versions_of_before_a_restart_do_not_count(scene: Scene) -> None:
    await scene.campaign("thanks")
    inputs = [scene.event("ada", "bought"), scene.event("ada", "viewed")]
    scene.now += MINUTE
    await scene.stop("thanks")
    await edit(scene, "thanks", trigger={"event": "viewed"})
    await scene.campaign("thanks", trigger={"event": "viewed"})
    inputs += [scene.event("ada", "bought"), scene.event("ada", "viewed")]
    await edit(scene, "thanks", trigger={"event": "shared"})

    await scene.send(*inputs)

    assert [(scene.now - MINUTE, 2)] == await versions(scene)


@pytest.mark.spec("15.30")
async def test_an_event_after_an_edit_meets_the_edit_also_if_the_clock_of_intake_is_behind(scene: Scene) -> None:
    await scene.campaign("thanks")
    await edit(scene, "thanks", trigger={"event": "viewed"})
    scene.now += MINUTE
    inputs = [scene.event("ada", "bought"), scene.event("ada", "viewed")]
    scene.now -= 1.5 * MINUTE

    await scene.send(*inputs)

    assert [(START + 2 * MINUTE, 2)] == await versions(scene)


@pytest.mark.spec("2.26")
async def test_an_event_from_before_a_frequency_is_not_held_back_by_it(behind: Scene) -> None:
    await behind.campaign("thanks")
    inputs = [behind.event("ada", "bought"), behind.event("ada", "bought")]
    await edit(behind, "thanks", frequency="once")
    inputs.append(behind.event("ada", "bought"))

    await behind.send(*inputs)

    assert ([START] * 2, ["frequency"]) == (await behind.entered("thanks"), await behind.refused("thanks"))


@pytest.mark.spec("15.32")
async def test_who_matched_before_an_edit_of_the_trigger_does_not_enter_by_it(behind: Scene) -> None:
    await behind.segment("pro", PRO)
    await behind.segment("team", TEAM)
    await behind.campaign("hello", trigger={"condition": {"in": "pro"}})
    await behind.send(behind.identify("ada"), behind.identify("bob"), behind.identify("eve"))
    inputs = [behind.identify("ada", plan="team"), behind.identify("bob", plan="pro")]
    await edit(behind, "hello", trigger={"condition": {"in": "team"}})
    inputs.append(behind.identify("eve", plan="team"))

    await behind.send(*inputs)

    assert [(START, 1), (START + MINUTE, 2)] == await versions(behind)


@pytest.mark.spec("15.32", "3.13")
async def test_who_matched_by_time_alone_before_an_edit_enters_by_the_trigger_of_then(scene: Scene) -> None:
    """Intake is away from one to four: Ada was idle at two, Bob at half past three, and the edit was at three."""
    await scene.segment("active", {"performed": {"event": "login", "within": "2h"}})
    await scene.segment("pro", PRO)
    await scene.campaign("come-back", trigger={"condition": {"not_in": "active"}})
    await scene.send(scene.event("ada", "login"))
    scene.now = at(13, 30)
    await scene.send(scene.event("bob", "login"))
    scene.now = at(15)
    await scene.campaign("come-back", start=False, trigger={"condition": {"in": "pro"}})
    scene.now = at(16)
    await scene.intake.settle()

    assert [(at(14), 1)] == await versions(scene)


@pytest.mark.spec("4.12")
async def test_an_event_that_waits_for_filters_of_before_an_edit_is_over_with_its_thirty_minutes(
    behind: Scene,
) -> None:
    await behind.segment("pro", PRO)
    await behind.campaign("thanks", filters={"in": "pro"})
    inputs = [behind.event("ada", "bought")]
    behind.now += 40 * MINUTE
    await edit(behind, "thanks", filters={"not_in": "pro"})

    await behind.send(*inputs)

    assert [True] == [row["is_over"] for row in await behind.rows("SELECT is_over FROM filter_retries")]


@pytest.mark.spec("15.34")
async def test_what_was_due_before_an_edit_comes_by_the_settings_of_then(scene: Scene) -> None:
    """Intake is away from half past two to five: at three the mail was due, and the edit was at four."""
    await scene.campaign("birthday", trigger=date("15:00"))
    await scene.send(scene.identify("ada", birthday=TODAY), scene.identify("bob", birthday="2026-03-02"))
    scene.now = at(16)
    await scene.campaign("birthday", start=False, trigger=date("18:00"))
    scene.now = at(17)
    await scene.intake.settle()
    assert [(at(15), 1)] == await versions(scene)
    await scene.advance(days=1, hours=2)

    assert [(at(15), 1), (at(18) + timedelta(days=1), 2)] == await versions(scene)


@pytest.mark.spec("15.34")
@pytest.mark.parametrize("is_computed", [False, True])
async def test_a_date_that_was_said_before_an_edit_comes_by_the_settings_of_its_time(
    behind: Scene, is_computed: bool
) -> None:
    """Ada's was due at one, before the edit; Bob's at five, after it; what was over at the edit is not made up for."""
    await behind.campaign("birthday", trigger=date("13:00"))
    inputs = [behind.identify("ada", birthday=TODAY, since="2026-03-02"), behind.identify("bob", since=TODAY)]
    behind.now = at(14)
    inputs.append(behind.identify("eve", birthday=TODAY))
    behind.now = at(15)
    await behind.campaign("birthday", start=False, trigger=date("14:30"))
    behind.now = at(16)
    await behind.campaign("birthday", start=False, trigger=date("17:00", "since"))
    if is_computed:
        await behind.intake.settle()

    await behind.send(*inputs)
    assert [(at(13), 1)] == await versions(behind)
    await behind.advance(days=2)

    assert [(at(13), 1), (at(17), 3), (at(17) + timedelta(days=1), 3)] == await versions(behind)


@pytest.mark.spec("15.34")
async def test_the_time_zone_said_before_an_edit_makes_no_time_up(scene: Scene) -> None:
    own = {"timezone": "person", "fallback_timezone": "UTC"}
    await scene.campaign("birthday", trigger=date("18:00", **own))
    await scene.send(scene.identify("ada", birthday=TODAY))
    said = scene.identify("ada", timezone="Europe/Zurich")
    scene.now = at(15, 30)
    await scene.campaign("birthday", start=False, trigger=date("15:00", **own))  # 14:00 UTC for Ada, over
    scene.now = at(15, 31)

    await scene.send(said)
    await scene.advance(days=1)

    assert [] == await scene.entered("birthday")


@pytest.mark.spec("15.34")
async def test_an_edit_of_something_else_leaves_dates_as_they_are(behind: Scene) -> None:
    await behind.campaign("birthday", trigger=date("15:00"))
    inputs = [behind.identify("ada", birthday=TODAY)]
    await edit(behind, "birthday", trigger=date("15:00"), frequency="every_time", name="Birthday wishes")

    await behind.send(*inputs)
    await behind.advance(hours=4)

    assert [(at(15), 2)] == await versions(behind)


@pytest.mark.spec("2.12", "2.26")
@pytest.mark.parametrize(("frequency", "days"), [("once", []), ({"every": "7d"}, [7]), ({"every": "60d"}, [60])])
async def test_who_enters_by_the_version_of_before_an_edit_enters_again_by_that_of_after_it(
    behind: Scene, frequency: Any, days: list[int]
) -> None:
    await behind.segment("pro", PRO)
    trigger = {"condition": {"in": "pro"}}
    await behind.campaign("monthly", trigger=trigger, frequency={"every": "30d"})
    entering = behind.identify("ada", plan="pro")
    await edit(behind, "monthly", trigger=trigger, frequency=frequency)

    await behind.send(entering)

    due = [row["due_at"] for row in await behind.rows("SELECT due_at FROM reentries")]
    assert ([START], [START + timedelta(days=n) for n in days]) == (await behind.entered("monthly"), due)
