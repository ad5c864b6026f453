"""What somebody did before they said who they are starts campaigns once they do (behaviour 1.41, 1.42)."""

from __future__ import annotations

import pytest

from tests.world import World, email


async def visit(world: World, name: str = "viewed", **fields: object) -> None:
    """Tell an event of somebody who is not known yet."""
    body = {"name": name, "anonymous_id": "anon", "data": {"page": "/pricing"}, **fields}
    assert 200 == (await world.http.post("/api/v1/events", json=body)).status_code
    await world.settle()


@pytest.fixture
async def visits(world: World) -> World:
    subject = "You looked at {{ event.page }}"
    await world.campaign(trigger={"event": "viewed"}, workflow=[email("nudge", subject=subject)])
    return world


@pytest.mark.spec("1.41", "1.42")
async def test_an_earlier_event_starts_a_journey_when_its_person_is_known(visits: World) -> None:
    await visit(visits)
    await visits.advance(hours=71)
    before = visits.subjects()

    await visits.identify("ada", anonymous_id="anon")
    await visits.identify("ada", anonymous_id="anon", plan="pro")

    assert ([], ["You looked at /pricing"]) == (before, visits.subjects())


@pytest.mark.spec("1.42")
async def test_an_event_older_than_72_hours_starts_nothing_and_is_theirs(visits: World) -> None:
    await visit(visits)
    await visits.advance(hours=73)

    await visits.identify("ada", anonymous_id="anon")

    [event] = (await visits.get("events"))["items"]
    assert ([], "ada") == (visits.subjects(), event["person"]["id"])
    assert ["stale"] == [refusal["reason"] for refusal in await visits.refusals("ada")]


@pytest.mark.spec("1.41")
async def test_an_event_that_arrives_within_five_minutes_after_is_theirs_and_a_later_one_is_not(visits: World) -> None:
    await visits.identify("ada", anonymous_id="anon")
    await visits.advance(minutes=4)
    await visit(visits)
    await visits.advance(minutes=2)
    await visit(visits)

    events = (await visits.get("events"))["items"]
    assert (["You looked at /pricing"], [None, "ada"]) == (
        visits.subjects(),
        [event["person"]["id"] for event in events],
    )
