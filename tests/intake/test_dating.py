"""Dates are rows: right after every change of person or campaign, and each date fires once (behaviour 1.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from intake import dating
from intake.last_look import last_look
from intake.processor import Processor
from storage import whys
from storage.whys import Scheduled
from tests.intake.scene import START, Scene

TODAY = START.date().isoformat()  # a Sunday, 12:00


def birthday(at: str = "15:00", **rest: Any) -> dict[str, Any]:
    return {"trigger": {"date": "birthday", "every": "year", "at": at, "timezone": "UTC", **rest}}


async def fires(scene: Scene) -> list[tuple[datetime, str]]:
    """Return when each person's next date comes, and which it is."""
    rows = await scene.rows("SELECT fire_at, date::text FROM date_fires ORDER BY person_id, campaign_id")
    return [(row["fire_at"], row["date"]) for row in rows]


def at(hour: int, minute: int = 0, *, day: int = 1) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.spec("1.67")
async def test_a_date_set_to_today_fires_today_if_its_time_is_yet_to_come(scene: Scene) -> None:
    await scene.campaign("birthday", **birthday())
    await scene.send(scene.identify("ada", birthday=f"1990-{TODAY[5:]}"))
    scene.now = at(15)
    await scene.send(scene.identify("bob", birthday=TODAY))

    assert [at(15)] == await scene.entered("birthday")
    assert [2027, 2027] == [when.year for when, _ in await fires(scene)]


@pytest.mark.spec("1.68")
async def test_the_row_follows_the_attribute_and_the_zone(scene: Scene) -> None:
    trigger = {
        "date": "birthday",
        "every": "year",
        "at": "15:00",
        "timezone": "person",
        "fallback_timezone": "UTC",
    }
    await scene.campaign("birthday", trigger=trigger)
    seen: list[datetime | None] = []
    for change in (
        {"birthday": "1990-03-05"},
        {"birthday": "1990-03-06"},
        {"timezone": "Asia/Tokyo"},
        {"timezone": "Asia/Nowhere"},
        {"city": "Paris"},
        {"birthday": "soon"},
        {"birthday": 0},
        {"birthday": None},
    ):
        await scene.send(scene.identify("ada", **change))
        seen += [when for when, _ in await fires(scene)] or [None]

    assert [
        at(15, day=5),
        at(15, day=6),
        at(6, day=6),
        at(15, day=6),
        at(15, day=6),
        None,
        datetime(2027, 1, 1, 15, tzinfo=UTC),
        None,
    ] == seen
    await scene.advance(days=400)
    assert [] == await scene.entered("birthday")


@pytest.mark.spec("1.69")
async def test_a_date_that_fired_does_not_fire_again_when_it_goes_away_and_comes_back(scene: Scene) -> None:
    await scene.campaign("birthday", **birthday("12:30"))
    await scene.send(scene.identify("ada", birthday=TODAY))
    await scene.advance(hours=1)
    await scene.campaign("birthday", start=False, **birthday("18:00"))

    await scene.send(scene.identify("ada", birthday="2026-03-09"), scene.identify("ada", birthday=TODAY))
    await scene.advance(days=1)

    assert [at(12, 30)] == await scene.entered("birthday")
    assert [] == await scene.refused("birthday")


@pytest.mark.spec("1.71")
async def test_a_campaign_that_starts_after_the_time_leaves_today_out(scene: Scene) -> None:
    await scene.send(scene.identify("ada", birthday=TODAY))
    scene.now = at(15)
    await scene.campaign("birthday", **birthday())
    await scene.intake.settle()

    assert [(datetime(2027, 3, 1, 15, tzinfo=UTC), "2027-03-01")] == await fires(scene)


@pytest.mark.spec("1.71")
@pytest.mark.parametrize("kind", ["known", "in the inbox"])
async def test_a_time_that_passed_before_the_start_is_not_made_up_for_however_late_it_is_noticed(
    scene: Scene, kind: str
) -> None:
    await scene.campaign("birthday", **birthday())
    said = scene.identify("ada", birthday=TODAY)
    if kind == "known":
        await scene.send(said)
    scene.now = at(14, 59)
    await scene.stop("birthday")
    scene.now = at(15, 1)  # nobody has looked since
    await scene.campaign("birthday", **birthday())

    await scene.send(*([] if kind == "known" else [said]))
    await scene.advance(days=2)

    assert [] == await scene.entered("birthday")


@pytest.mark.spec("15.34")
async def test_another_time_of_day_moves_everybody_and_makes_up_for_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dating, "_PAGE", 2)
    await scene.send(*[scene.identify(f"p{n}", birthday=TODAY) for n in range(5)])
    await scene.campaign("birthday", **birthday("15:00"))
    await scene.intake.settle()
    assert [at(15)] * 5 == [when for when, _ in await fires(scene)]

    await scene.campaign("birthday", start=False, **birthday("16:00"))
    await scene.intake.settle()
    assert [at(16)] * 5 == [when for when, _ in await fires(scene)]
    await scene.campaign("birthday", start=False, **birthday("11:00"))
    await scene.intake.settle()

    assert [2027] * 5 == [when.year for when, _ in await fires(scene)]


@pytest.mark.spec("1.68")
async def test_people_who_change_between_two_pages_are_right_in_the_end(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dating, "_PAGE", 2)
    await scene.send(*[scene.identify(f"p{n}", birthday="2026-03-05") for n in range(5)])
    await scene.campaign("birthday", **birthday())
    await scene.intake.work()  # the first two
    assert 2 == len(await fires(scene))

    await scene.send(
        scene.identify("p0", birthday="2026-03-06"),
        scene.identify("p4", birthday="2026-03-07"),
        scene.about("delete", "p2"),
        scene.identify("new", birthday="2026-03-08"),
    )

    assert [6, 5, 5, 7, 8] == [when.day for when, _ in await fires(scene)]


async def test_a_campaign_that_stops_while_dates_are_computed_ends_the_computing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dating, "_PAGE", 2)
    await scene.send(*[scene.identify(f"p{n}", birthday=TODAY) for n in range(5)])
    await scene.campaign("birthday", **birthday())
    await scene.intake.work()
    await scene.stop("birthday")
    await scene.intake.settle()
    assert await scene.one("SELECT dates_cursor FROM campaigns") is None
    await scene.advance(hours=4)
    assert ([], []) == (await scene.entered("birthday"), await fires(scene))

    await scene.campaign("birthday", **birthday("18:00"))
    await scene.intake.settle()
    await scene.advance(hours=4)

    assert [at(18)] * 5 == await scene.entered("birthday")


async def test_a_page_that_is_behind_a_date_that_fired_already_lets_nobody_in_twice(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dating, "_PAGE", 1)
    await scene.send(*[scene.identify(f"p{n}") for n in range(3)])
    scene.now = at(14, 59)
    await scene.campaign("birthday", **birthday())
    await scene.send(scene.identify("p2", birthday=TODAY))
    await scene.one("UPDATE campaigns SET dates_cursor = 0")
    await scene.advance(minutes=5)
    await scene.one("UPDATE campaigns SET dates_cursor = 0")

    await scene.intake.settle()

    assert ([at(15)], []) == (await scene.entered("birthday"), await scene.refused("birthday"))
    assert [2027] == [when.year for when, _ in await fires(scene)]


@pytest.mark.spec("1.67")
@pytest.mark.parametrize("every", ["once", "year"])
@pytest.mark.parametrize("is_known", [False, True])
async def test_a_date_set_after_its_time_does_not_fire_while_dates_are_computed(
    scene: Scene, every: str, is_known: bool
) -> None:
    if is_known:
        await scene.send(scene.identify("ada"))
    scene.now = at(14, 59)
    await scene.campaign("birthday", **birthday(every=every))
    scene.now = at(15, 1)

    await scene.send(scene.identify("ada", birthday=TODAY))

    assert [] == await scene.entered("birthday")
    assert ([2027] if every == "year" else []) == [when.year for when, _ in await fires(scene)]


@pytest.mark.spec("1.67", "15.34")
async def test_a_date_set_after_its_time_does_not_fire_while_dates_are_computed_anew(scene: Scene) -> None:
    await scene.campaign("birthday", **birthday("20:00"))
    await scene.send(scene.identify("ada", birthday="1990-07-07"))
    scene.now = at(14, 59)
    await scene.campaign("birthday", start=False, **birthday("15:00"))
    scene.now = at(15, 1)

    await scene.send(scene.identify("ada", birthday=TODAY))
    await scene.advance(days=1)

    assert [] == await scene.entered("birthday")


async def test_a_date_that_is_over_is_shown_to_nobody_until_the_computation_has_passed_it(scene: Scene) -> None:
    scene.now = at(14, 59)
    await scene.campaign("birthday", **birthday(every="once"))
    scene.now = at(15, 1)
    await scene.wait(scene.identify("ada", birthday=TODAY))
    await scene.intake.apply()

    [row] = await scene.rows("SELECT campaigns.id AS campaign, people.id AS person FROM campaigns, people")
    async with scene.pool.acquire() as connection:
        assert Scheduled() == await whys.scheduled(connection, row["campaign"], row["person"])
    assert await scene.intake.next_due() is None
    await scene.intake.settle()
    assert [] == await fires(scene)


@pytest.mark.spec("15.34")
async def test_an_edit_while_dates_are_computed_begins_that_anew(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What inputs have found by the settings of before, as that there is no date, does not stand in its way."""
    monkeypatch.setattr(dating, "_PAGE", 1)
    await scene.send(*[scene.identify(f"p{n}") for n in range(3)])
    scene.now = at(14, 59)
    await scene.campaign("birthday", **birthday(every="once"))
    scene.now = at(15, 1)
    await scene.wait(*[scene.identify(f"p{n}", birthday=TODAY) for n in (0, 2)])
    await scene.intake.work()
    scene.now = at(15, 2)
    await scene.campaign("birthday", start=False, **birthday("16:00", every="once"))
    await scene.advance(hours=3)

    assert ([at(16)] * 2, []) == (await scene.entered("birthday"), await fires(scene))


@pytest.mark.spec("1.69", "1.72")
async def test_a_date_that_waits_for_its_filters_does_not_wait_twice(scene: Scene) -> None:
    """The time of day moves on by ten minutes while the date of the old time still waits."""
    await scene.segment("pro", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("birthday", filters={"in": "pro"}, **birthday("12:10"))
    await scene.send(scene.identify("ada", birthday=TODAY))
    await scene.advance(minutes=12)
    await scene.campaign("birthday", start=False, filters={"in": "pro"}, **birthday("12:20"))
    await scene.advance(minutes=10)
    assert 1 == await scene.one("SELECT count(*) FROM filter_retries")

    await scene.send(scene.identify("ada", plan="pro"))

    assert ([scene.now], 0) == (
        await scene.entered("birthday"),
        await scene.one("SELECT count(*) FROM filter_retries"),
    )


@pytest.mark.spec("1.69", "1.72")
async def test_a_date_whose_filters_never_matched_is_over_for_good(scene: Scene) -> None:
    """Its workflow has ended, and no second one can begin under the same name: a journey would stand still for ever."""
    await scene.segment("pro", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("birthday", filters={"in": "pro"}, **birthday("12:10"))
    await scene.send(scene.identify("ada", birthday=TODAY))
    await scene.advance(minutes=45)
    retry = await scene.one("SELECT id FROM filter_retries")
    async with scene.pool.acquire() as connection, connection.transaction():
        await last_look(connection, Processor(), retry, now=scene.now)
    assert ["filters_never_matched"] == await scene.refused("birthday")

    await scene.campaign("birthday", start=False, filters={"in": "pro"}, **birthday("18:00"))
    await scene.send(scene.identify("ada", plan="pro"))
    await scene.advance(hours=8)

    assert [] == await scene.entered("birthday")
    assert [2027] == [when.year for when, _ in await fires(scene)]


@pytest.mark.spec("1.70")
async def test_once_fires_again_on_another_date(scene: Scene) -> None:
    await scene.campaign("trial", trigger={"date": "ends", "every": "once", "at": "09:00", "timezone": "UTC"})
    await scene.send(scene.identify("ada", ends="2026-03-02"))
    await scene.advance(days=2)
    await scene.send(scene.identify("ada", ends="2026-03-05"))
    await scene.advance(days=10)

    assert [at(9, day=2), at(9, day=5)] == await scene.entered("trial")
    assert [] == await fires(scene)


async def test_a_person_deleted_and_made_again_in_one_batch_has_their_own_date(scene: Scene) -> None:
    await scene.campaign("birthday", **birthday())
    await scene.send(scene.identify("ada", birthday="2026-03-05"))

    await scene.send(scene.about("delete", "ada"), scene.identify("ada", birthday="2026-03-06"))

    assert [(at(15, day=6), "2026-03-06")] == await fires(scene)
    assert 1 == await scene.one("SELECT count(*) FROM date_fires")


async def test_dates_that_were_due_for_days_are_over_in_one_go(scene: Scene) -> None:
    """The monthly date of two months ago fires, that of last month as well, and intake comes to rest."""
    await scene.campaign("rent", trigger={"date": "moved_in", "every": "month", "at": "09:00", "timezone": "UTC"})
    await scene.send(scene.identify("ada", moved_in="2020-01-31"))
    scene.now = START + timedelta(days=75)

    await scene.intake.settle()

    assert [(3, 31), (4, 30)] == [(at.month, at.day) for at in await scene.entered("rent")]
    assert [datetime(2026, 5, 31, 9, tzinfo=UTC)] == [when for when, _ in await fires(scene)]
