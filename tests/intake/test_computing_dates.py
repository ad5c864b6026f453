"""While the dates of all are computed, or that was broken off, nothing of before holds anybody up (behaviour 15.34)."""

from __future__ import annotations

import pytest

from intake import dating
from tests.intake.scene import Scene
from tests.intake.test_dating import TODAY, at, birthday, fires


@pytest.mark.spec("15.34")
async def test_a_date_of_before_an_edit_does_not_come_while_everybodys_dates_are_computed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time is over before the page comes to the person, whose new time lies before it."""
    monkeypatch.setattr(dating, "_PAGE", 1)
    await scene.send(*[scene.identify(f"p{n}", birthday=TODAY) for n in range(3)])
    await scene.campaign("birthday", **birthday("15:00"))
    await scene.intake.settle()
    scene.now = at(14, 58)
    await scene.campaign("birthday", start=False, **birthday("14:59"))
    await scene.intake.work()  # the first of them

    scene.now = at(15, 1)
    await scene.intake.settle()

    assert [at(14, 59)] * 3 == await scene.entered("birthday")
    assert [2027] * 3 == [when.year for when, _ in await fires(scene)]


async def break_off(scene: Scene) -> None:
    """Stop a date campaign after an edit of its time, before anybody's date was computed anew."""
    await scene.campaign("birthday", **birthday("15:00"))
    await scene.send(scene.identify("ada", birthday=TODAY))
    scene.now = at(13)
    await scene.campaign("birthday", start=False, **birthday("16:00"))
    await scene.stop("birthday")
    await scene.intake.settle()


@pytest.mark.spec("1.71", "13.10")
async def test_intake_comes_to_rest_after_a_stop_that_broke_off_the_computing_of_dates(scene: Scene) -> None:
    await break_off(scene)
    scene.now = at(15, 1)
    await scene.intake.settle()

    due = await scene.intake.next_due()
    assert due is None or due > scene.now  # otherwise intake asks again and again without a pause


@pytest.mark.spec("2.04")
async def test_an_interval_comes_after_a_stop_that_broke_off_the_computing_of_dates(scene: Scene) -> None:
    """The rows of re-entries are only asked for if no date is found to be due."""
    await scene.segment("pro", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("daily", trigger={"condition": {"in": "pro"}}, frequency={"every": "1h"}, workflow=["exit"])
    scene.now = at(12)
    await scene.send(scene.identify("bob", plan="pro"))
    await break_off(scene)
    before = len(await scene.entered("daily"))
    scene.now = at(20)
    await scene.intake.settle()

    assert len(await scene.entered("daily")) > before


@pytest.mark.spec("2.04")
async def test_an_interval_does_not_wait_until_everybodys_dates_are_computed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dating, "_PAGE", 1)
    await scene.segment("pro", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("daily", trigger={"condition": {"in": "pro"}}, frequency={"every": "3h"}, workflow=["exit"])
    await scene.send(scene.identify("bob", plan="pro"))
    await scene.send(*[scene.identify(f"p{n}", birthday=TODAY) for n in range(5)])
    await scene.campaign("birthday", **birthday("15:00"))
    await scene.intake.settle()
    scene.now = at(14, 59)
    await scene.campaign("birthday", start=False, **birthday("16:00"))
    scene.now = at(15)
    await scene.intake.work()
    await scene.intake.work()

    assert 2 == len(await scene.entered("daily"))
