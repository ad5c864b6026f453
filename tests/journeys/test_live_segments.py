"""Segments follow every input and every clock, and campaigns see it at once (behaviour 3.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.world import World, email


async def members(world: World, segment: str) -> set[str]:
    """Return the emails of a segment's members."""
    rows = await world.pool.fetch(
        "SELECT p.email FROM segment_members m JOIN people p ON p.id = m.person_id "
        "JOIN segments s ON s.id = m.segment_id WHERE s.key = $1",
        segment,
    )
    return {row["email"].partition("@")[0] for row in rows}


@pytest.mark.spec("3.01")
async def test_people_join_and_leave_by_themselves(world: World) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.identify("ada", plan="pro")
    assert {"ada"} == await members(world, "pro")

    await world.identify("ada", plan="free")

    assert set() == await members(world, "pro")


@pytest.mark.spec("3.02")
async def test_conditions_ask_about_attributes_events_views_devices_and_segments(world: World) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.segment("buyers", {"performed": {"event": "purchase"}})
    await world.segment("visitors", {"performed": {"page": {"contains": "/pricing"}}})
    await world.segment("viewers", {"performed": {"screen": "Home"}})
    await world.segment("ios", {"device": [{"path": "platform", "equals": "ios"}]})
    await world.segment("all-of-it", {"all": [{"in": key} for key in ("pro", "buyers", "visitors", "viewers", "ios")]})
    await world.identify("ada", plan="pro")
    await world.event("ada", "purchase")
    await world.event("ada", "https://shop.example/pricing?a=1", type="page")
    await world.event("ada", "Home", type="screen")
    assert set() == await members(world, "all-of-it")

    device = {"device": {"id": "d1", "platform": "ios"}}
    await world.http.put("/api/v1/customers/ada/devices", json=device)
    await world.settle()
    assert {"ada"} == await members(world, "all-of-it")

    await world.http.delete("/api/v1/customers/ada/devices/d1")
    await world.settle()
    assert set() == await members(world, "all-of-it")


@pytest.mark.spec("3.03")
async def test_groups_nest(world: World) -> None:
    condition = {
        "any": [
            {"all": [{"attribute": "plan", "equals": "pro"}, {"any": [{"attribute": "a", "exists": True}]}]},
            {"all": [{"performed": {"event": "login"}}, {"attribute": "b", "exists": False}]},
        ]
    }
    await world.segment("nested", condition)
    await world.identify("ada", plan="pro")
    assert set() == await members(world, "nested")
    await world.identify("ada", a=1)
    await world.event("bob@example.com", "login")
    assert {"ada", "bob"} == await members(world, "nested")
    await world.identify("bob@example.com", b=1)
    assert {"ada"} == await members(world, "nested")


@pytest.mark.spec("3.06")
@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ({}, [0, 1, 1, 1]),
        ({"at_least": 2}, [0, 0, 1, 1]),
        ({"at_most": 1}, [1, 1, 0, 0]),
        ({"exactly": 2}, [0, 0, 1, 0]),
        ({"at_least": 2, "within": "1h"}, [0, 0, 1, 1]),
        ({"at_least": 2, "within": "9m"}, [0, 0, 0, 0]),
    ],
)
async def test_events_are_counted(world: World, count: dict[str, Any], expected: list[int]) -> None:
    where = [{"path": "total", "greater_than": 10}]
    await world.segment("buyers", {"performed": {"event": "purchase", "where": where, **count}})
    await world.identify("ada")
    seen = [len(await members(world, "buyers"))]
    for _ in range(3):
        await world.event("ada", "purchase", {"total": 5})
        await world.event("ada", "refund", {"total": 50})
        await world.event("ada", "purchase", {"total": 50})
        seen.append(len(await members(world, "buyers")))
        await world.advance(minutes=10)

    assert expected == seen


@pytest.mark.spec("3.06")
async def test_not_performed_ever_ends_with_the_first_event(world: World) -> None:
    await world.segment("never", {"not_performed": {"event": "purchase"}})
    await world.identify("ada")
    assert {"ada"} == await members(world, "never")

    await world.event("ada", "purchase")

    assert set() == await members(world, "never")


@pytest.mark.spec("3.07")
async def test_page_views_are_found_by_the_whole_url_or_a_part(world: World) -> None:
    await world.segment("exact", {"performed": {"page": "/pricing"}})
    await world.segment("part", {"performed": {"page": {"contains": "/pricing"}, "at_least": 2, "within": "1d"}})
    await world.event("ada@example.com", "/pricing", type="page")
    await world.event("bob@example.com", "/pricing/team", type="page")
    await world.event("bob@example.com", "https://x.example/pricing", type="page")
    await world.event("eve@example.com", "/pricing")

    assert ({"ada"}, {"bob"}) == (await members(world, "exact"), await members(world, "part"))


@pytest.mark.spec("3.08", "3.09")
async def test_a_window_ends_to_the_second_without_new_data(world: World) -> None:
    await world.segment("active", {"performed": {"event": "login", "at_least": 2, "within": "7d"}})
    await world.event("ada@example.com", "login")
    await world.advance(days=2)
    await world.event("ada@example.com", "login")
    await world.advance(days=5, seconds=-3)
    assert {"ada"} == await members(world, "active")

    await world.advance(seconds=3)

    assert set() == await members(world, "active")


@pytest.mark.spec("3.08", "1.39")
async def test_an_event_from_the_future_counts_when_its_time_has_come(world: World) -> None:
    await world.segment("active", {"performed": {"event": "login", "within": "7d"}})
    soon = world.now + timedelta(hours=2)
    await world.event("ada@example.com", "login", timestamp=int(soon.timestamp()))
    assert set() == await members(world, "active")

    await world.advance(hours=2)
    assert {"ada"} == await members(world, "active")
    await world.advance(days=7)

    assert set() == await members(world, "active")


@pytest.mark.spec("1.38", "3.08")
async def test_an_old_event_counts_where_its_own_time_lies(world: World) -> None:
    await world.segment("active", {"performed": {"event": "login", "within": "7d"}})
    await world.segment("ever", {"performed": {"event": "login"}})
    old = int((world.now - timedelta(days=8)).timestamp())
    recent = int((world.now - timedelta(days=6)).timestamp())
    await world.event("ada@example.com", "login", timestamp=old)
    await world.event("bob@example.com", "login", timestamp=recent)
    assert ({"bob"}, {"ada", "bob"}) == (await members(world, "active"), await members(world, "ever"))

    await world.advance(days=1)

    assert set() == await members(world, "active")


@pytest.mark.spec("3.10", "3.11")
async def test_not_performed_in_a_window_needs_somebody_known_for_as_long(world: World) -> None:
    await world.segment("idle", {"not_performed": {"event": "login", "within": "30d"}})
    await world.identify("ada")
    assert set() == await members(world, "idle")
    await world.advance(days=30)
    assert {"ada"} == await members(world, "idle")

    await world.event("ada", "login")
    assert set() == await members(world, "idle")
    await world.advance(days=29)
    assert set() == await members(world, "idle")
    await world.advance(days=1)

    assert {"ada"} == await members(world, "idle")


@pytest.mark.spec("3.10")
async def test_an_earlier_event_makes_a_person_known_for_longer(world: World) -> None:
    await world.segment("idle", {"not_performed": {"event": "login", "within": "30d"}})
    await world.identify("ada")
    long_ago = int((world.now - timedelta(days=40)).timestamp())

    await world.event("ada", "signed_up", timestamp=long_ago)

    assert {"ada"} == await members(world, "idle")


@pytest.mark.spec("3.12")
async def test_newer_people_are_included_by_an_alternative(world: World) -> None:
    never = {"not_performed": {"event": "login"}}
    await world.segment("idle", {"any": [{"not_performed": {"event": "login", "within": "30d"}}, never]})
    await world.identify("ada")
    assert {"ada"} == await members(world, "idle")

    await world.event("ada", "login")

    assert set() == await members(world, "idle")


@pytest.mark.spec("3.13")
async def test_relative_dates_are_looked_at_again_as_time_passes(world: World) -> None:
    await world.segment("soon", {"attribute": "renews_at", "before": {"from_now": "7d"}})
    await world.segment("long-ago", {"attribute": "renews_at", "before": {"ago": "1d"}})
    await world.identify("ada", renews_at=int((world.now + timedelta(days=10)).timestamp()))
    await world.advance(days=2)
    assert set() == await members(world, "soon")

    await world.advance(days=2)
    assert ({"ada"}, set()) == (await members(world, "soon"), await members(world, "long-ago"))
    await world.advance(days=8)

    assert {"ada"} == await members(world, "long-ago")


@pytest.mark.spec("3.14")
async def test_is_a_timestamp_holds_until_the_value_changes(world: World) -> None:
    await world.segment("dated", {"attribute": "trial_ends", "is_timestamp": True})
    await world.identify("ada", trial_ends=int((world.now + timedelta(days=1)).timestamp()))
    await world.advance(days=400)
    assert {"ada"} == await members(world, "dated")

    await world.identify("ada", trial_ends="soon")

    assert set() == await members(world, "dated")


@pytest.mark.spec("3.15")
async def test_segments_of_segments_follow_and_circles_are_refused(world: World) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    await world.segment("idle-pro", {"all": [{"in": "pro"}, {"not_performed": {"event": "login"}}]})
    await world.campaign(trigger={"condition": {"in": "idle-pro"}}, workflow=[email("hello")])
    await world.identify("ada", plan="pro")
    assert ["hello"] == world.subjects()

    condition = {"any": [{"attribute": "plan", "equals": "pro"}, {"in": "idle-pro"}]}
    refused: httpx.Response = await world.http.put(
        "/sojourn/v1/segments/pro", json={"name": "pro", "condition": condition}
    )

    assert 400 <= refused.status_code < 500


@pytest.mark.spec("3.04", "3.06")
async def test_a_new_segment_counts_what_happened_before_it(world: World) -> None:
    await world.event("ada@example.com", "login")
    await world.event("ada@example.com", "login")
    await world.event("bob@example.com", "login")
    await world.segment("twice", {"performed": {"event": "login", "at_least": 2}})
    assert {"ada"} == await members(world, "twice")

    await world.event("bob@example.com", "login")

    assert {"ada", "bob"} == await members(world, "twice")


async def test_ten_thousand_events_of_one_person_are_one_row_of_counts(world: World) -> None:
    await world.segment("busy", {"performed": {"event": "login", "at_least": 3, "within": "90d"}})
    await world.identify("ada")
    for number in range(50):
        await world.event("ada", "login", {"number": number})

    rows = await world.pool.fetch("SELECT total, cardinality(newest) AS newest FROM tallies")

    assert [(50, 3)] == [(row["total"], row["newest"]) for row in rows]


@pytest.mark.spec("3.18")
async def test_what_a_rebuild_changes_is_seen_at_the_next_check_of_a_running_journey(world: World) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    workflow = [{"delay": "1d"}, email("hello")]
    await world.campaign(trigger={"event": "purchase"}, filters={"in": "pro"}, workflow=workflow)
    for person, plan in (("ada", "pro"), ("bob", "pro")):
        await world.identify(person, plan=plan, country="de" if person == "bob" else "fr")
        await world.event(person, "purchase")

    await world.segment("pro", {"attribute": "country", "equals": "de"})
    await world.advance(days=1)

    assert ["bob@example.com"] == [mail.to for mail in world.mails]
    assert "stopped_matching" == (await world.journey("ada"))["exit_reason"]
