"""Whoever begins to match enters, whatever made them match and whatever else was in the batch (behaviour 1.2, 10.5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from intake import segment_lifecycle
from storage import inbox
from tests.intake.scene import START, Scene

PRO = {"attribute": "plan", "equals": "pro"}
PAID = {"attribute": "paid", "is_true": True}


def on(condition: Any, **rest: Any) -> dict[str, Any]:
    return {"trigger": {"condition": condition}, **rest}


async def who_entered(scene: Scene, key: str = "campaign") -> list[str]:
    query = """
        SELECT external_id FROM journeys
        JOIN people ON people.id = person_id JOIN campaigns ON campaigns.id = campaign_id
        WHERE campaigns.key = $1 ORDER BY journeys.id
    """
    return [row["external_id"] for row in await scene.rows(query, key)]


@pytest.fixture
async def pro(scene: Scene) -> Scene:
    """A scene with the segment `pro`, and Ada, who is not in it."""
    await scene.segment("pro", PRO)
    await scene.send(scene.identify("ada", plan="free"))
    return scene


@pytest.mark.spec("1.14")
@pytest.mark.parametrize("at_once", [True, False])
async def test_each_change_to_matching_is_an_entry_also_within_one_batch(pro: Scene, at_once: bool) -> None:
    await pro.campaign("campaign", **on({"in": "pro"}))
    changes = [pro.identify("ada", plan=plan) for plan in ("pro", "free", "pro", "team")]

    for items in [changes] if at_once else [[one] for one in changes]:
        await pro.send(*items)

    assert (["ada"], []) == (await who_entered(pro), await pro.members("pro"))


@pytest.mark.spec("1.16")
async def test_who_is_outside_already_has_to_join_and_leave(pro: Scene) -> None:
    await pro.campaign("campaign", **on({"not_in": "pro"}))
    await pro.send(pro.identify("ada", city="Paris"), pro.event("ada", "x"))
    assert [] == await who_entered(pro)
    await pro.send(pro.identify("ada", plan="pro"))
    assert [] == await who_entered(pro)

    await pro.send(pro.identify("ada", plan="free"))

    assert ["ada"] == await who_entered(pro)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"not_in": "pro"}, ["bob"]),
        ({"in": "pro"}, ["eve"]),
        ({"any": [{"in": "pro"}, {"not_in": "pro"}]}, ["bob", "eve"]),
    ],
)
async def test_somebody_new_begins_to_match_by_being_there(pro: Scene, condition: Any, expected: list[str]) -> None:
    await pro.campaign("campaign", **on(condition))

    await pro.send(
        pro.event("bob", "x"),
        pro.event("bob", "x"),
        pro.identify("bob", city="Rome"),
        pro.identify("eve", plan="pro"),
        pro.identify("eve", city="Oslo"),
    )

    assert expected == await who_entered(pro)


@pytest.mark.spec("3.16")
async def test_an_input_that_swaps_two_segments_matches_neither_in_between(scene: Scene) -> None:
    await scene.segment("pro", PRO)
    await scene.segment("free", {"attribute": "plan", "equals": "free"})
    await scene.campaign("both", **on({"all": [{"in": "pro"}, {"in": "free"}]}))
    await scene.campaign("neither", **on({"all": [{"not_in": "pro"}, {"not_in": "free"}]}))

    await scene.send(*[scene.identify("ada", plan=plan) for plan in ("pro", "free", "pro", "free")])

    assert ([], []) == (await who_entered(scene, "both"), await who_entered(scene, "neither"))


async def test_a_person_deleted_and_made_again_in_one_batch_enters_as_somebody_new(pro: Scene) -> None:
    await pro.campaign("campaign", **on({"in": "pro"}))
    await pro.send(pro.identify("ada", plan="pro"))

    await pro.send(pro.about("delete", "ada"), pro.identify("ada", plan="pro"), pro.about("delete", "ada"))
    await pro.send(pro.identify("ada", plan="pro"))

    persons = [row["person_id"] for row in await pro.rows("SELECT person_id FROM journeys ORDER BY id")]
    assert (3, 3) == (len(persons), len(set(persons)))
    assert ["ada"] == await pro.members("pro")


@pytest.mark.spec("3.32")
async def test_an_archived_segment_moves_nobody_and_a_return_lets_nobody_in(pro: Scene) -> None:
    async with pro.pool.acquire() as connection:
        await segment_lifecycle.archive(connection, pro.workspace, "pro", now=pro.now)
    await pro.send(pro.identify("ada", plan="pro"), pro.identify("bob", plan="pro"))
    assert [] == await pro.members("pro")
    async with pro.pool.acquire() as connection:
        await segment_lifecycle.unarchive(connection, pro.workspace, "pro", now=pro.now)
    await pro.campaign("campaign", **on({"in": "pro"}))

    await pro.intake.settle()

    assert (["ada", "bob"], []) == (await pro.members("pro"), await who_entered(pro))


@pytest.mark.spec("3.17")
async def test_who_is_found_by_a_build_enters_by_a_later_change_only(pro: Scene) -> None:
    await pro.campaign("campaign", **on({"in": "pro"}, frequency="every_match"))
    await pro.segment("pro", {"any": [PRO, {"attribute": "plan", "equals": "free"}]})
    assert (["ada"], []) == (await pro.members("pro"), await who_entered(pro))

    await pro.send(pro.identify("ada", plan="none"), pro.identify("ada", plan="free"))

    assert ["ada"] == await who_entered(pro)


@pytest.mark.spec("3.05")
@pytest.mark.usefixtures("slow_builds")
async def test_nobody_enters_by_a_segment_that_is_built_also_by_not_being_in_it(pro: Scene) -> None:
    await pro.send(pro.identify("bob", plan="pro"))
    await pro.campaign("campaign", **on({"not_in": "pro"}, frequency="every_match"))
    await pro.segment("pro", {"attribute": "plan", "one_of": ["pro", "free"]}, build=False)

    await pro.send(pro.identify("ada", plan="free"), pro.identify("bob", plan="team"))

    assert ["ada"] == await pro.members("pro")
    assert ["bob"] == await who_entered(pro)  # who left it meanwhile; she was in by its new condition all the time


@pytest.mark.spec("3.05", "3.17")
@pytest.mark.parametrize("looked_at", [0, 1, 2])
@pytest.mark.usefixtures("slow_builds")
async def test_who_begins_to_match_while_a_segment_is_built_enters_at_its_end(pro: Scene, looked_at: int) -> None:
    await pro.send(pro.identify("bob", plan="gold"))
    await pro.campaign("campaign", **on({"in": "pro"}))
    await pro.segment("pro", {"attribute": "plan", "one_of": ["pro", "gold"]}, build=False)
    for _ in range(looked_at):
        await pro.intake.work()
    async with pro.pool.acquire() as connection:
        changes = [pro.identify(who, plan="pro") for who in ("ada", "bob", "new")]
        await inbox.append(connection, [*changes, pro.identify("gone", plan="pro"), pro.identify("gone", plan="no")])

    await pro.intake.work()
    assert ("building", []) == (await pro.one("SELECT state FROM segments"), await who_entered(pro))
    await pro.intake.settle()

    # Bob was in by the new condition before he changed: he is found by the build, whoever was quicker.
    assert (["ada", "bob", "new"], ["ada", "new"]) == (await pro.members("pro"), await who_entered(pro))


@pytest.mark.spec("2.07")
async def test_who_is_inside_is_refused_once_per_match(pro: Scene) -> None:
    await pro.campaign("campaign", **on({"in": "pro"}, frequency="every_match"))
    for _ in range(3):
        await pro.send(pro.identify("ada", plan="pro"))
        await pro.send(pro.identify("ada", city=str(pro.now)), pro.identify("ada", plan="free"))
        await pro.advance(minutes=1)

    assert (["ada"], ["already_inside"] * 2) == (await who_entered(pro), await pro.refused("campaign"))


@pytest.mark.spec("2.02", "2.07")
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_journey_that_ends_where_it_begins_is_in_nobodys_way(pro: Scene, at_once: bool) -> None:
    await pro.segment("buyers", {"attribute": "orders", "at_least": 1})
    await pro.campaign("campaign", **on({"in": "pro"}, frequency="every_match", goal={"enters": "buyers"}, exit="goal"))
    await pro.send(pro.identify("ada", orders=1))
    changes = []
    for plan in ("pro", "free", "pro", "free", "pro"):
        changes.append(pro.identify("ada", plan=plan))
        pro.now += timedelta(milliseconds=1)

    for items in [changes] if at_once else [[one] for one in changes]:
        await pro.send(*items)

    assert ["exited"] * 3 == [row["state"] for row in await pro.rows("SELECT state FROM journeys")]
    assert [] == await pro.refused("campaign")


@pytest.mark.spec("2.07")
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("block", ["one", "two", "three"])
async def test_nobody_is_inside_twice_if_a_lot_says_whether_a_journey_ends_where_it_begins(
    pro: Scene, at_once: bool, block: str
) -> None:
    test = {"share": 50, "sending": "off"}
    message = {"email": {"id": block, "from": "a@x.example", "subject": "A", "body": "A", "ab_test": test}}
    await pro.campaign("campaign", **on({"in": "pro"}, frequency="every_match", workflow=[message]))
    changes = []
    for plan in ("pro", "free") * 16:
        changes.append(pro.identify("ada", plan=plan))
        pro.now += timedelta(milliseconds=1)

    for items in [changes] if at_once else [[one] for one in changes]:
        await pro.send(*items)

    *over, last = [row["state"] for row in await pro.rows("SELECT state FROM journeys ORDER BY id")]
    assert (["finished"] * len(over), "running") == (over, last)
    assert 16 == len(over) + 1 + len(await pro.refused("campaign"))


async def test_two_matches_at_the_very_same_instant_are_one(pro: Scene) -> None:
    await pro.segment("buyers", {"attribute": "orders", "at_least": 1})
    await pro.campaign("campaign", **on({"in": "pro"}, frequency="every_match", goal={"enters": "buyers"}, exit="goal"))
    await pro.send(pro.identify("ada", orders=1))

    await pro.send(*[pro.identify("ada", plan=plan) for plan in ("pro", "free", "pro")])

    assert (["ada"], ["already_inside"]) == (await who_entered(pro), await pro.refused("campaign"))
    assert [] == await pro.rows("SELECT FROM inbox_rejects")


async def test_whoever_a_stop_has_forced_out_is_not_inside_any_more_even_if_their_journey_has_not_heard(
    pro: Scene,
) -> None:
    await pro.campaign("campaign", **on({"in": "pro"}, frequency="every_match"))
    await pro.send(pro.identify("ada", plan="pro"))
    pro.now += timedelta(minutes=1)
    await pro.stop("campaign")
    pro.now += timedelta(minutes=1)
    await pro.campaign("campaign", **on({"in": "pro"}, frequency="every_match"))

    await pro.send(pro.identify("ada", plan="free"), pro.identify("ada", plan="pro"))

    assert ["ada", "ada"] == await who_entered(pro)


@pytest.mark.spec("1.17")
async def test_who_matches_but_for_the_filters_enters_and_it_is_known_since_when_they_do_not(pro: Scene) -> None:
    await pro.segment("paid", PAID)
    await pro.campaign("campaign", **on({"in": "pro"}, filters={"in": "paid"}))
    await pro.send(pro.identify("ada", plan="pro"), pro.identify("bob", plan="pro", paid=True))
    assert [START, None] == await unmatched(pro)
    await pro.advance(minutes=10)

    await pro.send(pro.identify("ada", paid=True), pro.identify("bob", paid=False))
    assert [None, START + timedelta(minutes=10)] == await unmatched(pro)
    await pro.advance(minutes=10)
    await pro.send(pro.identify("bob", plan="free"), pro.identify("ada", plan="free"), pro.identify("ada", plan="pro"))

    # Who stopped before goes on not matching since then; who is back within one batch never was away.
    assert [None, START + timedelta(minutes=10)] == await unmatched(pro)


@pytest.mark.spec("10.51", "10.53")
async def test_the_wait_in_which_they_stop_is_noted_only_if_the_journey_stands_in_one(pro: Scene) -> None:
    await pro.campaign("campaign", **on({"in": "pro"}, exit="stopped_matching"))
    await pro.send(pro.identify("ada", plan="pro"), pro.identify("bob", plan="pro"))
    await pro.one("UPDATE journeys SET due_at = NULL WHERE person_id = (SELECT max(id) FROM people)")  # at a message
    await pro.advance(minutes=10)

    await pro.send(pro.identify("ada", plan="free"), pro.identify("bob", plan="free"))

    waits = [row["unmatched_wait"] for row in await pro.rows("SELECT unmatched_wait FROM journeys ORDER BY id")]
    assert [timedelta(hours=1), None] == waits


@pytest.mark.spec("10.55")
@pytest.mark.parametrize(("grace", "told"), [("early_return", 1), ("at_end", 0), ("off", 0)])
async def test_who_comes_back_is_told_to_their_journey_if_it_may_resume(pro: Scene, grace: str, told: int) -> None:
    await pro.campaign("campaign", **on({"in": "pro"}, grace=grace, exit="stopped_matching"))
    await pro.send(pro.identify("ada", plan="pro"))
    await pro.send(pro.identify("ada", plan="free"))
    await pro.one("UPDATE journeys SET state = 'grace'")
    await pro.one("DELETE FROM outbox")

    await pro.send(pro.identify("ada", plan="pro"))

    assert told == await pro.one("SELECT count(*) FROM outbox WHERE kind = 'signal'")


@pytest.mark.spec("6.50")
async def test_a_match_at_the_end_of_a_long_chain_is_refused_as_a_loop(pro: Scene) -> None:
    await pro.segment("danced", {"performed": {"event": "dance"}})
    await pro.campaign("campaign", **on({"in": "danced"}))

    await pro.send(pro.event("ada", "dance", depth=10), pro.event("bob", "dance", depth=9))

    assert (["bob"], ["loop"]) == (await who_entered(pro), await pro.refused("campaign"))


@pytest.mark.spec("1.14")
async def test_time_lets_people_enter_at_the_instant_it_was_due(scene: Scene) -> None:
    await scene.segment("lapsed", {"not_performed": {"event": "login", "within": "7d"}})
    await scene.campaign("campaign", **on({"in": "lapsed"}))
    await scene.send(scene.identify("ada"), scene.event("bob", "login"))

    scene.now = START + timedelta(days=7, minutes=3)
    await scene.intake.settle()

    assert ["ada", "bob"] == sorted(await who_entered(scene))
    assert [START + timedelta(days=7)] * 2 == await scene.entered("campaign")


async def test_a_merge_lets_in_who_matches_only_as_one(scene: Scene) -> None:
    await scene.segment("pro", PRO)
    await scene.segment("paid", PAID)
    await scene.campaign("campaign", **on({"all": [{"in": "pro"}, {"in": "paid"}]}))
    await scene.send(scene.identify("ada", plan="pro"), scene.identify("bob", paid=True))
    assert [] == await who_entered(scene)

    await scene.send(scene.input("merge", primary={"id": "ada"}, secondary={"id": "bob"}))

    assert ["ada"] == await who_entered(scene)


async def test_a_match_is_seen_by_campaigns_that_are_started_and_by_no_others(pro: Scene) -> None:
    await pro.campaign("draft", start=False, **on({"in": "pro"}))
    await pro.campaign("stopped", **on({"in": "pro"}))
    await pro.stop("stopped")
    await pro.campaign("campaign", **on({"in": "pro"}))

    await pro.send(pro.identify("ada", plan="pro"))

    assert [[], [], ["ada"]] == [await who_entered(pro, key) for key in ("draft", "stopped", "campaign")]


async def unmatched(scene: Scene) -> list[Any]:
    return [row["unmatched_at"] for row in await scene.rows("SELECT unmatched_at FROM journeys ORDER BY id")]
