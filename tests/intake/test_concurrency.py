"""Several processes decide about the same people at once, and what comes of it is what one after the other gives."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from temporalio.testing import ActivityEnvironment

from activities.loading import Loading
from engine.moves import LoadingAsk
from intake import definitions
from intake.building import Pace, build, finish
from intake.loading import Load
from intake.loop import Intake
from intake.processor import Processor
from intake.why import why
from storage import inbox
from storage.inbox import Input
from tests.intake.scene import Scene

PRO = {"attribute": "plan", "equals": "pro"}
ON_PRO: dict[str, Any] = {"trigger": {"condition": {"in": "pro"}}}

_BUSY = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError)
"""What whoever loses a race may see: Temporal and intake try again."""


async def write(scene: Scene, *inputs: Input) -> None:
    """Put inputs into the inbox, for whichever intake comes first."""
    async with scene.pool.acquire() as connection:
        await inbox.append(connection, inputs)


def intakes(scene: Scene, count: int = 2, *, batch: int = 7) -> list[Intake]:
    return [Intake(scene.pool, lambda: scene.now, batch=batch) for _ in range(count)]


async def settle(*working: Intake) -> None:
    """Let intakes work side by side until nothing is left to do."""
    await asyncio.gather(*[one.settle() for one in working])
    await working[0].settle()  # who passed on while the other had its turn


async def act(scene: Scene, item: Input, *, processor: Processor | None = None) -> None:
    """Do what a block does to a person: in a transaction of its own, tried again if it loses a race."""
    processor = processor or Processor()
    for _ in range(20):
        try:
            async with scene.pool.acquire() as connection, connection.transaction():
                await processor.process(connection, [item], now=scene.now)
        except _BUSY:
            continue
        return
    raise AssertionError("it loses every race")


async def state(scene: Scene) -> dict[str, Any]:
    """Return everything that must not depend on who was first, by names that do not either."""
    entered = """
        SELECT p.external_id, c.key, count(*) FROM journeys AS j JOIN campaigns AS c ON c.id = j.campaign_id
        JOIN people AS p ON p.id = j.person_id GROUP BY 1, 2 ORDER BY 1, 2
    """
    members = """
        SELECT p.external_id, s.key FROM segment_members AS m JOIN segments AS s ON s.id = m.segment_id
        JOIN people AS p ON p.id = m.person_id ORDER BY 1, 2
    """
    counts = "SELECT p.external_id, t.total FROM tallies AS t JOIN people AS p ON p.id = t.person_id ORDER BY 1, 2"
    queries = {"entered": entered, "members": members, "counts": counts}
    return {name: [tuple(row) for row in await scene.rows(query)] for name, query in queries.items()} | {
        "people": await scene.one("SELECT count(*) FROM people"),
        "events": await scene.one("SELECT count(*) FROM events"),
        "starts": await scene.one(
            "SELECT count(*) FROM outbox WHERE kind = 'start' AND payload ->> 'type' = 'journey'"
        ),
    }


async def test_two_intakes_take_the_same_event_once(scene: Scene) -> None:
    await scene.campaign("thanks")
    await write(scene, *[scene.event("ada", "bought", id="one") for _ in range(5)])

    await settle(*intakes(scene, batch=1))

    assert (1, 1) == (len(await scene.entered("thanks")), await scene.one("SELECT count(*) FROM events"))


@pytest.mark.spec("2.25")
async def test_two_intakes_let_one_of_two_events_in_under_once(scene: Scene) -> None:
    await scene.campaign("thanks", frequency="once")
    await write(scene, *[scene.event(who, "bought") for who in ("ada", "bob", "eve") * 4])

    await settle(*intakes(scene, batch=1))

    assert (3, 9) == (len(await scene.entered("thanks")), len(await scene.refused("thanks")))
    assert 3 == await scene.one("SELECT count(DISTINCT person_id) FROM journeys")


@pytest.mark.spec("1.07", "2.07")
async def test_two_intakes_and_acts_let_each_person_into_a_condition_campaign_once(scene: Scene) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("campaign", frequency="every_match", **ON_PRO)
    people = [f"p{n}" for n in range(6)]
    await scene.send(*[scene.identify(who, plan="free") for who in people])
    await write(scene, *[scene.identify(who, plan="pro") for who in people for _ in range(3)])

    await asyncio.gather(
        settle(*intakes(scene, batch=3)), *[act(scene, scene.identify(who, plan="pro")) for who in people * 2]
    )

    assert people == await scene.members("pro")
    assert (6, 6) == tuple((await scene.rows("SELECT count(*), count(DISTINCT person_id) FROM journeys"))[0])


async def test_the_end_is_that_of_one_after_the_other_whoever_is_first(
    scene: Scene, second: Callable[[], Awaitable[Scene]]
) -> None:
    """Two intakes, blocks that act and people who come and go: only the order of one person's inputs counts."""
    other = await second()
    for each in (scene, other):
        await each.segment("pro", PRO)
        await each.segment("keen", {"performed": {"event": "bought", "at_least": 3, "within": "7d"}})
        await each.segment("both", {"all": [{"in": "pro"}, {"in": "keen"}]})
        await each.campaign(f"match{each.workspace}", trigger={"condition": {"in": "both"}})
        await each.campaign(f"once{each.workspace}", frequency="once")
    people = [f"p{n}" for n in range(8)]

    def inputs(each: Scene) -> list[Input]:
        return [
            item
            for who in people
            for item in (each.event(who, "bought"), each.identify(who, plan="pro"), each.event(who, "bought"))
        ]

    await write(other, *inputs(other), *[other.event(who, "bought") for who in people])
    await other.intake.settle()
    await write(scene, *inputs(scene))
    acts = [act(scene, scene.event(who, "bought")) for who in people]
    await asyncio.gather(settle(*intakes(scene)), *acts)

    found = [await of(each) for each in (other, scene)]
    assert found[0] == found[1]
    assert 8 == len([key for _, key in found[0]["members"] if key == "both"])


async def of(scene: Scene) -> dict[str, Any]:
    """Return the state of one workspace of two."""
    where = f"workspace_id = {scene.workspace}"  # a number of ours
    entered = await scene.rows(
        f"SELECT p.external_id, rtrim(c.key, '0123456789') AS key FROM journeys AS j JOIN campaigns AS c "
        f"ON c.id = j.campaign_id JOIN people AS p ON p.id = j.person_id WHERE j.{where} ORDER BY 1, 2"
    )
    members = await scene.rows(
        f"SELECT p.external_id, s.key FROM segment_members AS m JOIN segments AS s ON s.id = m.segment_id "
        f"JOIN people AS p ON p.id = m.person_id WHERE s.{where} ORDER BY 1, 2"
    )
    counts = await scene.rows(
        f"SELECT p.external_id, t.total FROM tallies AS t JOIN people AS p ON p.id = t.person_id "
        f"WHERE p.{where} ORDER BY 1"
    )
    return {
        "entered": [tuple(row) for row in entered],
        "members": [tuple(row) for row in members],
        "counts": [tuple(row) for row in counts],
    }


async def test_a_batch_that_dies_between_draw_and_commit_is_applied_whole_by_the_next(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.segment("pro", PRO)
    await scene.segment("keen", {"performed": {"event": "bought", "at_least": 2}})
    await scene.campaign("match", **ON_PRO)
    await scene.campaign("thanks", frequency="once")
    await write(
        scene,
        scene.identify("ada", plan="pro"),
        *[scene.event("ada", "bought", id=f"k{n}") for n in range(2)],
        scene.identify("bob", plan="pro"),
    )
    dying, heir = intakes(scene, batch=100)
    process = dying.processor.process

    async def die(connection: Any, inputs: Sequence[Input], **rest: Any) -> Any:
        await process(connection, inputs, **rest)
        raise OSError("the process is gone")

    monkeypatch.setattr(dying.processor, "process", die)
    with pytest.raises(OSError, match="gone"):
        await dying.work()
    assert (4, 0) == (await scene.one("SELECT count(*) FROM inbox"), await scene.one("SELECT count(*) FROM people"))
    monkeypatch.undo()

    await settle(heir, dying)  # what the one that failed remembers does no harm either

    found = await state(scene)
    assert [("ada", "match", 1), ("ada", "thanks", 1), ("bob", "match", 1)] == found["entered"]
    assert [("ada", 2)] == found["counts"]
    assert (2, 2, 3) == (found["people"], found["events"], found["starts"])


@pytest.mark.spec("12.08")
@pytest.mark.parametrize("frequency", ["once", "every_match", {"every": "30d"}])
async def test_a_loading_beside_intake_and_acts_lets_everybody_in_once(scene: Scene, frequency: Any) -> None:
    await scene.segment("pro", PRO)
    people = [f"p{n:02}" for n in range(24)]
    await scene.send(*[scene.identify(who, plan="pro" if n < 16 else "free") for n, who in enumerate(people)])
    campaign = await scene.campaign("campaign", start=False, frequency=frequency, **ON_PRO)
    scene.now += timedelta(minutes=1)
    async with scene.pool.acquire() as connection:
        await definitions.start_campaign(connection, scene.workspace, "campaign", load=Load(rate=100), now=scene.now)
    moving = people[4:10] + people[14:20]
    changes = [scene.identify(who, plan=plan) for who in moving for plan in ("free", "pro")]
    await write(scene, *changes, *[scene.identify(f"new{n}", plan="pro") for n in range(4)])
    ask = LoadingAsk(workspace=scene.workspace, campaign=campaign, now=scene.now)

    await asyncio.gather(
        ActivityEnvironment().run(Loading(scene.pool, Processor()).load_matches, ask),
        settle(*intakes(scene, batch=2)),
        *[act(scene, scene.identify(who, plan="pro", city="Rome")) for who in people[12:22]],
    )

    matching = set(await scene.members("pro"))
    entered = [(who, times) for who, _, times in (await state(scene))["entered"]]
    assert "running" == await scene.one("SELECT state FROM campaigns")
    assert matching == {who for who, _ in entered}
    assert {1} == {times for _, times in entered}


async def test_two_loadings_of_one_campaign_let_nobody_in_twice(scene: Scene) -> None:
    """Temporal may try an attempt again while the one before it is still at it."""
    await scene.segment("pro", PRO)
    await scene.send(*[scene.identify(f"p{n}", plan="pro") for n in range(12)])
    campaign = await scene.campaign("campaign", start=False, frequency="every_match", **ON_PRO)
    async with scene.pool.acquire() as connection:
        await definitions.start_campaign(connection, scene.workspace, "campaign", load=Load(rate=60), now=scene.now)
    ask = LoadingAsk(workspace=scene.workspace, campaign=campaign, now=scene.now)

    async def load() -> None:
        for _ in range(20):
            try:
                await ActivityEnvironment().run(Loading(scene.pool, Processor()).load_matches, ask)
            except RuntimeError:
                continue  # as Temporal does
            return

    await asyncio.gather(load(), load(), load())

    assert (12, 12) == (len(await scene.entered("campaign")), await scene.one("SELECT loaded FROM campaigns"))
    assert [] == await scene.refused("campaign")


@pytest.mark.spec("3.04", "3.17")
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_build_beside_acts_and_intake_leaves_the_members_that_the_data_gives(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(Pace, "first", 3)
    monkeypatch.setattr(Pace, "longest", 3)
    rng = random.Random(seed)
    people = [f"p{n:02}" for n in range(20)]
    await scene.send(
        *[scene.identify(who, plan="free") for who in people], *[scene.event(who, "bought") for who in people]
    )
    condition = {
        "any": [PRO, {"attribute": "code", "matches": "^x"}, {"performed": {"event": "bought", "at_least": 3}}]
    }
    await scene.segment("some", condition, build=False)
    changes: list[dict[str, Any]] = [{"plan": "pro"}, {"plan": "free"}, {"code": "x1"}, {"code": "y"}]
    moves = [(rng.choice(people), rng.choice(changes)) for _ in range(40)]
    inputs = [
        scene.event(who, "bought") if n % 3 else scene.identify(who, **change) for n, (who, change) in enumerate(moves)
    ]
    await write(scene, *inputs[:20])
    workers = [Intake(scene.pool, lambda: scene.now, batch=2) for _ in range(2)]

    await asyncio.gather(settle(*workers), *[act(scene, item) for item in inputs[20:]])
    live = await state(scene)

    assert [] == await scene.rows(MISCOUNTED)
    assert "ready" == await scene.one("SELECT state FROM segments")
    await scene.one("UPDATE segments SET state = 'building', build_cursor = 0")
    await scene.one("DELETE FROM segment_members")
    await scene.one("DELETE FROM tallies")
    await scene.one("UPDATE people SET tallied = 0")
    await scene.one("UPDATE definitions SET version = version + 1")
    await scene.intake.settle()
    assert (await state(scene))["members"] == live["members"]


MISCOUNTED = """
    SELECT person_id, total FROM tallies
    WHERE total <> (SELECT count(*) FROM events WHERE events.person_id = tallies.person_id)
"""


async def test_a_page_of_a_build_keeps_everybody_out_who_decides(scene: Scene) -> None:
    """In the middle of a page nobody can change a person, so nothing falls between the question and its answer."""
    await scene.send(*[scene.identify(f"p{n}", plan="free") for n in range(3)])
    await scene.segment("pro", PRO, build=False)
    processor = Processor()
    async with scene.pool.acquire() as connection:
        async with connection.transaction():
            assert "page" == await build(connection, processor, scene.workspace, Pace(), now=scene.now)
            change = asyncio.create_task(act(scene, scene.identify("p1", plan="pro")))
            await asyncio.sleep(0.05)
            assert not change.done()
        await change
        async with connection.transaction():
            await finish(connection, processor, scene.workspace, now=scene.now)

    assert ["p1"] == await scene.members("pro")


async def test_merges_beside_acts_and_intake_end_without_a_circle(scene: Scene) -> None:
    await scene.segment("pro", PRO)
    await scene.campaign("campaign", frequency={"every": "30d"}, **ON_PRO)
    pairs = [(f"a{n}", f"b{n}") for n in range(6)]
    await scene.send(*[scene.identify(who, plan="pro") for pair in pairs for who in pair])
    await write(scene, *[scene.input("merge", primary={"id": a}, secondary={"id": b}) for a, b in pairs])

    await asyncio.gather(
        settle(*intakes(scene, batch=2)),
        *[act(scene, scene.identify(who, plan=plan)) for a, _ in pairs for who in (a,) for plan in ("free", "pro")],
    )

    assert [f"a{n}" for n in range(6)] == [row["external_id"] for row in await scene.rows(EVERYBODY)]
    assert {"a"} == {row["external_id"][0] for row in await scene.rows(OWNERS)}
    assert 12 == await scene.one("SELECT count(*) FROM journeys")


EVERYBODY = "SELECT external_id FROM people ORDER BY external_id"
OWNERS = "SELECT external_id FROM journeys JOIN people ON people.id = person_id"


async def test_a_change_of_definitions_waits_for_a_batch_and_is_whole_for_the_next(scene: Scene) -> None:
    await scene.campaign("thanks")
    await scene.send(scene.identify("ada"))
    processor = Processor()
    async with scene.pool.acquire() as connection, connection.transaction():
        await processor.process(connection, [scene.event("ada", "bought")], now=scene.now)
        stop = asyncio.create_task(scene.stop("thanks"))
        await asyncio.sleep(0.05)
        assert not stop.done()
    await stop

    await act(scene, scene.event("ada", "bought"), processor=processor)

    assert 1 == len(await scene.entered("thanks"))


async def test_whoever_asks_why_keeps_nobody_waiting_and_waits_for_nobody(scene: Scene) -> None:
    await scene.segment("keen", {"performed": {"event": "bought"}})
    await scene.campaign("campaign", trigger={"condition": {"in": "keen"}})
    await scene.send(scene.event("ada", "bought"))
    await scene.segment("bought-more", {"performed": {"event": "bought", "at_least": 2}})  # she is not counted for it
    person = await scene.one("SELECT id FROM people")

    async with scene.pool.acquire() as deciding, scene.pool.acquire() as asking, deciding.transaction():
        await hold_everything(deciding)
        async with asyncio.timeout(5), asking.transaction(isolation="repeatable_read", readonly=True):
            answer = await why(asking, scene.workspace, "campaign", person, now=scene.now)

    assert (1, True) == (answer.entries.count, answer.entries.is_inside)


async def hold_everything(connection: Any) -> None:
    """Hold all that anybody holds who decides, and more."""
    for table in ("definitions", "people", "journeys"):
        await connection.execute(f"SELECT FROM {table} FOR UPDATE")
