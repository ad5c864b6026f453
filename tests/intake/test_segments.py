"""Segments follow the data, and all that one input changes is seen together (behaviour 3.03-3.17)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.intake.scene import START, Scene

PRO = {"attribute": "plan", "equals": "pro"}
ADULT = {"attribute": "age", "at_least": 18}


@pytest.mark.spec("3.01")
async def test_people_join_and_leave_as_they_start_and_stop_matching(scene: Scene) -> None:
    await scene.segment("vip", PRO)

    await scene.send(scene.identify("ada", plan="pro"), scene.identify("bob", plan="basic"))
    assert ["ada"] == await scene.members("vip")
    await scene.send(scene.identify("ada", plan="basic"), scene.identify("bob", plan="pro"))
    assert ["bob"] == await scene.members("vip")
    await scene.send(scene.identify("bob", plan=None))
    assert [] == await scene.members("vip")


async def test_a_membership_that_ends_and_begins_in_one_batch_is_still_the_same(scene: Scene) -> None:
    await scene.segment("vip", PRO)
    await scene.send(scene.identify("ada", plan="pro"))
    since = await scene.one("SELECT since FROM segment_members")
    await scene.advance(hours=1)

    await scene.send(scene.identify("ada", plan="basic"), scene.identify("ada", plan="pro"))

    assert since == await scene.one("SELECT since FROM segment_members")


@pytest.mark.spec("3.03")
async def test_conditions_nest_and_hold_at_the_same_time(scene: Scene) -> None:
    await scene.segment("both", {"all": [ADULT, {"any": [PRO, {"attribute": "plan", "equals": "team"}]}]})

    for who, plan, age in [("ada", "pro", 20), ("bob", "pro", 10), ("eve", "team", 18), ("joe", "free", 30)]:
        await scene.send(scene.identify(who, plan=plan), scene.identify(who, age=age))

    assert ["ada", "eve"] == await scene.members("both")


async def test_conditions_read_id_and_email(scene: Scene) -> None:
    await scene.segment("ours", {"attribute": "email", "ends_with": "@shop.example"})
    await scene.segment("tests", {"attribute": "id", "starts_with": "test-"})

    await scene.send(scene.identify({"email": "a@shop.example"}), scene.identify("test-1"), scene.event("test-2", "x"))
    await scene.send(scene.identify("ada", email="a@shop.example"))

    assert ["ada"] == await scene.members("ours")
    assert ["test-1", "test-2"] == await scene.members("tests")


@pytest.mark.spec("3.15")
async def test_a_segment_of_segments_follows_before_campaigns_are_asked(scene: Scene) -> None:
    await scene.segment("adults", ADULT)
    await scene.segment("vip", PRO)
    await scene.segment("adult-vip", {"all": [{"in": "vip"}, {"in": "adults"}]})
    await scene.segment("others", {"not_in": "adult-vip"})
    await scene.campaign("inside", filters={"in": "adult-vip"})
    await scene.campaign("outside", filters={"in": "others"})

    await scene.send(scene.identify("ada", plan="pro", age=20), scene.event("ada", "bought"))
    await scene.send(scene.identify("ada", age=10), scene.event("ada", "bought"))

    assert ([], ["ada"]) == (await scene.members("adult-vip"), await scene.members("others"))
    assert ["e2"] == [row["occurrence"] for row in await scene.rows(JOURNEYS_OF, "inside")]
    # The first event waited for its filters, so the second change lets both in.
    assert ["e2", "e4"] == [row["occurrence"] for row in await scene.rows(JOURNEYS_OF, "outside")]


JOURNEYS_OF = (
    "SELECT occurrence FROM journeys JOIN campaigns ON campaigns.id = campaign_id WHERE key = $1 ORDER BY journeys.id"
)


@pytest.mark.spec("3.16")
async def test_two_memberships_changed_by_one_input_are_never_seen_apart(scene: Scene) -> None:
    """One of the two campaigns could only be entered by somebody seen between the two changes."""
    await scene.segment("pro", PRO)
    await scene.segment("basic", {"attribute": "plan", "equals": "basic"})
    await scene.campaign("in-both", filters={"all": [{"in": "pro"}, {"in": "basic"}]})
    await scene.campaign("in-neither", filters={"all": [{"not_in": "pro"}, {"not_in": "basic"}]})
    await scene.send(scene.identify("ada", plan="basic"), scene.event("ada", "bought"))
    assert 2 == await scene.one("SELECT count(*) FROM filter_retries")

    for plan in ("pro", "basic", "pro"):
        await scene.send(scene.identify("ada", plan=plan), scene.event("ada", "bought"))

    assert 0 == await scene.one("SELECT count(*) FROM journeys")


@pytest.mark.spec("3.13")
async def test_time_alone_lets_people_in_and_out(scene: Scene) -> None:
    await scene.segment("lapsed", {"attribute": "last_seen", "before": {"ago": "30d"}})
    await scene.segment("active", {"attribute": "last_seen", "after": {"ago": "30d"}})

    await scene.send(scene.identify("ada", last_seen=START.isoformat()))
    assert ([], ["ada"]) == (await scene.members("lapsed"), await scene.members("active"))
    await scene.advance(days=29, hours=23, minutes=59)
    assert ([], ["ada"]) == (await scene.members("lapsed"), await scene.members("active"))
    await scene.advance(minutes=2)
    assert (["ada"], []) == (await scene.members("lapsed"), await scene.members("active"))
    await scene.send(scene.identify("ada", last_seen=scene.now.isoformat()))
    assert ([], ["ada"]) == (await scene.members("lapsed"), await scene.members("active"))


@pytest.mark.spec("3.13")
async def test_a_membership_is_looked_at_again_only_while_time_can_change_it(scene: Scene) -> None:
    await scene.segment("lapsed", {"attribute": "last_seen", "before": {"ago": "30d"}})

    await scene.send(scene.identify("ada", last_seen=START.isoformat()), scene.identify("bob", plan="pro"))
    first = await scene.one("SELECT due_at FROM segment_rechecks")
    await scene.send(scene.identify("ada", last_seen=(START + timedelta(days=1)).isoformat()))
    second = await scene.one("SELECT due_at FROM segment_rechecks")
    await scene.advance(days=40)

    assert timedelta(days=1) == second - first
    assert 0 == await scene.one("SELECT count(*) FROM segment_rechecks")
    assert ["ada"] == await scene.members("lapsed")


@pytest.mark.spec("3.15")
async def test_a_membership_changed_by_time_carries_on_to_other_segments(scene: Scene) -> None:
    await scene.segment("lapsed", {"attribute": "last_seen", "before": {"ago": "30d"}})
    await scene.segment("lapsed-vip", {"all": [{"in": "lapsed"}, PRO]})
    await scene.send(scene.identify("ada", last_seen=START.isoformat(), plan="pro"))

    await scene.advance(days=31)

    assert ["ada"] == await scene.members("lapsed-vip")


async def test_a_look_that_an_older_condition_asked_for_is_made_once(scene: Scene) -> None:
    await scene.segment("lapsed", {"attribute": "last_seen", "before": {"ago": "30d"}})
    await scene.send(scene.identify("ada", last_seen=START.isoformat()))
    await scene.segment("lapsed", PRO)
    scene.now += timedelta(days=31)

    assert [True, False] == [await scene.intake.work() for _ in range(2)]
    assert 0 == await scene.one("SELECT count(*) FROM segment_rechecks")
