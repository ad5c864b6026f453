"""Blocks, loadings and last looks come between the turns of intake, and find what was due for their person (3.09)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.deciding import Deciding
from activities.situations import Situations
from engine.entry import DEEPEST_CHAIN
from engine.moves import Ask
from intake.processor import Processor
from tests.intake.scene import START, Scene

HOUR = timedelta(hours=1)
FRESH: dict[str, Any] = {"performed": {"event": "seen", "within": "1h"}}
PRO: dict[str, Any] = {"attribute": "plan", "equals": "pro"}


async def look_for_the_last_time(scene: Scene) -> None:
    """Decide about what waits for its filters as its workflow does when the time is over."""
    retry = await scene.one("SELECT id FROM filter_retries")
    deciding = Deciding(scene.pool, Situations(), Processor())
    await ActivityEnvironment().run(deciding.next_move, Ask(journey=retry, turn=0, now=scene.now))


async def act(scene: Scene, **attributes: Any) -> None:
    """Change Ada, and let her buy something, as a block does."""
    async with scene.pool.acquire() as connection, connection.transaction():
        inputs = [scene.identify("ada", **attributes), scene.event("ada", "bought")]
        await Processor().process(connection, inputs, now=scene.now)


@pytest.mark.spec("4.10", "4.12")
@pytest.mark.parametrize(("minutes", "entries"), [(29, 1), (31, 0)])
async def test_a_match_by_time_while_an_event_waits_is_not_overtaken_by_the_last_look(
    scene: Scene, minutes: int, entries: int
) -> None:
    """Whoever has not been seen for an hour has lapsed, which the last look finds before intake does."""
    await scene.segment("lapsed", {"not_performed": {"event": "seen", "within": "1h"}})
    await scene.campaign("thanks", filters={"in": "lapsed"})
    await scene.send(scene.identify("ada"))
    scene.now = START + HOUR - timedelta(minutes=minutes)
    await scene.send(scene.event("ada", "bought"))
    scene.now += timedelta(minutes=32)

    await look_for_the_last_time(scene)
    await scene.intake.settle()

    assert [START + HOUR] * entries == await scene.entered("thanks")
    assert ["filters_never_matched"] * (1 - entries) == await scene.refused("thanks")


@pytest.mark.spec("1.14", "3.08", "3.09")
async def test_a_block_lets_nobody_in_by_a_membership_whose_time_is_over(scene: Scene) -> None:
    await scene.segment("fresh", FRESH)
    await scene.segment("pro", PRO)
    await scene.campaign("hello", trigger={"condition": {"all": [{"in": "fresh"}, {"in": "pro"}]}})
    await scene.campaign("thanks", filters={"in": "fresh"})
    await scene.send(scene.event("ada", "seen"))
    scene.now += timedelta(minutes=61)

    await act(scene, plan="pro")
    await scene.intake.settle()

    assert ([], []) == (await scene.entered("hello"), await scene.entered("thanks"))


@pytest.mark.spec("1.14", "3.09")
async def test_a_block_leaves_to_intake_what_was_due_after_an_input_that_waits(scene: Scene) -> None:
    """She was seen again before her hour was over, so she has been fresh all the time."""
    await scene.segment("fresh", FRESH)
    await scene.campaign("stale", trigger={"condition": {"not_in": "fresh"}})
    await scene.send(scene.event("ada", "seen"))
    scene.now += HOUR / 2
    await scene.wait(scene.event("ada", "seen"))
    scene.now += 0.75 * HOUR

    await act(scene, plan="pro")
    await scene.intake.settle()

    assert ([], ["ada"]) == (await scene.entered("stale"), await scene.members("fresh"))


@pytest.mark.spec("1.14", "3.09")
async def test_a_block_takes_nobody_out_who_stays_by_an_input_that_waits(scene: Scene) -> None:
    """The block touches the segment itself, at a time when only what waits keeps her in."""
    await scene.segment("fresh", {"any": [FRESH, {"attribute": "plan", "equals": "vip"}]})
    await scene.campaign("hello", trigger={"condition": {"in": "fresh"}}, frequency="every_match", workflow=["exit"])
    await scene.send(scene.event("ada", "seen"))
    scene.now += HOUR / 2
    await scene.wait(scene.event("ada", "seen"))
    scene.now += 0.75 * HOUR

    await act(scene, plan="free")
    await scene.intake.settle()

    assert ([START], ["ada"]) == (await scene.entered("hello"), await scene.members("fresh"))


@pytest.mark.spec("6.50")
async def test_what_comes_by_time_alone_is_no_part_of_the_chain_of_an_input(scene: Scene) -> None:
    await scene.segment("lapsed", {"not_performed": {"event": "bought", "within": "1d"}})
    await scene.campaign("win-back", trigger={"condition": {"in": "lapsed"}})
    await scene.send(scene.identify("bob"), scene.identify("ada"))
    scene.now += 23 * HOUR
    deep = scene.input("identify", who={"id": "ada"}, attributes={"x": 1}, depth=DEEPEST_CHAIN)
    scene.now += 2 * HOUR

    await scene.send(deep, scene.identify("bob", x=1))

    assert ([START + 24 * HOUR] * 2, []) == (await scene.entered("win-back"), await scene.refused("win-back"))


@pytest.mark.spec("6.50")
async def test_a_merge_is_no_part_of_the_chain_of_the_input_before_it(scene: Scene) -> None:
    await scene.segment("swiss", {"attribute": "city", "equals": "Bern"})
    await scene.send(scene.identify("old", city="Bern"), scene.identify("ada"), scene.identify("eve"))
    await scene.campaign("swiss", trigger={"condition": {"in": "swiss"}})

    await scene.send(
        scene.input("identify", who={"id": "eve"}, attributes={"x": 1}, depth=DEEPEST_CHAIN),
        scene.input("merge", primary={"id": "ada"}, secondary={"id": "old"}),
    )

    assert ([START], []) == (await scene.entered("swiss"), await scene.refused("swiss"))
