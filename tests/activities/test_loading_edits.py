"""An edit of the trigger while current matches are let in lets nobody in who is not due by both (behaviour 15.32)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.activities.starting import FAST, PEOPLE, Started


async def edit(started: Started, trigger: Any) -> None:
    """Save the campaign with another trigger while its current matches are let in, and let in whoever is left."""
    scene = started.scene
    await scene.campaign("campaign", start=False, trigger={"condition": trigger})
    await scene.one("UPDATE campaigns SET load_rate = $1", FAST)
    assert "over" == (await started.load()).state


@pytest.mark.spec("15.32", "12.05")
async def test_after_an_edit_of_the_trigger_only_who_matches_it_before_and_after_is_let_in(started: Started) -> None:
    scene = started.scene
    await scene.segment("paid", {"attribute": "paid", "is_true": True})
    await scene.send(*[scene.identify(person, paid=True) for person in ("p0", "p3", "p5")])
    await started.start(rate=1)
    await started.page()

    await edit(started, {"in": "paid"})

    assert ["p0", "p3"] == await started.entered()  # p4 does not match any more; p5 would enter by the edit alone


@pytest.mark.spec("15.32", "12.08")
async def test_whoever_begins_to_match_the_edited_trigger_enters_while_others_are_let_in(started: Started) -> None:
    scene = started.scene
    await scene.segment("paid", {"attribute": "paid", "is_true": True})
    await started.start(rate=1)
    await started.page()
    await scene.campaign("campaign", start=False, trigger={"condition": {"in": "paid"}})

    scene.now += timedelta(seconds=1)
    await scene.send(scene.identify("p4", paid=True), scene.identify("p5", paid=True))
    await edit(started, {"in": "paid"})

    assert ["p0", "p4", "p5"] == await started.entered()


@pytest.mark.spec("15.32")
async def test_a_trigger_that_was_edited_back_lets_in_whoever_is_left(started: Started) -> None:
    await started.scene.segment("paid", {"attribute": "paid", "is_true": True})
    await started.start(rate=1)
    await started.page()
    await started.scene.campaign("campaign", start=False, trigger={"condition": {"in": "paid"}})

    await edit(started, {"in": "pro"})

    assert PEOPLE == await started.entered()


@pytest.mark.spec("15.32", "12.07")
async def test_the_cut_off_is_that_of_the_trigger_with_which_the_campaign_was_started(started: Started) -> None:
    scene = started.scene
    await scene.segment("paid", {"attribute": "paid", "is_true": True})
    await scene.send(scene.identify("p5", paid=True))
    scene.now += timedelta(hours=1)
    await scene.send(scene.identify("p4", paid=True), scene.identify("p5", plan="pro"))
    await started.start(since=scene.now)

    await edit(started, {"in": "paid"})

    assert ["p5"] == await started.entered()  # who began to be pro since then; p4 has been for long


@pytest.mark.spec("15.32", "3.05")
async def test_after_an_edit_it_waits_for_the_segment_with_which_the_campaign_was_started(started: Started) -> None:
    scene = started.scene
    await scene.segment("paid", {"attribute": "paid", "is_true": True})
    await scene.send(scene.identify("p0", paid=True), scene.identify("p5", paid=True))
    await started.start(trigger={"not_in": "pro"})
    await scene.campaign("campaign", start=False, trigger={"condition": {"in": "paid"}})
    await scene.segment("pro", {"attribute": "plan", "equals": "free"}, build=False)
    await started.page()
    assert [] == await started.entered()

    await scene.intake.settle()
    await started.load()

    assert ["p0"] == await started.entered()


@pytest.mark.spec("15.33")
async def test_a_restart_after_the_edit_lets_in_whoever_matches_the_new_trigger(started: Started) -> None:
    scene = started.scene
    await scene.segment("paid", {"attribute": "paid", "is_true": True})
    await scene.send(scene.identify("p5", paid=True))
    await started.start(rate=1)
    await scene.stop("campaign")
    scene.now += timedelta(minutes=1)

    await started.start(trigger={"in": "paid"})
    await started.load()

    assert ["p5"] == await started.entered()
