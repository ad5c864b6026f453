"""Deleting a person, and suppressing their identifiers for good (behaviour 9.09, api 3.2, 3.3)."""

from __future__ import annotations

from typing import Any

import pytest

from storage.database import Record
from tests.intake.scene import START, Scene
from tests.records import add_delivery


async def ends(scene: Scene) -> list[str]:
    """Return the workflows of journeys that were told that their person is deleted."""
    rows = await scene.rows(
        "SELECT workflow_id, payload FROM outbox WHERE kind = 'signal' AND workflow_id LIKE 'journey:%'"
    )
    return [row["workflow_id"] for row in rows if row["payload"] == {"signal": "end", "argument": "person_deleted"}]


@pytest.mark.spec("9.09")
async def test_deleting_a_person_ends_their_journeys_and_anonymises_what_stays(scene: Scene) -> None:
    campaign = await scene.campaign("thanks")
    await scene.segment("vip", {"attribute": "plan", "equals": "pro"})
    await scene.segment("lapsed", {"attribute": "seen", "before": {"ago": "30d"}})
    await scene.campaign("gated", filters={"not_in": "vip"})
    await scene.campaign("limited", frequency="once")
    await scene.send(
        scene.identify("ada", email="a@x.test", plan="pro", seen=START.isoformat()),
        scene.about("device", "ada", device={"id": "token", "platform": "ios"}),
        scene.event("ada", "bought", data={"card": "secret"}),
        scene.event("ada", "bought"),
        scene.identify("ada", email="other@x.test"),
    )
    journeys = await scene.rows("SELECT * FROM journeys ORDER BY id")
    person, journey = journeys[0]["person_id"], journeys[0]["id"]
    await add_delivery(scene.pool, scene.workspace, campaign, person, journey, START)
    waiting = await scene.rows("SELECT * FROM filter_retries ORDER BY id")

    await scene.send(scene.about("delete", {"email": "A@x.test"}))

    for table in (
        "people",
        "devices",
        "events",
        "segment_members",
        "segment_rechecks",
        "filter_retries",
        "failed_changes",
    ):
        assert 0 == await scene.one(f"SELECT count(*) FROM {table}"), table
    going_on = [*journeys, *waiting]
    assert sorted(workflow(scene, row) for row in going_on) == sorted(await ends(scene))
    assert [("running", "person_deleted", {})] * 3 == [
        (row["state"], row["ending"], row["trigger_data"]) for row in await scene.rows("SELECT * FROM journeys")
    ]
    (delivery,) = await scene.rows("SELECT recipient, subject, content, state FROM deliveries")
    assert (None, None, None, "sent") == tuple(delivery)
    assert 0 == await scene.one("SELECT count(*) FROM decisions WHERE seen <> '{}'")
    assert 0 == await scene.one("SELECT count(*) FROM refusals WHERE seen <> '{}'")
    assert 1 == await scene.one("SELECT count(*) FROM refusals")


def workflow(scene: Scene, row: Record) -> str:
    return f"journey:{scene.workspace}:{row['campaign_id']}:{row['person_id']}:{row['occurrence']}"


async def test_journeys_that_have_ended_are_not_told_to_end(scene: Scene) -> None:
    await scene.campaign("thanks", workflow=[{"exit": {}}])
    await scene.send(scene.event("ada", "bought", data={"n": 1}))
    assert "finished" == await scene.one("SELECT state FROM journeys")

    await scene.send(scene.about("delete", "ada"))

    assert [] == await ends(scene)
    assert (None, {}) == tuple((await scene.rows("SELECT ending, trigger_data FROM journeys"))[0])


@pytest.mark.parametrize("at_once", [True, False])
async def test_an_identify_after_a_delete_makes_a_new_person(scene: Scene, at_once: bool) -> None:
    await scene.campaign("thanks", frequency="once")
    inputs = [
        scene.identify("ada", email="a@x.test", plan="pro"),
        scene.event("ada", "bought"),
        scene.about("delete", "ada"),
        scene.identify({"email": "a@x.test"}, age=3),
        scene.event({"email": "a@x.test"}, "bought"),
        scene.about("delete", {"email": "a@x.test"}),
        scene.event("ada", "bought"),
    ]

    for items in [inputs] if at_once else [[item] for item in inputs]:
        await scene.send(*items)

    assert [("ada", None, {})] == await scene.people()
    assert 1 == await scene.one("SELECT count(*) FROM events")
    query = "SELECT ending FROM journeys ORDER BY id"
    assert ["person_deleted", "person_deleted", None] == [row["ending"] for row in await scene.rows(query)]
    assert 2 == len(await ends(scene))


async def test_deleting_somebody_unknown_changes_nothing(scene: Scene) -> None:
    await scene.send(scene.about("delete", "nobody"), scene.about("device_delete", "nobody", device="token"))

    assert [] == await scene.people()
    assert [] == await scene.rows("SELECT * FROM inbox_rejects")


@pytest.mark.spec("9.09")
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_suppressed_person_is_gone_and_none_of_their_identifiers_comes_back(
    scene: Scene, at_once: bool
) -> None:
    inputs = [
        scene.identify("ada", email="a@x.test", plan="pro"),
        scene.about("suppress", "ada"),
        scene.identify("ada", plan="pro"),
        scene.event({"email": "A@x.test"}, "bought"),
        scene.about("device", "ada", device={"id": "token", "platform": "ios"}),
        scene.identify("bob", email="a@x.test", plan="basic"),
    ]

    for items in [inputs] if at_once else [[item] for item in inputs]:
        await scene.send(*items)

    assert [("bob", None, {"plan": "basic"})] == await scene.people()
    assert [("suppressed", {"attribute": "email"})] == await scene.failures()
    assert 0 == await scene.one("SELECT count(*) FROM events")
    assert 0 == await scene.one("SELECT count(*) FROM devices")


@pytest.mark.parametrize("at_once", [True, False])
async def test_unsuppressing_one_identifier_frees_all_of_the_person(scene: Scene, at_once: bool) -> None:
    inputs: list[Any] = [
        scene.identify("ada", email="a@x.test", plan="pro"),
        scene.about("suppress", "ada"),
        scene.about("suppress", "eve"),
        scene.about("unsuppress", "ada"),
        scene.event({"email": "a@x.test"}, "bought"),
        scene.event("eve", "bought"),
    ]

    for items in [inputs] if at_once else [[item] for item in inputs]:
        await scene.send(*items)

    assert [(None, "a@x.test", {})] == await scene.people()
    assert 1 == await scene.one("SELECT count(*) FROM suppressed_identifiers")


async def test_what_is_stored_of_a_suppressed_identifier_does_not_tell_it(scene: Scene) -> None:
    await scene.send(scene.identify("ada", email="a@x.test"), scene.about("suppress", "ada"))

    rows = await scene.rows("SELECT suppressed_identifiers::text AS row FROM suppressed_identifiers")
    assert 2 == len(rows)
    assert not any(word in row["row"] for row in rows for word in ("ada", "a@x.test"))


@pytest.mark.spec("9.09")
@pytest.mark.parametrize("kind", ["delete", "suppress"])
@pytest.mark.parametrize("who", [{"id": "ada"}, {"email": "Ada@x.test"}])
async def test_what_could_not_be_applied_forgets_the_person_too(scene: Scene, kind: str, who: dict[str, str]) -> None:
    await scene.send(
        scene.identify("ada", email="ada@x.test"),
        scene.about("dance", "ada", steps=["ada-steps"]),
        scene.about("dance", {"email": "ADA@x.test"}),
        scene.about("dance", "bob"),
        scene.identify("bob", email="ada@x.test"),
    )

    await scene.send(scene.about(kind, who))

    assert [{}, {}, {"who": {"id": "bob"}}] == [
        row["payload"] for row in await scene.rows("SELECT payload FROM inbox_rejects ORDER BY id")
    ]
    assert [("identifier_is_taken", {})] == await scene.failures()


async def test_somebody_who_never_was_a_person_is_forgotten_by_name(scene: Scene) -> None:
    await scene.send(scene.identify("ada", _update=True, plan="pro"), scene.about("dance", "ada"))
    assert [("unknown_person", {"id": "ada"})] == await scene.failures()

    await scene.send(scene.about("delete", "ada"))

    assert [("unknown_person", {})] == await scene.failures()
    assert [("InputError", {})] == [
        (row["reason"], row["payload"]) for row in await scene.rows("SELECT reason, payload FROM inbox_rejects")
    ]


@pytest.mark.spec("9.09")
async def test_a_person_is_forgotten_however_their_email_is_written(scene: Scene) -> None:
    await scene.send(
        scene.identify("ada", email="Ada@ÅX.test"),
        scene.about("dance", {"email": "ADA@åx.test"}),
        scene.about("dance", "bob", attributes={"email": "ada@Åx.TEST"}),
        scene.identify("bob", email="aDA@åX.test"),
        scene.identify("eve", email="eve@Åx"),
    )

    await scene.send(scene.about("delete", {"email": "ada@åx.test"}))

    rejects = await scene.rows("SELECT payload FROM inbox_rejects ORDER BY id")
    assert [{}, {}] == [row["payload"] for row in rejects]
    assert [("identifier_is_taken", {}), ("invalid_email", {"email": "eve@Åx"})] == await scene.failures()
