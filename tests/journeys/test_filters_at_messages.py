"""Filters say who may enter, and who may stay until the next message (behaviour 4.01-4.08)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World, email, kinds

PRO = {"in": "pro"}


@pytest.fixture
async def segments(world: World) -> World:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.segment("late", {"attribute": "invoice", "equals": "open"})
    return world


def purchase(*workflow: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"trigger": {"event": "purchase"}, "filters": PRO, "workflow": list(workflow)} | fields


@pytest.mark.spec("4.01", "4.03")
async def test_the_trigger_begins_a_journey_and_the_filters_only_allow_it(segments: World) -> None:
    await segments.campaign(**purchase(email("one"), {"delay": "1d"}, email("two")))

    await segments.identify("ada", plan="pro")  # matches the filters, and does nothing
    await segments.event("bob", "purchase")  # does it, and does not match
    await segments.identify("eve", plan="pro")
    await segments.event("eve", "purchase")
    await segments.advance(hours=1)
    await segments.identify("eve", plan="free")
    await segments.advance(days=1)

    assert ([], []) == (await segments.journeys("ada"), await segments.journeys("bob"))
    assert ["one"] == segments.subjects()


@pytest.mark.spec("4.02")
@pytest.mark.parametrize(
    ("filters", "entering"),
    [
        ({"in": "pro"}, ["pro", "both"]),
        ({"not_in": "late"}, ["pro", "neither"]),
        ({"all": [{"in": "pro"}, {"in": "late"}]}, ["both"]),
        ({"all": [{"in": "pro"}, {"not_in": "late"}]}, ["pro"]),
        ({"any": [{"in": "pro"}, {"in": "late"}]}, ["pro", "late", "both"]),
        ({"any": [{"not_in": "pro"}, {"not_in": "late"}]}, ["pro", "late", "neither"]),
    ],
)
async def test_filters_are_segments_in_or_not_in_joined_by_and_or_or(
    segments: World, filters: dict[str, Any], entering: list[str]
) -> None:
    await segments.campaign(**purchase({"delay": "1h"}, filters=filters))
    people: dict[str, dict[str, str]] = {
        "pro": {"plan": "pro"},
        "late": {"invoice": "open"},
        "both": {"plan": "pro", "invoice": "open"},
        "neither": {},
    }
    for person, attributes in people.items():
        await segments.identify(person, **attributes)
        await segments.event(person, "purchase")
    await segments.advance(minutes=31)

    assert entering == [person for person in people if await segments.journeys(person)]


@pytest.mark.spec("4.02")
async def test_filters_on_the_events_data_are_asked_as_well_and_are_not_waited_for(segments: World) -> None:
    trigger = {"event": "purchase", "where": [{"path": "total", "at_least": 10}]}
    await segments.campaign(**purchase(email("thanks"), trigger=trigger))
    await segments.identify("ada", plan="pro")

    await segments.event("ada", "purchase", {"total": 9})

    assert ([], []) == (await segments.journeys("ada"), await segments.refusals("ada"))


@pytest.mark.spec("4.02")
@pytest.mark.parametrize("filters", [{"attribute": "plan", "equals": "pro"}, {"path": "total", "exists": True}])
async def test_anything_but_segments_is_refused_as_a_filter(segments: World, filters: dict[str, Any]) -> None:
    document = {"name": "campaign"} | purchase(email("thanks"), filters=filters)

    answer = await segments.http.put("/sojourn/v1/campaigns/campaign", json=document)

    assert 422 == answer.status_code
    assert {"filters"} == {fault["place"].split(".")[0] for fault in answer.json()["faults"]}


@pytest.mark.spec("4.03", "4.10")
async def test_filters_that_match_at_once_do_not_wait(segments: World) -> None:
    await segments.campaign(**purchase(email("thanks")))
    await segments.identify("ada", plan="pro")
    await segments.event("ada", "purchase")

    assert ["thanks"] == segments.subjects()


@pytest.mark.spec("4.04")
@pytest.mark.parametrize(
    ("setting", "subjects"),
    [
        ("stopped_matching", ["one", "two"]),
        ("goal_or_stopped_matching", ["one", "two"]),
        ("goal", ["one", "two", "three"]),
    ],
)
async def test_filters_are_asked_before_each_message_if_the_exit_setting_says_so(
    segments: World, setting: str, subjects: list[str]
) -> None:
    workflow = [email("one"), {"delay": "1h"}, email("two"), {"delay": "1h"}, email("three")]
    await segments.campaign(**purchase(*workflow, exit=setting, goal={"event": "refund"}))
    await segments.identify("ada", plan="pro")
    await segments.event("ada", "purchase")
    await segments.advance(hours=1)
    await segments.identify("ada", plan="free")
    await segments.advance(hours=1)

    assert subjects == segments.subjects()


@pytest.mark.spec("4.05")
async def test_filters_are_not_asked_before_data_blocks_delays_or_branches(segments: World) -> None:
    plan: dict[str, Any] = {
        "if": {"attribute": "plan", "equals": "free"},
        "then": [{"update_person": {"set": {"branched": "then"}}}],
    }
    workflow: list[dict[str, Any]] = [
        {"delay": "1h"},
        {"update_person": {"set": {"marked": "yes"}}},
        {"delay": "1h"},
        {"branch": plan},
        {"delay": "1h"},
        email("one"),
    ]
    await segments.campaign(**purchase(*workflow))
    await segments.identify("ada", plan="pro")
    await segments.event("ada", "purchase")
    await segments.identify("ada", plan="free")

    await segments.advance(hours=2, minutes=30)
    before_the_message = await segments.journey("ada")
    await segments.advance(hours=1)

    attributes = (await segments.get("people/ada"))["attributes"]
    journey = await segments.journey("ada")
    assert ("running", "yes", "then") == (before_the_message["state"], attributes["marked"], attributes["branched"])
    assert ([], "stopped_matching") == (segments.subjects(), journey["exit_reason"])
    assert ("exited", "one") == (journey["decisions"][-1]["kind"], journey["decisions"][-1]["block"])


@pytest.mark.spec("4.04", "10.40")
async def test_who_matches_again_by_the_next_message_gets_it(segments: World) -> None:
    await segments.campaign(**purchase({"delay": "2h"}, email("one")))
    await segments.identify("ada", plan="pro")
    await segments.event("ada", "purchase")
    await segments.identify("ada", plan="free")
    await segments.advance(hours=1)
    await segments.identify("ada", plan="pro")
    await segments.advance(hours=1)

    assert ["one"] == segments.subjects()


async def test_filters_that_fail_at_a_message_end_the_journey_at_once(segments: World) -> None:
    """Behaviour 4.07 for event campaigns: no grace, and no 30 minutes to match again."""
    await segments.campaign(**purchase({"delay": "1h"}, email("one")))
    await segments.identify("ada", plan="pro")
    await segments.event("ada", "purchase")
    await segments.identify("ada", plan="free")

    await segments.advance(hours=1)
    journey = await segments.journey("ada")
    await segments.advance(minutes=5)
    await segments.identify("ada", plan="pro")
    await segments.advance(days=2)

    assert ("exited", "stopped_matching") == (journey["state"], journey["exit_reason"])
    assert (["entered", "waiting", "passed", "exited"], []) == (
        kinds(await segments.journey("ada")),
        segments.subjects(),
    )
    assert False is journey["decisions"][-1]["seen"]["filters"]["holds"]


@pytest.mark.spec("4.08")
async def test_with_people_do_not_exit_filters_are_asked_at_entry_only(segments: World) -> None:
    await segments.campaign(**purchase(email("one"), {"delay": "1h"}, email("two"), exit="never"))
    await segments.event("bob", "purchase")
    await segments.identify("ada", plan="pro")
    await segments.event("ada", "purchase")
    await segments.identify("ada", plan="free")
    await segments.advance(hours=1)

    assert (["one", "two"], []) == (segments.subjects("ada@example.com"), await segments.journeys("bob"))
