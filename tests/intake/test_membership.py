"""People who are put into manual segments and taken out by hand (behaviour 3.20-3.23)."""

from __future__ import annotations

from typing import Any

import pytest

from intake import segment_lifecycle
from storage.inbox import Input
from tests.intake.scene import Scene


@pytest.fixture
async def vips(scene: Scene) -> Scene:
    async with scene.pool.acquire() as connection:
        await segment_lifecycle.create_manual(connection, scene.workspace, {"name": "VIPs"}, now=scene.now)
    return scene


def members(scene: Scene, change: str, *ids: str, by: str = "id", segment: str = "vips") -> Input:
    return scene.input("members", segment=segment, change=change, by=by, ids=list(ids))


def clear(scene: Scene, segment: str = "vips") -> Input:
    return scene.input("members", segment=segment, change="clear")


@pytest.mark.spec("3.20", "3.21")
async def test_known_people_join_and_leave_and_nobody_is_made(vips: Scene) -> None:
    await vips.send(vips.identify("ada", email="Ada@Example.com"), vips.identify("bob"), vips.identify("cyd"))
    cio_id = await vips.one("SELECT cio_id FROM people WHERE external_id = 'bob'")

    await vips.send(members(vips, "add", "ada", "nobody", "cyd"), members(vips, "add", cio_id, by="cio_id"))
    joined = await vips.members("vips")
    await vips.send(members(vips, "remove", "ADA@example.com", "nobody@example.com", by="email"))

    assert (["ada", "bob", "cyd"], ["bob", "cyd"]) == (joined, await vips.members("vips"))
    assert 3 == len(await vips.people())


@pytest.mark.spec("3.23")
async def test_joining_triggers_a_campaign_and_joining_again_does_not(vips: Scene) -> None:
    await vips.campaign("welcome", trigger={"condition": {"in": "vips"}}, frequency="every_match")
    await vips.send(vips.identify("ada"))

    await vips.send(members(vips, "add", "ada"))
    await vips.send(members(vips, "add", "ada"), members(vips, "add", "ada"))

    assert 1 == len(await vips.entered("welcome"))


@pytest.mark.spec("3.23")
async def test_leaving_triggers_a_campaign_and_leaving_again_does_not(vips: Scene) -> None:
    await vips.send(vips.identify("ada"), members(vips, "add", "ada"))
    await vips.campaign("farewell", trigger={"condition": {"not_in": "vips"}}, frequency="every_match")

    await vips.send(members(vips, "remove", "ada"))
    await vips.send(members(vips, "remove", "ada"))

    assert 1 == len(await vips.entered("farewell"))


async def test_segments_that_ask_about_it_follow(vips: Scene) -> None:
    await vips.segment("rich-vips", {"all": [{"in": "vips"}, {"attribute": "plan", "equals": "pro"}]})
    await vips.send(vips.identify("ada", plan="pro"), vips.identify("bob"))

    await vips.send(members(vips, "add", "ada", "bob"))
    both = await vips.members("rich-vips")
    await vips.send(members(vips, "remove", "ada"))

    assert (["ada"], []) == (both, await vips.members("rich-vips"))


async def test_a_person_that_is_made_in_the_same_batch_can_be_added(vips: Scene) -> None:
    await vips.send(vips.identify("ada"), members(vips, "add", "ada"))

    assert ["ada"] == await vips.members("vips")


@pytest.mark.spec("3.01")
@pytest.mark.parametrize("segment", ["pros", "nowhere", "old"])
async def test_nobody_is_put_into_a_segment_that_is_not_open_to_it(vips: Scene, segment: str) -> None:
    await vips.segment("pros", {"attribute": "plan", "equals": "pro"})
    async with vips.pool.acquire() as connection:
        await segment_lifecycle.create_manual(connection, vips.workspace, {"name": "Old"}, now=vips.now)
        await segment_lifecycle.archive(connection, vips.workspace, "old", now=vips.now)

    await vips.send(vips.identify("ada"), members(vips, "add", "ada", segment=segment))

    assert 0 == await vips.one("SELECT count(*) FROM segment_members")
    [row] = await vips.rows("SELECT kind, reason FROM inbox_rejects")
    assert ("members", True) == (row["kind"], "manual segment" in row["reason"])


async def test_a_thousand_people_weigh_as_much_as_a_thousand_inputs(vips: Scene) -> None:
    """Else one transaction could hold two million people."""
    drawn: list[Any] = []
    process = vips.intake.processor.process

    async def watch(connection: Any, inputs: Any, **rest: Any) -> Any:
        drawn.append(len(inputs))
        return await process(connection, inputs, **rest)

    vips.intake.processor.process = watch  # type: ignore[method-assign]
    some = [f"p{number}" for number in range(1000)]
    await vips.send(*(members(vips, "add", *some) for _ in range(5)), vips.identify("ada"))

    assert [2, 2, 2] == [number for number in drawn if number]


@pytest.mark.spec("3.20")
async def test_clearing_takes_out_whoever_was_put_in_before_it_and_nobody_who_comes_after_it(vips: Scene) -> None:
    await vips.send(*map(vips.identify, ("ada", "bob", "cyd")), members(vips, "add", "bob"))

    await vips.send(
        members(vips, "add", "ada"), clear(vips), members(vips, "add", "cyd"), members(vips, "add", "other")
    )

    assert ["cyd"] == await vips.members("vips")


@pytest.mark.spec("3.20", "17.14")
async def test_clearing_takes_out_whom_a_merge_has_put_in_before_it(vips: Scene) -> None:
    await vips.send(vips.identify("ada"), vips.identify("old"), members(vips, "add", "old"))

    await vips.send(vips.input("merge", primary={"id": "ada"}, secondary={"id": "old"}), clear(vips))

    assert [] == await vips.members("vips")


@pytest.mark.spec("3.20", "3.23")
async def test_clearing_goes_on_a_page_at_a_time_before_anything_that_came_after_it(
    vips: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one transaction could hold a hundred thousand people."""
    monkeypatch.setattr("intake.membership.MOST_AT_ONCE", 2)
    names = [f"p{number}" for number in range(4)]
    await vips.send(*map(vips.identify, names), members(vips, "add", *names))
    await vips.campaign("farewell", trigger={"condition": {"not_in": "vips"}}, frequency="every_match")
    inside: list[list[str]] = []
    process = vips.intake.processor.process

    async def watch(connection: Any, inputs: Any, **rest: Any) -> Any:
        inside.append(await vips.members("vips"))
        return await process(connection, inputs, **rest)

    vips.intake.processor.process = watch  # type: ignore[method-assign]
    await vips.wait(vips.identify("p0", n=1), clear(vips), members(vips, "add", "p0"), clear(vips, "nowhere"))
    for _ in range(6):
        await vips.intake.apply()

    assert [names, names, ["p2", "p3"], [], [], ["p0"]] == inside
    assert ["p0"] == await vips.members("vips")
    assert 4 == len(await vips.entered("farewell"))
    assert 0 == await vips.one("SELECT count(*) FROM inbox_rejects")


async def test_clearing_a_segment_that_was_archived_meanwhile_is_put_aside(vips: Scene) -> None:
    await vips.send(vips.identify("ada"), members(vips, "add", "ada"))
    await vips.wait(clear(vips), vips.identify("ada", n=1))
    async with vips.pool.acquire() as connection:
        await segment_lifecycle.archive(connection, vips.workspace, "vips", now=vips.now)

    await vips.intake.settle()

    payloads = [row["payload"] for row in await vips.rows("SELECT payload FROM inbox_rejects")]
    assert [{"segment": "vips", "change": "clear"}] == payloads
    assert {"n": 1} == (await vips.people())[0][2]


@pytest.mark.parametrize(
    ("by", "named"), [("id", "ada"), ("email", "ADA@example.com"), ("cio_id", None)], ids=["id", "email", "cio_id"]
)
async def test_a_person_who_is_forgotten_is_not_named_by_what_was_put_aside(
    vips: Scene, by: str, named: str | None
) -> None:
    await vips.send(vips.identify("ada", email="ada@example.com"))
    named = named or await vips.one("SELECT cio_id FROM people")
    await vips.send(members(vips, "add", "other", named, by=by, segment="gone"))

    await vips.send(vips.about("delete", "ada"))

    assert [{}] == [row["payload"] for row in await vips.rows("SELECT payload FROM inbox_rejects")]
