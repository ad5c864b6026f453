"""A campaign is edited while people are in it (behaviour 15)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.world import World, email, kinds

PAUSE: dict[str, Any] = {"delay": {"id": "pause", "for": "2d"}}
TRIGGER = {"event": "purchase"}


async def save(world: World, *workflow: Any) -> httpx.Response:
    document = {"name": "campaign", "trigger": TRIGGER, "workflow": list(workflow)}
    return await world.http.put("/sojourn/v1/campaigns/campaign", json=document)


async def edit(world: World, *workflow: Any, **fields: Any) -> None:
    await world.campaign(start=False, **{"trigger": TRIGGER, "workflow": list(workflow)} | fields)


async def begin(world: World, *workflow: Any, person: str = "ada", **fields: Any) -> None:
    """Start a campaign and let a person in."""
    await world.campaign(**{"trigger": TRIGGER, "workflow": list(workflow)} | fields)
    await world.identify(person)
    await world.event(person, "purchase")


@pytest.mark.spec("15.01")
async def test_at_each_step_a_journey_follows_the_latest_version(world: World) -> None:
    again = {"delay": {"id": "again", "for": "1d"}}
    await begin(world, PAUSE, email("one", subject="old"), again, email("two"))
    await edit(world, PAUSE, email("one", subject="new"), again, email("two"))
    await world.advance(days=2)
    await edit(world, PAUSE, email("one"), again, email("two", subject="newer"))
    await world.advance(days=2)

    assert ["new", "newer"] == world.subjects()
    assert [2, 3] == [one["version"] for one in await world.deliveries("ada")]


@pytest.mark.spec("15.01")
async def test_who_entered_by_an_old_version_takes_the_branch_of_the_new_one(world: World) -> None:
    fork = {"id": "fork", "if": {"data": "total", "at_least": 100}, "then": [email("big")], "else": [email("small")]}
    await begin(world, PAUSE, {"branch": fork})
    await edit(world, PAUSE, {"branch": fork | {"if": {"data": "total", "exists": False}}})
    await world.advance(days=2)

    assert ["big"] == world.subjects()


@pytest.mark.spec("15.02")
async def test_nobody_is_sent_back_and_no_block_is_repeated(world: World) -> None:
    await begin(world, email("one"), PAUSE, email("two"), {"delay": "1d"})
    await edit(world, email("zero"), email("one", subject="one, better"), PAUSE, email("two"), {"delay": "1d"})
    await world.advance(days=2)
    await edit(world, email("one"), email("two", subject="two, better"), {"delay": "1d"})
    await world.advance(days=2)

    assert (["one", "two"], "finished") == (world.subjects(), (await world.journey("ada"))["state"])


@pytest.mark.spec("15.02")
async def test_a_block_that_is_moved_behind_those_who_had_it_comes_no_second_time(world: World) -> None:
    await begin(world, email("one"), PAUSE, email("two"))
    await edit(world, PAUSE, email("two"), email("one"))
    await world.advance(days=2)

    assert ["one", "two"] == world.subjects()


@pytest.mark.spec("15.03")
async def test_a_version_is_sent_as_a_whole_however_many_saves_come_at_once(world: World) -> None:
    def version(number: int) -> list[Any]:
        said = dict.fromkeys(("subject", "body", "text"), f"of {number}")
        return [PAUSE, email("one", **said), email("two", **said)]

    await world.campaign(trigger=TRIGGER, workflow=version(0))
    people = [f"p{number}" for number in range(12)]
    for person in people:
        await world.identify(person)
        await world.event(person, "purchase")
    saves = asyncio.gather(*(save(world, *version(number)) for number in range(1, 9)))
    await world.advance(days=2)

    assert list(range(2, 10)) == sorted(answer.json()["version"] for answer in await saves)
    assert 24 == len(world.mails)
    assert [mail.subject for mail in world.mails] == [mail.html for mail in world.mails]
    assert [mail.subject for mail in world.mails] == [mail.email.text for mail in world.mails]


@pytest.mark.spec("15.03")
async def test_a_save_that_is_refused_changes_nothing(world: World) -> None:
    await begin(world, PAUSE, email("one"))
    broken = [{"delay": {"id": "pause", "for": "1h"}}, email("one", subject="{{ customer.name"), email("one")]

    answer = await save(world, *broken)
    await world.advance(days=1)
    early = world.subjects()
    await world.advance(days=1)

    assert (422, [], ["one"]) == (answer.status_code, early, world.subjects())
    assert 1 == (await world.get("campaigns/campaign"))["version"]


@pytest.mark.spec("15.20")
async def test_a_new_block_is_reached_by_those_who_have_not_passed_its_place(world: World) -> None:
    later = {"delay": {"id": "later", "for": "2d"}}
    await begin(world, PAUSE, email("one"), later, email("two"), person="beyond")
    await world.advance(days=2)
    await world.identify("before")
    await world.event("before", "purchase")

    await edit(world, PAUSE, email("one"), email("inserted"), later, email("two"))
    await world.advance(days=5)

    assert ["one", "two"] == world.subjects("beyond@example.com")
    assert ["one", "inserted", "two"] == world.subjects("before@example.com")


@pytest.mark.spec("15.20")
async def test_a_new_block_right_behind_where_somebody_waits_is_reached(world: World) -> None:
    await begin(world, PAUSE, email("one"))
    await edit(world, PAUSE, email("inserted"), email("one"))
    await world.advance(days=2)

    assert ["inserted", "one"] == world.subjects()


@pytest.mark.spec("15.26")
async def test_whose_block_was_deleted_goes_on_at_the_one_that_followed(world: World) -> None:
    await begin(world, email("one"), PAUSE, email("gone"), email("two"))
    await edit(world, email("one"), email("two"))
    await world.advance(days=2)

    journey = await world.journey("ada")
    assert (["one", "two"], "finished") == (world.subjects(), journey["state"])
    assert "moved" in kinds(journey)


@pytest.mark.spec("15.26")
@pytest.mark.parametrize("left", [[email("one")], ["exit"]])
async def test_whose_block_was_deleted_finishes_if_nothing_followed(world: World, left: list[Any]) -> None:
    await begin(world, email("one"), PAUSE)
    await edit(world, *left)
    await world.advance(days=2)

    assert (["one"], "finished") == (world.subjects(), (await world.journey("ada"))["state"])


@pytest.mark.spec("15.26")
@pytest.mark.parametrize("is_branch_left", [True, False])
async def test_whose_path_was_deleted_goes_on_behind_the_branch(world: World, is_branch_left: bool) -> None:
    inside = {"branch": {"id": "fork", "if": {"data": "x", "exists": False}, "then": [PAUSE, email("inner")]}}
    await begin(world, inside, email("behind"))
    emptied = {"branch": {"id": "fork", "if": {"data": "x", "exists": False}, "then": [email("other")]}}
    await edit(world, *([emptied] if is_branch_left else []), email("behind"))
    await world.advance(days=2)

    assert ["behind"] == world.subjects()


@pytest.mark.spec("15.30")
@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ({"event": "purchase"}, {"event": "sale"}, ("purchase", {}), ("sale", {})),
        ({"event": "purchase"}, {"page": "purchase"}, ("purchase", {}), ("purchase", {"type": "page"})),
        (
            {"event": "purchase", "where": [{"path": "total", "equals": 1}]},
            {"event": "purchase", "where": [{"path": "total", "equals": 2}]},
            ("purchase", {"data": {"total": 1}}),
            ("purchase", {"data": {"total": 2}}),
        ),
    ],
)
async def test_a_changed_trigger_counts_for_later_events_and_leaves_journeys_under_way_alone(
    world: World, before: Any, after: Any, old: tuple[str, Any], new: tuple[str, Any]
) -> None:
    for person in ("ada", "bob", "eve"):
        await world.identify(person)
    await world.campaign(trigger=before, workflow=[PAUSE, email("one")])
    await world.event("ada", old[0], **old[1])
    await edit(world, PAUSE, email("one"), trigger=after)
    await world.event("bob", old[0], **old[1])
    await world.event("eve", new[0], **new[1])
    await world.advance(days=2)

    assert ["ada@example.com", "eve@example.com"] == sorted(mail.to for mail in world.mails)


@pytest.mark.spec("15.31")
@pytest.mark.parametrize(("option", "reason"), [("stopped_matching", "stopped_matching"), ("never", None)])
async def test_a_changed_filter_judges_journeys_under_way_at_their_next_message(
    world: World, option: str, reason: str | None
) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.segment("old", {"attribute": "age", "at_least": 60})
    await world.identify("ada", plan="pro")
    mark = {"update_person": {"set": {"marked": "yes"}}}
    blocks = [email("one"), {"delay": "1d"}, mark, {"delay": "1d"}, email("two")]
    await begin(world, *blocks, filters={"in": "pro"}, exit=option)
    await edit(world, *blocks, filters={"in": "old"}, exit=option)
    await world.advance(days=1)
    on_the_way = await world.journey("ada")
    await world.advance(days=2)

    journey = await world.journey("ada")
    assert ("running", "yes") == (on_the_way["state"], (await world.get("people/ada"))["attributes"]["marked"])
    assert (reason, ["one"] if reason else ["one", "two"]) == (journey["exit_reason"], world.subjects())
