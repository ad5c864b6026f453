"""A new segment is asked about everybody page by page, while inputs go on (behaviour 3.04, 3.05, 3.17)."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from intake import building
from intake.building import Pace
from storage import inbox
from tests.intake.scene import Scene

PRO = {"attribute": "plan", "equals": "pro"}


@pytest.fixture
async def crowd(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Seven people, of whom the odd ones are pro, and pages of three."""
    monkeypatch.setattr(Pace, "first", 3)
    monkeypatch.setattr(Pace, "longest", 3)
    scene = Scene(scene.pool, scene.workspace)
    await scene.send(*[scene.identify(f"p{n}", plan="pro" if n % 2 else "basic") for n in range(7)])
    return scene


async def state(scene: Scene, key: str) -> str:
    return str(await scene.one("SELECT state FROM segments WHERE key = $1", key))


@pytest.mark.spec("3.04")
async def test_a_new_segment_is_building_until_everybody_was_asked(crowd: Scene) -> None:
    await crowd.segment("vip", PRO, build=False)

    assert ("building", []) == (await state(crowd, "vip"), await crowd.members("vip"))
    await crowd.intake.work()
    assert ("building", ["p1"]) == (await state(crowd, "vip"), await crowd.members("vip"))
    await crowd.intake.settle()
    assert ("ready", ["p1", "p3", "p5"]) == (await state(crowd, "vip"), await crowd.members("vip"))


@pytest.mark.spec("3.04")
async def test_a_build_goes_on_where_another_process_left_it(crowd: Scene) -> None:
    await crowd.segment("vip", PRO, build=False)
    await crowd.intake.work()
    cursor = await crowd.one("SELECT build_cursor FROM segments")

    successor = Scene(crowd.pool, crowd.workspace)
    await successor.intake.work()

    assert (cursor, cursor + 3) == (3, await crowd.one("SELECT build_cursor FROM segments"))
    await successor.intake.settle()
    assert ["p1", "p3", "p5"] == await crowd.members("vip")


async def test_inputs_during_a_build_are_not_lost(crowd: Scene) -> None:
    await crowd.segment("vip", PRO, build=False)
    await crowd.intake.work()

    await crowd.send(
        crowd.identify("p1", plan="basic"),
        crowd.identify("p6", plan="pro"),
        crowd.identify("new", plan="pro"),
        crowd.about("delete", "p5"),
    )

    assert ["new", "p3", "p6"] == await crowd.members("vip")


async def test_a_segment_is_built_after_those_it_asks_about(crowd: Scene) -> None:
    await crowd.segment("others", {"not_in": "vip"}, build=False)
    await crowd.segment("vip", PRO, build=False)

    await crowd.intake.settle()

    assert ["p0", "p2", "p4", "p6"] == await crowd.members("others")
    assert ["ready", "ready"] == [await state(crowd, "vip"), await state(crowd, "others")]


async def test_an_edited_segment_is_built_anew(crowd: Scene) -> None:
    await crowd.segment("vip", PRO)

    await crowd.segment("vip", {"attribute": "plan", "equals": "basic"})

    assert ["p0", "p2", "p4", "p6"] == await crowd.members("vip")


@pytest.mark.spec("3.05")
@pytest.mark.parametrize("filters", [{"in": "vip"}, {"not_in": "vip"}])
async def test_nobody_enters_by_a_segment_before_its_build_ends(crowd: Scene, filters: dict[str, str]) -> None:
    await crowd.segment("vip", PRO, build=False)
    await crowd.campaign("thanks", filters=filters)
    matching = "p1" if "in" in filters else "p0"
    crowd.intake.batch = 1

    for who in ("p0", "p1"):
        await put(crowd, who)
        await crowd.intake.work()
    assert [] == await crowd.entered("thanks")
    assert "building" == await state(crowd, "vip")

    await crowd.intake.settle()

    query = "SELECT external_id FROM journeys JOIN people ON people.id = person_id"
    assert [matching] == [row["external_id"] for row in await crowd.rows(query)]


@pytest.mark.spec("5.31")
@pytest.mark.parametrize("is_known", [False, True], ids=["new", "edited"])
async def test_the_first_blocks_ask_whether_this_person_is_in_a_segment_that_is_building(
    crowd: Scene, *, is_known: bool
) -> None:
    if is_known:
        await crowd.segment("vip", {"all": [PRO, {"attribute": "city", "exists": False}]})
    await crowd.segment("vip", PRO, build=False)
    paths = {"then": [{"delay": {"id": "inside", "for": "1h"}}], "else": [{"delay": {"id": "outside", "for": "1h"}}]}
    only_vip = {"delay": {"id": "vip-only", "for": "0", "if": {"in": "vip"}}}
    await crowd.campaign("thanks", workflow=[only_vip, {"branch": {"id": "fork", "if": {"in": "vip"}} | paths}])
    crowd.intake.batch = 1

    for who in ("p5", "p0"):  # whom the build has not got to
        await put(crowd, who)
        await crowd.intake.apply()

    assert "building" == await state(crowd, "vip")
    assert ["inside", "outside"] == [row["block"] for row in await crowd.rows("SELECT block FROM journeys ORDER BY id")]
    asked = await crowd.rows("SELECT kind, seen FROM decisions WHERE seen ? 'building' ORDER BY journey_id, place")
    assert ["branched", "skipped", "branched"] == [row["kind"] for row in asked]
    assert [["vip"]] * 3 == [row["seen"]["building"] for row in asked]


@pytest.mark.spec("3.05")
async def test_other_campaigns_are_entered_during_a_build(crowd: Scene) -> None:
    await crowd.segment("old", PRO)
    await crowd.segment("vip", PRO, build=False)
    await crowd.campaign("thanks", filters={"in": "old"})

    await put(crowd, "p1")
    await crowd.intake.work()

    assert 1 == len(await crowd.entered("thanks"))
    assert "building" == await state(crowd, "vip")


async def test_a_page_of_people_whom_only_python_can_judge_stays_short(
    crowd: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pace, "first", 7)
    monkeypatch.setattr(building, "_MOST_UNCLEAR", 2)
    crowd = Scene(crowd.pool, crowd.workspace)
    await crowd.segment("vip", {"attribute": "plan", "matches": "p.*"}, build=False)
    await crowd.segment("basic", {"attribute": "plan", "equals": "basic"}, build=False)
    cursors = []
    while await state(crowd, "vip") == "building":
        await crowd.intake.work()
        cursors.append(await crowd.one("SELECT build_cursor FROM segments WHERE key = 'vip'"))

    assert max(after - before for before, after in pairwise([0, *cursors])) == 2
    await crowd.intake.settle()
    assert ["p1", "p3", "p5"] == await crowd.members("vip")
    assert ["p0", "p2", "p4", "p6"] == await crowd.members("basic")


async def test_the_pace_knows_how_long_it_takes_to_ask_one_by_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.send(scene.identify("ada", plan="pro"))
    await scene.segment("vip", {"attribute": "plan", "matches": "p.*"}, build=False)
    elapsed = [0.0]
    real = building._ask

    async def slow(*args: Any, **rest: Any) -> None:
        elapsed[0] += 1
        await real(*args, **rest)

    monkeypatch.setattr(building, "_ask", slow)
    monkeypatch.setattr(building, "time", SimpleNamespace(perf_counter=lambda: elapsed[0]))
    pace = Pace()
    async with scene.pool.acquire() as connection, connection.transaction():
        await building.build(connection, scene.intake.processor, scene.workspace, pace, now=scene.now)

    assert Pace.first // 2 == pace.size


@pytest.mark.spec("3.17")
async def test_members_gained_by_a_build_start_nothing(crowd: Scene) -> None:
    await crowd.segment("vip", {"attribute": "plan", "equals": "gold"})
    await crowd.campaign("thanks", filters={"in": "vip"})
    await crowd.send(crowd.event("p1", "bought"))
    await crowd.advance(minutes=31)

    await crowd.segment("vip", PRO)

    assert ["p1", "p3", "p5"] == await crowd.members("vip")
    assert [] == await crowd.entered("thanks")


async def put(scene: Scene, who: str) -> None:
    async with scene.pool.acquire() as connection:
        await inbox.append(connection, [scene.event(who, "bought")])
