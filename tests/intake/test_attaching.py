"""What somebody did before anybody knew them is theirs once they say who they are (behaviour 1.41, 1.42)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from intake import attaching
from storage.inbox import Input
from tests.intake.scene import START, Scene


def anonymous(scene: Scene, anonymous_id: str | None, name: str = "bought", **rest: Any) -> Input:
    said = {} if anonymous_id is None else {"anonymous_id": anonymous_id}
    return scene.input("anonymous_event", **{"type": "event", "name": name, "data": {}, **said, **rest})


async def owners(scene: Scene) -> list[tuple[str, str | None]]:
    """Return every event with the id of whose it is, in order."""
    rows = await scene.rows(
        "SELECT e.name, p.external_id FROM events e LEFT JOIN people p ON p.id = e.person_id ORDER BY e.id"
    )
    return [(row["name"], row["external_id"]) for row in rows]


@pytest.mark.spec("1.41")
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
async def test_earlier_events_become_the_persons_who_gets_the_id(scene: Scene, together: bool) -> None:
    inputs = [
        anonymous(scene, "anon", "first"),
        anonymous(scene, "other", "not theirs"),
        anonymous(scene, None, "invited", data={"recipient": "ada@example.com"}),
        anonymous(scene, "anon", "second"),
        scene.identify("ada", anonymous_id="anon"),
    ]
    if together:
        await scene.send(*inputs)
    else:
        for item in inputs:
            await scene.send(item)

    assert [("first", "ada"), ("not theirs", None), ("invited", None), ("second", "ada")] == await owners(scene)


@pytest.mark.spec("1.41")
async def test_events_that_arrive_within_five_minutes_follow_and_later_ones_do_not(scene: Scene) -> None:
    await scene.send(scene.identify("ada", anonymous_id="anon"))
    await scene.advance(minutes=5)
    await scene.send(anonymous(scene, "anon", "in time"), anonymous(scene, "other", "not theirs"))
    await scene.advance(seconds=1)
    await scene.send(anonymous(scene, "anon", "late"))
    await scene.send(scene.identify("ada", anonymous_id="anon"))

    assert [("in time", "ada"), ("not theirs", None), ("late", None)] == await owners(scene)


@pytest.mark.spec("1.41")
@pytest.mark.parametrize(("days", "owner"), [(29, "ada"), (31, None)])
async def test_events_wait_for_their_person_for_thirty_days(scene: Scene, days: int, owner: str | None) -> None:
    await scene.send(anonymous(scene, "anon"))
    await scene.advance(days=days)
    await scene.send(scene.identify("ada", anonymous_id="anon"))

    assert [("bought", owner)] == await owners(scene)


@pytest.mark.spec("1.42")
@pytest.mark.parametrize(
    ("hours", "entered", "refused"), [(0, 1, []), (71, 1, []), (73, 0, ["stale"])], ids=["at once", "71 h", "73 h"]
)
async def test_an_event_triggers_when_it_is_attached_if_it_is_not_older_than_72_hours(
    scene: Scene, hours: int, entered: int, refused: list[str]
) -> None:
    await scene.campaign("nudge")
    await scene.send(anonymous(scene, "anon"))
    assert [] == await scene.entered("nudge")
    await scene.advance(hours=hours)

    await scene.send(scene.identify("ada", anonymous_id="anon"))

    assert (entered, refused) == (len(await scene.entered("nudge")), await scene.refused("nudge"))


@pytest.mark.spec("1.42")
async def test_it_is_the_timestamp_of_the_event_that_may_not_be_older(scene: Scene) -> None:
    await scene.campaign("nudge")
    await scene.advance(days=4)
    said = scene.now - timedelta(hours=71)
    await scene.send(anonymous(scene, "anon", timestamp=said.timestamp()))
    await scene.advance(hours=2)

    await scene.send(scene.identify("ada", anonymous_id="anon"))

    assert ["stale"] == await scene.refused("nudge")


@pytest.mark.spec("1.42", "4.11")
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
async def test_an_attached_event_enters_and_waits_for_filters_from_when_it_is_attached(
    scene: Scene, together: bool
) -> None:
    await scene.segment("vip", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("thanks")
    await scene.campaign("perk", filters={"in": "vip"})
    happened = anonymous(scene, "anon")
    scene.now = START + timedelta(minutes=40)
    known = scene.identify("ada", anonymous_id="anon")
    scene.now = START + timedelta(minutes=45)
    inputs = [happened, known, scene.identify("ada", plan="pro")]
    if together:
        await scene.send(*inputs)
    else:
        for item in inputs:
            scene.now = item.received_at
            await scene.send(item)

    assert ([known.received_at], [scene.now]) == (await scene.entered("thanks"), await scene.entered("perk"))
    assert [START] == [row["received_at"] for row in await scene.rows("SELECT received_at FROM events")]


@pytest.mark.spec("1.42")
async def test_one_that_follows_triggers_at_once(scene: Scene) -> None:
    await scene.campaign("nudge")
    await scene.send(scene.identify("ada", anonymous_id="anon"), anonymous(scene, "anon"))

    assert 1 == len(await scene.entered("nudge"))


async def test_attached_events_count_for_segments(scene: Scene) -> None:
    await scene.segment("buyers", {"performed": {"event": "bought", "at_least": 2}})
    await scene.send(anonymous(scene, "anon"), anonymous(scene, "anon"), scene.identify("ada"))
    assert [] == await scene.members("buyers")

    await scene.send(scene.identify("ada", anonymous_id="anon"))

    assert ["ada"] == await scene.members("buyers")


async def test_an_id_that_belongs_to_somebody_gives_nothing_to_anybody_else(scene: Scene) -> None:
    await scene.send(scene.identify("ada", anonymous_id="anon"))
    await scene.advance(hours=1)
    await scene.send(anonymous(scene, "anon"), scene.identify("bob", anonymous_id="anon"))

    assert [("bought", None)] == await owners(scene)
    assert ["identifier_is_taken"] == [reason for reason, _ in await scene.failures()]


async def test_the_same_event_told_twice_is_attached_once(scene: Scene) -> None:
    await scene.send(anonymous(scene, "anon", id="k"), anonymous(scene, "anon", id="k"))
    await scene.send(scene.identify("ada", anonymous_id="anon"), anonymous(scene, "anon", id="k"))

    assert [("bought", "ada")] == await owners(scene)


async def test_a_form_gives_the_id_as_well(scene: Scene) -> None:
    submission = {"form": "f", "type": "form", "fields": {}, "attributes": {"anonymous_id": "anon"}, "id": None}
    await scene.send(anonymous(scene, "anon"), scene.about("form", "ada", **submission))

    assert [("bought", "ada"), ("f", "ada")] == await owners(scene)


async def test_events_between_a_deletion_and_an_identify_are_not_lost(scene: Scene) -> None:
    await scene.send(
        scene.identify("bob"),
        anonymous(scene, "anon"),
        scene.about("delete", "bob"),
        scene.identify("ada", anonymous_id="anon"),
    )

    assert [("bought", "ada")] == await owners(scene)


async def test_an_id_that_thousands_share_by_mistake_attaches_a_bounded_number(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attaching, "MOST_ATTACHED", 2)
    await scene.send(*(anonymous(scene, "undefined", f"event {number}") for number in range(4)))

    await scene.send(scene.identify("ada", anonymous_id="undefined"))

    assert [("event 0", None), ("event 1", None), ("event 2", "ada"), ("event 3", "ada")] == await owners(scene)
