"""Letting in who matches already, page by page, whatever happens to the campaign meanwhile (behaviour 12.05-12.08)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from engine.errors import Conflict, DocumentError
from engine.moves import Loaded
from intake import definitions
from storage import journeys as records
from storage import people
from tests.activities.starting import FAST, PEOPLE, PRO, Started


@pytest.fixture
def hurry(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loading waits by its stopwatch alone."""

    async def sleep(seconds: float) -> None:
        started.seconds += seconds

    monkeypatch.setattr("activities.loading.asyncio.sleep", sleep)


@pytest.mark.spec("12.05")
async def test_everybody_who_matches_enters_once_and_the_campaign_runs(started: Started) -> None:
    await started.start()
    assert ("starting", "loading") == await started.state()

    loaded = await started.load()

    assert (PEOPLE, Loaded(state="over", entered=5, matching=5)) == (await started.entered(), loaded)
    assert ("running", "over") == await started.state()
    assert Loaded(state="over", entered=5, matching=5) == await started.load()  # asked once more, it does nothing
    assert PEOPLE == await started.entered()


@pytest.mark.spec("12.08")
async def test_who_begins_and_stops_to_match_between_two_pages_is_neither_lost_nor_let_in_twice(
    started: Started,
) -> None:
    await started.start(rate=1, frequency="every_match")
    scene = started.scene
    await started.page()
    await started.page()
    assert PEOPLE[:2] == await started.entered()

    await scene.send(
        scene.identify("p4", plan="free"),
        scene.identify("p3", plan="free"),
        scene.identify("p3", plan="pro"),
        scene.identify("p5", plan="pro"),
        scene.about("delete", "p2"),
        scene.identify("new", plan="pro"),
    )
    await scene.one("UPDATE campaigns SET load_rate = $1", FAST)
    await started.load()

    assert ["new", "p0", "p1", "p3", "p5"] == await started.entered()
    assert [] == await scene.refused("campaign")


@pytest.mark.spec("12.08")
async def test_a_match_from_before_the_start_that_is_noticed_after_it_does_not_make_two(started: Started) -> None:
    """Intake was behind when the campaign was started, and the first journey is over when the loading gets there."""
    scene = started.scene
    late = scene.identify("p5", plan="pro")
    scene.now += timedelta(seconds=1)
    await started.start(frequency="every_match")
    await scene.send(late)
    await scene.one("UPDATE journeys SET state = 'finished', ended_at = started_at")

    await started.load()

    assert [*PEOPLE, "p5"] == await started.entered()


@pytest.mark.spec("12.07")
async def test_the_cut_off_leaves_out_whose_match_began_before_it(started: Started) -> None:
    await started.scene.send(started.scene.identify("p5", plan="pro"))
    await started.start(since=started.scene.now)

    loaded = await started.load()

    assert (["p5"], (1, 1)) == (await started.entered(), (loaded.entered, loaded.matching))


@pytest.mark.spec("12.07")
async def test_a_match_by_several_segments_began_when_the_last_of_them_was_joined(started: Started) -> None:
    scene = started.scene
    await scene.segment("vip", {"attribute": "vip", "is_true": True})
    await scene.send(scene.identify("p0", vip=True), scene.identify("p5", vip=True))
    scene.now += timedelta(hours=1)
    since = scene.now
    await scene.send(scene.identify("p1", vip=True), scene.identify("p5", plan="pro"))

    await started.start(trigger={"all": [{"in": "pro"}, {"in": "vip"}]}, since=since)
    loaded = await started.load()

    assert (["p1", "p5"], 2) == (await started.entered(), loaded.matching)


@pytest.mark.spec("12.07")
async def test_a_match_by_one_of_several_segments_began_when_the_first_of_them_was_joined(started: Started) -> None:
    scene = started.scene
    await scene.segment("vip", {"attribute": "vip", "is_true": True})
    scene.now += timedelta(hours=1)
    since = scene.now
    await scene.send(scene.identify("p0", vip=True), scene.identify("p5", vip=True))  # p0 matched before, by `pro`

    await started.start(trigger={"any": [{"in": "pro"}, {"in": "vip"}]}, since=since)
    loaded = await started.load()

    assert (["p5"], 1) == (await started.entered(), loaded.matching)


@pytest.mark.spec("12.07")
async def test_a_cut_off_is_refused_where_nobody_knows_since_when_people_match(started: Started) -> None:
    trigger = {"any": [{"not_in": "pro"}, {"all": [{"in": "pro"}, {"not_in": "pro"}]}]}

    with pytest.raises(DocumentError) as refused:
        await started.start(trigger=trigger, since=started.scene.now)

    [fault] = refused.value.faults
    assert ("since", True) == (fault.place, "`not_in: pro`" in fault.remedy)
    assert ("draft", None) == await started.state()


@pytest.mark.spec("12.07")
async def test_a_segment_of_those_outside_another_one_says_since_when_they_are(started: Started) -> None:
    """The remedy for a cut-off that is refused."""
    scene = started.scene
    await scene.segment("unpaid", {"not_in": "pro"})
    scene.now += timedelta(hours=1)
    since = scene.now
    await scene.send(scene.identify("p0", plan="free"))

    await started.start(trigger={"in": "unpaid"}, since=since)
    await started.load()

    assert ["p0"] == await started.entered()


async def test_people_outside_a_segment_are_current_matches_too(started: Started) -> None:
    await started.start(trigger={"not_in": "pro"})

    await started.load()

    assert ["p5"] == await started.entered()


async def test_while_it_is_paused_nobody_is_let_in_and_new_matches_enter(started: Started) -> None:
    await started.start(rate=1)
    await started.page()
    await started.order("pause")
    assert "paused" == (await started.load()).state
    await started.scene.send(started.scene.identify("p5", plan="pro"))
    assert ["p0", "p5"] == await started.entered()

    started.scene.now += timedelta(seconds=1)
    await started.scene.one("UPDATE campaigns SET load_rate = $1", FAST)
    await started.order("resume")

    assert "over" == (await started.load()).state
    assert [*PEOPLE, "p5"] == await started.entered()


async def test_an_order_that_is_older_than_the_latest_is_not_heard(started: Started) -> None:
    await started.start()
    scene = started.scene
    earlier = scene.now
    scene.now += timedelta(seconds=1)
    await started.order("pause")

    assert "paused" == (await started.load(verb="resume", ordered_at=earlier)).state
    assert "over" == (await started.load(verb="resume", ordered_at=scene.now + timedelta(seconds=1))).state


async def test_a_stop_ends_it_where_it_is_and_a_restart_begins_anew(started: Started) -> None:
    await started.start(rate=1)
    await started.page()
    await started.scene.stop("campaign")
    assert "over" == (await started.load()).state
    assert ["p0"] == await started.entered()
    with pytest.raises(Conflict):
        await started.order("resume")

    started.scene.now += timedelta(minutes=1)
    await started.start()
    loaded = await started.load()

    assert (PEOPLE, 4) == (await started.entered(), loaded.entered)  # who entered before has entered once, for ever
    assert [] == await started.scene.refused("campaign")


@pytest.mark.spec("12.08")
async def test_the_first_page_and_a_decision_of_a_journey_do_not_wait_for_each_other(started: Started) -> None:
    """Both lock the person first, then the campaign."""
    scene = started.scene
    await started.start()
    await scene.send(scene.identify("p5", plan="pro"))  # inside, while the others are being loaded
    [journey] = await scene.rows("SELECT id, person_id FROM journeys")

    async with scene.pool.acquire() as connection, connection.transaction():
        await people.lock_ids(connection, scene.workspace, [journey["person_id"]])  # as the `act` activity does
        page = asyncio.create_task(started.page())
        while not await scene.one("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0)
        await records.hold(connection, journey["id"])
    await page

    assert [*PEOPLE, "p5"] == await started.entered()


@pytest.mark.spec("3.05")
async def test_it_waits_while_the_segment_is_built(started: Started) -> None:
    scene = started.scene
    await scene.segment("pro", {"attribute": "plan", "equals": "free"}, build=False)
    await started.start(trigger={"not_in": "pro"})
    await started.page()
    assert [] == await started.entered()

    await scene.intake.settle()
    await started.load()

    assert PEOPLE == await started.entered()


@pytest.mark.spec("2.28")
async def test_an_interval_holds_back_who_entered_lately_and_remembers_when_they_may(started: Started) -> None:
    scene = started.scene
    await started.start(frequency={"every": "30d"})
    await started.load()
    await scene.one("UPDATE journeys SET state = 'finished', ended_at = started_at")
    await scene.stop("campaign")
    await scene.one(
        "UPDATE entry_history SET last_entered_at = last_entered_at - interval '40 days' WHERE person_id = 1"
    )
    scene.now += timedelta(days=1)

    await started.start(frequency={"every": "30d"})
    await started.load()

    assert ["p0", *PEOPLE] == await started.entered()
    again = [row["due_at"] for row in await scene.rows("SELECT due_at FROM reentries ORDER BY person_id")]
    assert [scene.now + timedelta(days=30)] + [scene.now + timedelta(days=29)] * 4 == again
    assert [] == await scene.refused("campaign")


@pytest.mark.spec("2.07")
async def test_who_is_inside_from_before_a_stop_that_lets_them_finish_is_not_let_in_twice(started: Started) -> None:
    scene = started.scene
    await started.start(frequency="every_match")
    await started.load()
    async with scene.pool.acquire() as connection:
        await definitions.stop_campaign(connection, scene.workspace, "campaign", "finish", now=scene.now)
    scene.now += timedelta(minutes=1)

    await started.start(frequency="every_match")
    await started.load()

    assert PEOPLE == await started.entered()


async def test_a_data_campaign_or_none_is_over_at_once(started: Started) -> None:
    started.id = 4711
    assert Loaded(state="over", entered=0, matching=0) == await started.load()


async def restarted(started: Started) -> list[str]:
    """End what is open, stop the campaign and start it again; return who has entered by then."""
    await started.scene.one("UPDATE journeys SET state = 'finished', ended_at = started_at")
    await started.scene.stop("campaign")
    started.scene.now += timedelta(minutes=1)
    await started.start(frequency="every_match")
    await started.load()
    return await started.entered()


@pytest.mark.spec("13.09")
async def test_who_stopped_matching_right_after_they_entered_is_taken_in_by_a_restart(started: Started) -> None:
    scene = started.scene
    await started.start(frequency="every_match")
    await started.load()
    await scene.send(
        scene.identify("p5", plan="pro"),
        scene.identify("p5", plan="free"),  # in one batch with the entry
        scene.identify("p4", plan="free"),
        scene.identify("p4", plan="pro"),  # while the journey runs
    )

    assert [*PEOPLE[:4], "p4", "p4", "p5"] == await restarted(started)


@pytest.mark.spec("13.09")
async def test_who_stopped_matching_and_entered_again_is_not_taken_in_by_a_restart(started: Started) -> None:
    scene = started.scene
    await started.start(frequency="every_match")
    await started.load()
    await scene.one("UPDATE journeys SET state = 'finished', ended_at = started_at")
    await scene.send(scene.identify("p4", plan="free"), scene.identify("p4", plan="pro"))

    assert [*PEOPLE, "p4"] == await restarted(started)


@pytest.mark.spec("13.09")
async def test_who_stopped_matching_by_an_edit_of_the_segment_is_taken_in_by_a_restart(started: Started) -> None:
    scene = started.scene
    await started.start(frequency="every_match")
    await started.load()
    await scene.stop("campaign", "finish")
    await scene.send(scene.identify("p0", city="Paris"))
    await scene.segment("pro", {"all": [PRO, {"attribute": "city", "equals": "Paris"}]})
    await scene.send(scene.identify("p1", city="Paris"))

    assert [*PEOPLE[:2], *PEOPLE[1:]] == await restarted(started)


@pytest.mark.spec("13.09", "17.14")
async def test_the_match_of_somebody_who_was_merged_ends_where_the_survivor_does_not_match(started: Started) -> None:
    scene = started.scene
    await started.start(frequency="every_match")
    await started.load()
    await scene.send(
        scene.input("merge", primary={"id": "p5"}, secondary={"id": "p0"}),
        scene.identify("p5", plan="pro"),
    )
    await scene.one("DELETE FROM journeys")

    assert ["p5"] == await restarted(started)


@pytest.mark.spec("3.09", "12.05")
async def test_nobody_enters_as_a_current_match_whose_time_in_the_segment_is_over(started: Started) -> None:
    """Intake has not noticed yet. Who has become a match by that enters its campaign, which does not count here."""
    scene = started.scene
    await scene.segment("fresh", {"performed": {"event": "seen", "within": "1h"}})
    await scene.campaign("stale", trigger={"condition": {"not_in": "fresh"}})
    await scene.send(*[scene.event(who, "seen") for who in PEOPLE])
    scene.now += timedelta(minutes=90)
    await started.start(trigger={"in": "fresh"})

    loaded = await started.load()

    assert (0, PEOPLE, 5) == (loaded.entered, await started.entered(), len(await scene.entered("stale")))


@pytest.mark.spec("12.05")
async def test_each_enters_as_of_their_own_turn_however_long_the_loading_goes_on(started: Started, hurry: None) -> None:
    await started.start(rate=1)

    await started.load()

    assert [started.scene.now + timedelta(seconds=n) for n in range(5)] == await started.scene.entered("campaign")


@pytest.mark.spec("12.05", "2.01")
async def test_the_rate_is_one_of_entries_so_those_who_may_not_enter_cost_next_to_nothing(
    started: Started, hurry: None
) -> None:
    scene = started.scene
    others = [f"q{n:02}" for n in range(60)]
    await scene.send(*[scene.identify(who, plan="pro") for who in others])
    await started.start(rate=1)
    await started.load()
    await scene.stop("campaign")
    await scene.send(scene.identify("z0", plan="pro"), scene.identify("z1", plan="pro"))
    scene.now += timedelta(hours=1)
    started.seconds = 0.0
    await started.start(rate=1)

    loaded = await started.load()

    assert (2, [*PEOPLE, *others, "z0", "z1"]) == (loaded.entered, await started.entered())
    assert started.seconds < 5


@pytest.mark.spec("12.08")
async def test_a_worker_that_stops_waits_for_no_loading_and_the_next_one_goes_on(started: Started) -> None:
    await started.start(rate=1)

    stopping = ActivityEnvironment()
    stopping.worker_shutdown()
    stopped = await started.load(in_worker=stopping)

    assert ("loading", 1) == (stopped.state, stopped.entered)
    await started.scene.rows("UPDATE campaigns SET load_rate = 1000")
    assert Loaded(state="over", entered=5, matching=5) == await started.load()
