"""An archived segment is left alone, and built anew when it comes back (behaviour 3.32, 3.17)."""

from __future__ import annotations

import pytest

from engine.errors import Conflict
from intake import definitions, segment_lifecycle
from tests.intake.scene import Scene

PRO = {"attribute": "plan", "equals": "pro"}


async def archive(scene: Scene, key: str = "pros") -> None:
    async with scene.pool.acquire() as connection:
        await segment_lifecycle.archive(connection, scene.workspace, key, now=scene.now)


async def unarchive(scene: Scene, key: str = "pros") -> None:
    async with scene.pool.acquire() as connection:
        await segment_lifecycle.unarchive(connection, scene.workspace, key, now=scene.now)
    await scene.intake.settle()


async def states(scene: Scene) -> dict[str, str]:
    return {row["key"]: row["state"] for row in await scene.rows("SELECT key, state FROM segments")}


@pytest.mark.spec("3.32")
async def test_nobody_joins_or_leaves_an_archived_segment_until_it_comes_back(scene: Scene) -> None:
    await scene.segment("pros", PRO)
    await scene.send(scene.identify("ada", plan="pro"), scene.identify("bob", plan="free"))

    await archive(scene)
    await scene.send(scene.identify("ada", plan="free"), scene.identify("bob", plan="pro"))
    archived = await scene.members("pros")
    await unarchive(scene)

    assert (["ada"], ["bob"]) == (archived, await scene.members("pros"))


@pytest.mark.spec("3.32", "3.17")
async def test_who_is_found_when_it_comes_back_does_not_enter(scene: Scene) -> None:
    await scene.segment("pros", PRO)
    await archive(scene)
    await scene.send(scene.identify("ada", plan="pro"))
    await scene.campaign("welcome", trigger={"condition": {"in": "pros"}}, start=False)
    await unarchive(scene)
    async with scene.pool.acquire() as connection:
        await definitions.start_campaign(connection, scene.workspace, "welcome", now=scene.now)

    await scene.send(scene.identify("bob", plan="pro"))

    entered = await scene.rows("SELECT external_id FROM journeys j JOIN people p ON p.id = j.person_id")
    assert (["ada", "bob"], ["bob"]) == (await scene.members("pros"), [row["external_id"] for row in entered])


async def test_time_does_not_move_an_archived_segment(scene: Scene) -> None:
    await scene.segment("recent", {"attribute": "seen", "after": {"ago": "1d"}})
    await scene.send(scene.identify("ada", seen=int(scene.now.timestamp())))
    await archive(scene, "recent")

    await scene.advance(days=2)
    archived = await scene.members("recent")
    await unarchive(scene, "recent")

    assert (["ada"], []) == (archived, await scene.members("recent"))


async def test_segments_that_asked_about_it_meanwhile_are_built_anew_too(scene: Scene) -> None:
    await scene.segment("pros", PRO)
    await archive(scene)
    await scene.segment("friends", {"in": "pros"})
    await scene.send(scene.identify("ada", plan="pro"))
    assert [] == await scene.members("friends")

    await unarchive(scene)

    assert ["ada"] == await scene.members("friends")


async def test_what_happened_while_it_was_archived_is_counted_when_it_comes_back(scene: Scene) -> None:
    await scene.segment("buyers", {"performed": {"event": "bought", "at_least": 2}})
    await scene.send(scene.event("ada", "bought"))
    await archive(scene, "buyers")
    await scene.send(scene.event("ada", "bought"))

    await unarchive(scene, "buyers")

    assert ["ada"] == await scene.members("buyers")


async def test_people_of_a_deleted_segment_go_on(scene: Scene) -> None:
    await scene.segment("pros", PRO)
    await scene.send(scene.identify("ada", plan="pro"))
    async with scene.pool.acquire() as connection:
        await segment_lifecycle.delete(connection, scene.workspace, "pros", now=scene.now)

    await scene.send(scene.identify("ada", plan="free"))

    assert [("ada", None, {"plan": "free"})] == await scene.people()


@pytest.mark.spec("3.32")
async def test_an_edit_of_what_it_asks_about_does_not_bring_an_archived_segment_back(scene: Scene) -> None:
    await scene.segment("pros", PRO)
    await scene.segment("friends", {"in": "pros"})
    await scene.send(scene.identify("ada", plan="pro"))
    await archive(scene, "friends")

    await scene.segment("pros", {"attribute": "plan", "equals": "gold"})

    assert ({"friends": "archived", "pros": "ready"}, ["ada"]) == (await states(scene), await scene.members("friends"))


@pytest.mark.spec("3.30")
async def test_a_segment_comes_back_with_the_archived_ones_that_it_asks_about(scene: Scene) -> None:
    await scene.segment("pros", PRO)
    await scene.segment("friends", {"in": "pros"})
    await scene.segment("guests", {"in": "friends"})
    for key in ("guests", "friends", "pros"):
        await archive(scene, key)
    await scene.send(scene.identify("ada", plan="pro"))

    await unarchive(scene, "guests")

    assert dict.fromkeys(("guests", "friends", "pros"), "ready") == await states(scene)
    assert ["ada"] == await scene.members("guests")


async def test_what_an_archived_segment_asks_about_cannot_be_deleted(scene: Scene) -> None:
    await scene.segment("pros", PRO)
    await scene.segment("friends", {"in": "pros"})
    await archive(scene, "friends")

    async with scene.pool.acquire() as connection:
        with pytest.raises(Conflict, match=r"segment friends \(archived\)"):
            await segment_lifecycle.delete(connection, scene.workspace, "pros", now=scene.now)


async def test_whoever_asks_about_an_archived_segment_is_warned(scene: Scene) -> None:
    await scene.segment("pros", PRO)
    await archive(scene)

    document = {"name": "friends", "condition": {"in": "pros"}}
    async with scene.pool.acquire() as connection:
        saved = await definitions.save_segment(connection, scene.workspace, "friends", document, now=scene.now)

    assert [("warning", "The segment `pros` is archived.")] == [(one.level, one.problem) for one in saved.findings]
