"""Nothing that was accepted is lost, whatever it holds and whatever happens on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from intake import loop
from intake.loop import Intake
from storage import inbox
from storage.database import FEW
from tests.intake.scene import Scene
from tests.record_errors import record_errors


async def rejects(scene: Scene) -> list[tuple[str, str]]:
    rows = await scene.rows("SELECT kind, reason FROM inbox_rejects ORDER BY id")
    return [(row["kind"], row["reason"]) for row in rows]


async def test_a_poisonous_input_is_put_aside_with_the_reason_and_the_others_go_on(scene: Scene) -> None:
    before = record_errors("inputs")
    await scene.send(
        scene.identify("ada", plan="pro"),
        scene.input("dance", who={"id": "ada"}),
        scene.event("ada", "bought", data={"text": "before"}),
        scene.event("ada", "bought", timestamp=1e300),
        scene.event("ada", "x" * 10, id="k" * 9000 + str(list(range(3000)))),
        scene.identify("ada", plan="basic"),
    )

    assert [("ada", None, {"plan": "basic"})] == await scene.people()
    assert 1 == await scene.one("SELECT count(*) FROM events")
    (kind, reason), (_, overflow), *others = await rejects(scene)
    assert 1 == record_errors("inputs") - before  # the batch, before its inputs were tried one by one
    assert ("dance", "InputError: kind: There is no input of kind 'dance'. Run one release.") == (kind, reason)
    assert overflow.startswith("OverflowError")
    assert ["event"] == [kind for kind, _ in others]
    assert 0 == await scene.one("SELECT count(*) FROM inbox")
    assert scene.now == await scene.one("SELECT min(rejected_at) FROM inbox_rejects")


async def test_an_input_that_was_put_aside_is_kept_whole(scene: Scene) -> None:
    item = scene.input("dance", who={"id": "ada"}, steps=[1, 2])

    await scene.send(item)

    (row,) = await scene.rows("SELECT * FROM inbox_rejects")
    assert (scene.workspace, "dance", item.payload, item.received_at) == (
        row["workspace_id"],
        row["kind"],
        row["payload"],
        row["received_at"],
    )


@pytest.mark.parametrize(
    "error", [asyncpg.DeadlockDetectedError("busy"), asyncpg.ConnectionDoesNotExistError("gone"), OSError("gone")]
)
async def test_a_record_that_is_busy_or_away_rejects_nothing(
    scene: Scene, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(scene.intake.processor.writer, "write", fail)
        with pytest.raises(type(error)):
            await scene.send(scene.event("ada", "bought"))

    await scene.intake.settle()
    assert [] == await rejects(scene)
    assert 1 == await scene.one("SELECT count(*) FROM events")


async def test_a_definition_that_cannot_be_read_makes_inputs_wait_in_its_workspace_only(
    scene: Scene, second: Any, caplog: pytest.LogCaptureFixture
) -> None:
    other = await second()
    await scene.campaign("thanks")
    newer = """UPDATE campaign_versions SET document = document || '{"holograms": true}'"""
    await scene.pool.execute(newer)
    await scene.pool.execute("UPDATE definitions SET version = version + 1")

    await scene.send(scene.event("ada", "bought"))
    await other.send(other.event("bob", "bought"))

    assert [("bob", None, {})] == await scene.people()
    assert 1 == await scene.one("SELECT count(*) FROM inbox")
    assert [] == await rejects(scene)
    assert "holograms" in caplog.text

    await scene.pool.execute("UPDATE campaign_versions SET document = document - 'holograms'")
    await scene.intake.settle()
    assert 1 == len(await scene.entered("thanks"))


async def test_a_mistake_of_ours_at_one_workspace_does_not_keep_the_others_waiting(
    scene: Scene, second: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await second()

    async def fail(_: Any, __: Any, workspace_id: int, **___: Any) -> int:
        if workspace_id == scene.workspace:
            raise KeyError("a mistake")
        return 0

    monkeypatch.setattr(loop, "come_due", fail)
    with pytest.raises(KeyError):
        await scene.send(scene.identify("ada"), other.identify("bob"))

    assert ["ada", "bob"] == [who for who, _, _ in await scene.people()]


async def test_a_batch_of_many_is_written_like_many_batches_of_one(scene: Scene) -> None:
    """Above `FEW` rows another way of writing is taken."""
    await scene.segment("vip", {"attribute": "n", "at_least": 50})
    await scene.campaign("thanks", filters={"in": "vip"})
    people = range(50, 50 + 2 * FEW)
    data = {"text": 'tab\tquote"\\backslash\nline é'}

    await scene.send(
        *[scene.identify(f"p{n}", n=n) for n in people],
        *[scene.event(f"p{n}", "bought", data=data, id=f"k{n}") for n in people],
        *[scene.input("anonymous_event", anonymous_id=None, type="page", name="/", data={}) for n in people],
    )

    assert [f"p{n}" for n in sorted(people, key=str)] == await scene.members("vip")
    query = "SELECT count(*) FROM events JOIN people ON people.id = person_id WHERE data = $1 AND name = 'bought'"
    assert len(people) == await scene.one(query, data)
    assert len(people) == await scene.one("SELECT count(*) FROM events WHERE person_id IS NULL AND kind = 'page'")
    assert len(people) == len(await scene.entered("thanks"))


async def test_inputs_that_come_in_many_batches_are_applied_in_their_order(scene: Scene) -> None:
    scene.intake.batch = 3

    await scene.send(*[scene.identify("ada", n=n) for n in range(10)])

    assert [("ada", None, {"n": 9})] == await scene.people()


async def test_several_intakes_share_the_work_and_apply_everything_once(scene: Scene, second: Any) -> None:
    other = await second()
    async with scene.pool.acquire() as connection:
        for n in range(30):
            await inbox.append(
                connection,
                [
                    scene.identify("ada", n=n),
                    scene.event("ada", "bought"),
                    other.identify("bob", n=n),
                    other.event("bob", "bought"),
                ],
            )
    intakes = [Intake(scene.pool, lambda: scene.now, batch=7) for _ in range(4)]

    async def until_empty(intake: Intake) -> None:
        while await scene.one("SELECT count(*) FROM inbox"):
            await intake.work()

    await asyncio.gather(*[until_empty(intake) for intake in intakes])

    assert [("ada", None, {"n": 29}), ("bob", None, {"n": 29})] == sorted(
        await scene.people(), key=lambda one: str(one[0])
    )
    assert 60 == await scene.one("SELECT count(*) FROM events")
    assert [] == await rejects(scene)


async def test_two_processors_apply_to_one_person_one_after_the_other(scene: Scene) -> None:
    """What an activity does to a person and what intake does cannot overwrite each other."""
    await scene.segment("vip", {"attribute": "plan", "equals": "pro"})
    await scene.send(scene.identify("ada"))

    async def one(number: int) -> None:
        processor = Intake(scene.pool, lambda: scene.now).processor
        async with scene.pool.acquire() as connection, connection.transaction():
            change = scene.identify("ada", **{f"n{number}": number, "plan": "pro" if number % 2 else "basic"})
            await processor.process(connection, [change], now=scene.now)

    await asyncio.gather(*[one(number) for number in range(8)])

    ((_, _, attributes),) = await scene.people()
    assert set(range(8)) == {value for name, value in attributes.items() if name != "plan"}
    assert (["ada"] if attributes["plan"] == "pro" else []) == await scene.members("vip")


async def test_one_event_that_enters_takes_nine_statements(scene: Scene) -> None:
    await scene.segment("vip", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("thanks", filters={"in": "vip"})
    await scene.send(scene.identify("ada", plan="pro"), scene.event("ada", "looked"))
    await scene.send(scene.event("ada", "bought"))  # from the second batch on, the month's partition is known
    async with scene.pool.acquire() as connection:
        await inbox.append(connection, [scene.event("ada", "bought")])
        asked: list[str] = []
        with connection.query_logger(lambda query: asked.append(query.query)):
            async with connection.transaction():
                inputs = await inbox.draw(connection, scene.workspace, 100)
                await scene.intake.processor.process(connection, inputs, now=scene.now)

    assert 2 == len(await scene.entered("thanks"))
    assert 9 == len(asked) - len(["BEGIN", "COMMIT"]), asked


async def test_the_reason_for_putting_an_input_aside_quotes_no_data(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    error = asyncpg.UniqueViolationError('duplicate key value violates unique constraint "people_email"')
    error.detail = "Key (email_key)=(ada@x.test) already exists."

    async def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(scene.intake.processor.writer, "write", fail)
    await scene.send(scene.event("ada", "bought"))

    reason = 'UniqueViolationError: duplicate key value violates unique constraint "people_email" [23505]'
    assert [("event", reason)] == await rejects(scene)
    assert "ada@x.test" not in caplog.text
