"""Everybody is counted for every question exactly once, whenever the question was asked first (behaviour 3.06-3.12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage import inbox
from tests.intake.scene import START, Scene


def often(count: int, **rest: Any) -> dict[str, Any]:
    return {"performed": {"event": "login", "at_least": count, **rest}}


async def tallies(scene: Scene) -> list[int]:
    return [row["total"] for row in await scene.rows("SELECT total FROM tallies ORDER BY person_id, question_id")]


def seconds(scene: Scene, **offset: float) -> int:
    return int((scene.now + timedelta(**offset)).timestamp())


@pytest.mark.spec("3.06")
async def test_events_from_before_the_question_and_after_it_count_once_each(scene: Scene) -> None:
    await scene.send(*[scene.event("ada", "login") for _ in range(2)], scene.event("bob", "login"))
    await scene.segment("keen", often(3))
    assert [] == await scene.members("keen")

    await scene.send(scene.event("ada", "login"), scene.event("bob", "login"), scene.event("new", "login"))

    assert ["ada"] == await scene.members("keen")
    assert [3, 2, 1] == await tallies(scene)


async def test_somebody_new_is_counted_for_all_events_of_their_first_batch(scene: Scene) -> None:
    await scene.segment("keen", often(3))
    await scene.send(*[scene.event("ada", "login") for _ in range(3)])

    assert (["ada"], [3]) == (await scene.members("keen"), await tallies(scene))
    await scene.send(scene.event("ada", "login"))
    assert [4] == await tallies(scene)


async def test_a_question_that_was_dropped_and_is_asked_again_counts_from_the_beginning(scene: Scene) -> None:
    await scene.segment("keen", often(2))
    await scene.send(scene.event("ada", "login"), scene.event("bob", "login"))
    await scene.segment("keen", {"attribute": "plan", "equals": "pro"})
    assert [] == await tallies(scene)
    await scene.send(scene.event("ada", "login"), scene.event("new", "login"))

    await scene.segment("keen", often(2))
    assert ["ada"] == await scene.members("keen")
    await scene.send(*[scene.event(who, "login") for who in ("ada", "bob", "new")])

    assert (["ada", "bob", "new"], [3, 2, 2]) == (await scene.members("keen"), await tallies(scene))


async def test_a_second_question_is_counted_for_who_was_counted_for_the_first(scene: Scene) -> None:
    await scene.segment("keen", often(3))
    await scene.send(scene.event("ada", "login"), scene.event("ada", "buy"))
    await scene.segment("buyers", {"performed": {"event": "buy", "at_least": 2}})

    await scene.send(scene.event("ada", "buy"))

    assert (["ada"], [1, 2]) == (await scene.members("buyers"), await tallies(scene))


async def test_who_is_met_while_a_segment_is_built_is_counted_as_everybody_else(scene: Scene) -> None:
    await scene.send(*[scene.event(who, "login") for who in ("ada", "bob")])
    await scene.segment("keen", often(2), build=False)
    async with scene.pool.acquire() as connection:
        await inbox.append(connection, [scene.event("ada", "login"), scene.event("ada", "login")])
    await scene.intake.settle()

    assert (["ada"], [3]) == (await scene.members("keen"), await tallies(scene))


@pytest.mark.spec("1.39")
@pytest.mark.parametrize("asked_first", [True, False])
async def test_an_event_from_the_future_counts_when_its_time_has_come(scene: Scene, asked_first: bool) -> None:
    ahead = scene.event("ada", "login", timestamp=seconds(scene, hours=2))
    if asked_first:
        await scene.segment("keen", often(1, within="1h"))
        await scene.segment("ever", often(1))
    await scene.send(ahead)
    if not asked_first:
        await scene.segment("keen", often(1, within="1h"))
        await scene.segment("ever", often(1))
    seen = []
    for _ in range(8):
        seen.append((await scene.members("keen"), await scene.members("ever")))
        await scene.advance(minutes=30)

    assert [([], [])] * 4 + [(["ada"], ["ada"])] * 2 + [([], ["ada"])] * 2 == seen
    assert 0 == await scene.one("SELECT count(*) FROM segment_rechecks")


@pytest.mark.spec("3.08", "3.09")
async def test_membership_lasts_from_the_event_until_the_window_has_moved_on(scene: Scene) -> None:
    await scene.segment("active", often(2, within="7d"))
    await scene.send(scene.event("ada", "login"))
    await scene.advance(days=3)
    await scene.send(scene.event("ada", "login"))
    assert ["ada"] == await scene.members("active")

    scene.now = START + timedelta(days=7) - timedelta(microseconds=1)
    await scene.intake.settle()
    assert ["ada"] == await scene.members("active")
    scene.now = START + timedelta(days=7)
    await scene.intake.settle()

    assert [] == await scene.members("active")


@pytest.mark.spec("3.10", "3.11")
async def test_who_never_did_it_joins_once_they_are_known_long_enough(scene: Scene) -> None:
    await scene.segment("lapsed", {"not_performed": {"event": "login", "within": "30d"}})
    await scene.send(scene.identify("ada"))
    await scene.advance(days=29)
    assert [] == await scene.members("lapsed")
    await scene.advance(days=1)
    assert ["ada"] == await scene.members("lapsed")
    await scene.send(scene.event("ada", "login"))
    assert [] == await scene.members("lapsed")
    await scene.advance(days=30)
    assert ["ada"] == await scene.members("lapsed")


@pytest.mark.spec("3.10")
async def test_who_turns_out_to_be_known_for_longer_joins_at_once(scene: Scene) -> None:
    await scene.segment("lapsed", {"not_performed": {"event": "login", "within": "30d"}})
    await scene.send(scene.identify("ada"), scene.identify("bob"), scene.identify("eve"))

    await scene.send(
        scene.identify("ada", created_at=seconds(scene, days=-40)),
        scene.event("bob", "signup", timestamp=seconds(scene, days=-40)),
        scene.event("eve", "login", timestamp=seconds(scene, days=-40)),
    )

    assert ["ada", "bob", "eve"] == await scene.members("lapsed")
    await scene.send(scene.identify("ada", created_at=None))
    assert ["bob", "eve"] == await scene.members("lapsed")


@pytest.mark.spec("3.07")
async def test_pages_are_counted_by_a_part_of_their_address(scene: Scene) -> None:
    await scene.segment("interested", {"performed": {"page": {"contains": "/pri%_ing"}, "at_least": 2}})
    addresses = ("https://x/pri%_ing", "https://x/pri%_ing?a=1", "https://x/pricing")
    for who, some in (("ada", addresses[:2]), ("bob", addresses[1:])):
        await scene.send(*[scene.event(who, address, type="page") for address in some])

    assert ["ada"] == await scene.members("interested")


@pytest.mark.spec("3.06")
async def test_filters_on_data_count_the_same_before_and_after_the_question(scene: Scene) -> None:
    where = [{"path": "items[].price", "greater_than": 10}]
    data: tuple[Any, ...] = ({"items": [{"price": 5}, {"price": 20}]}, {"items": [{"price": 5}]}, {"items": "20"}, {})
    await scene.send(*[scene.event("ada", "login", data=one) for one in data])
    await scene.segment("rich", often(2, where=where))
    await scene.send(*[scene.event(who, "login", data=one) for who in ("ada", "bob") for one in data])

    assert (["ada"], [2, 1]) == (await scene.members("rich"), await tallies(scene))


async def test_many_events_in_a_window_are_one_row(scene: Scene) -> None:
    await scene.segment("keen", often(3, within="90d"))
    await scene.send(*[scene.event("ada", "login") for _ in range(300)])

    row = (await scene.rows("SELECT total, cardinality(newest) AS kept FROM tallies"))[0]
    assert (300, 3) == tuple(row)
    assert 1 == await scene.one("SELECT count(*) FROM segment_rechecks")


async def test_a_person_deleted_and_made_again_in_one_batch_begins_at_nothing(scene: Scene) -> None:
    await scene.segment("keen", often(2))
    await scene.send(scene.event("ada", "login"), scene.event("ada", "login"))

    await scene.send(scene.event("ada", "login"), scene.about("delete", "ada"), scene.event("ada", "login"))

    assert ([], [1]) == (await scene.members("keen"), await tallies(scene))


async def test_looks_at_memberships_end(scene: Scene) -> None:
    """Whatever a condition says, a look leaves no look that is due already: intake would never come to rest."""
    exactly = {"performed": {"event": "login", "exactly": 1, "within": "1m"}}
    lapsed = {"not_performed": {"event": "login", "within": "1m"}}
    await scene.segment("mixed", {"any": [{"all": [exactly, {"not_in": "late"}]}, lapsed]})
    await scene.segment("late", {"performed": {"event": "login", "at_most": 1, "within": "2m"}})
    await scene.send(
        *[scene.event("ada", "login", timestamp=seconds(scene, seconds=offset)) for offset in range(-150, 150, 25)]
    )

    for _ in range(40):
        scene.now += timedelta(seconds=11, microseconds=1)
        for _ in range(5):
            if not await scene.intake.work():
                break
        else:
            raise AssertionError("intake does not come to rest")

    assert (["ada"], ["ada"]) == (await scene.members("mixed"), await scene.members("late"))
