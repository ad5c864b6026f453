"""The condition language where it is used: one scenario for each place that asks (behaviour 5)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.world import World, email

TRIGGER = {"event": "purchase"}

ADA: dict[str, Any] = {
    "plan": "pro",
    "seats": "12",
    "active": 1,
    "renews": "2027-03-05T12:00:00+02:00",
    "tags": ["wool", "silk"],
    "orders": [{"kind": "socks", "price": 9}, {"kind": "hat", "price": 40}],
    "address": {"city": "Paris", "zip.code": "75001"},
}

TRUE_OF_ADA: list[dict[str, Any]] = [
    {"attribute": "plan", "exists": True},
    {"attribute": "phone", "exists": False},
    {"attribute": "plan", "not_equals": "Pro"},
    {"attribute": "seats", "equals": 12},
    {"attribute": "plan", "one_of": ["team", "pro"]},
    {"attribute": "phone", "not_one_of": ["1", "2"]},
    {"attribute": "tags", "contains": "cotton|silk"},
    {"attribute": "plan", "not_contains": "free|team"},
    {"attribute": "plan", "starts_with": "pr"},
    {"attribute": "email", "ends_with": "@example.com"},
    {"attribute": "seats", "between": [12, 13]},
    {"attribute": "active", "is_true": True},
    {"attribute": "renews", "is_timestamp": True},
    {"attribute": "renews", "after": "2027-03-05T09:59:59Z"},
    {"attribute": "renews", "before": {"from_now": "5d"}},
    {"attribute": "id", "matches": "[a-c]da"},
    {"attribute": "address.city", "equals": "Paris"},
    {"attribute": 'address["zip.code"]', "equals": "75001"},
    {"attribute": "orders[1].price", "greater_than": 39},
    {"attribute": "orders[].kind", "equals": "hat"},
    {"attribute": "orders[].kind", "not_equals": "coat"},
    {"attribute": "orders[]", "same_item": [{"path": "kind", "equals": "hat"}, {"path": "price", "at_least": 40}]},
    {"any": [{"attribute": "plan", "equals": "free"}, {"all": [{"attribute": "seats", "at_most": 12}]}]},
]
FALSE_OF_ADA: list[dict[str, Any]] = [
    {"attribute": "phone", "exists": True},
    {"attribute": "plan", "equals": "Pro"},
    {"attribute": "seats", "greater_than": 12},
    {"attribute": "phone", "less_than": 5},
    {"attribute": "active", "is_false": True},
    {"attribute": "plan", "is_timestamp": True},
    {"attribute": "renews", "before": {"from_now": "4d"}},
    {"attribute": "id", "matches": "[a-c]d"},
    {"attribute": "orders[2].price", "greater_than": 0},
    {"attribute": "orders[].kind", "not_equals": "hat"},
    {"attribute": "orders[]", "same_item": [{"path": "kind", "equals": "socks"}, {"path": "price", "at_least": 40}]},
    {"all": [{"attribute": "plan", "equals": "pro"}, {"attribute": "seats", "at_most": 11}]},
]


def asking(number: int, condition: dict[str, Any]) -> dict[str, Any]:
    """Return a branch that sends an email to those of whom the condition is true."""
    return {"branch": {"id": f"b{number}", "if": condition, "then": [email(f"m{number}")]}}


async def test_branches_ask_in_the_whole_language(world: World) -> None:
    questions = [*TRUE_OF_ADA, *FALSE_OF_ADA]
    await world.campaign(trigger=TRIGGER, workflow=[asking(*numbered) for numbered in enumerate(questions)])
    await world.identify("ada", **ADA)
    await world.event("ada", "purchase")

    assert [f"m{number}" for number in range(len(TRUE_OF_ADA))] == world.subjects()


async def test_action_conditions_ask_about_person_segments_and_event(world: World) -> None:
    await world.segment("heavy", {"attribute": "orders[].price", "at_least": 40})
    conditions: dict[str, Any] = {
        "person": {"attribute": "address.city", "equals": "Paris"},
        "segment": {"in": "heavy"},
        "no_segment": {"not_in": "heavy"},
        "event": {"data": "items[].sku", "contains": "sock|hat"},
        "no_event": {"data": "items[1].sku", "exists": True},
        "several": [{"in": "heavy"}, {"data": "total", "between": [1, 2]}],
    }
    await world.campaign(
        trigger=TRIGGER, workflow=[email(block, **{"if": asked}) for block, asked in conditions.items()]
    )
    await world.identify("ada", **ADA)
    await world.event("ada", "purchase", {"items": [{"sku": "socks-1"}], "total": 2})

    assert ["person", "segment", "event", "several"] == world.subjects()


async def test_filters_ask_about_segments_in_groups(world: World) -> None:
    for key in ("a", "b", "c"):
        await world.segment(key, {"attribute": key, "is_true": True})
    filters = {"all": [{"in": "a"}, {"any": [{"in": "b"}, {"not_in": "c"}]}]}
    await world.campaign(trigger=TRIGGER, filters=filters, workflow=[email("hello")])
    people = {"a": ["a"], "ab": ["a", "b"], "abc": ["a", "b", "c"], "ac": ["a", "c"], "b": ["b"]}
    for person, segments in people.items():
        await world.identify(person, **dict.fromkeys(segments, True))
        await world.event(person, "purchase")

    assert ["a", "ab", "abc"] == [mail.to.partition("@")[0] for mail in world.mails]


@pytest.mark.spec("1.34", "1.35")
async def test_event_data_filters_must_all_hold(world: World) -> None:
    where = [
        {"path": "items[].category", "contains": "socks|shoes"},
        {"path": "items[].category", "not_contains": "gift|card"},
        {"path": "total", "greater_than": 50},
    ]
    await world.campaign(trigger=TRIGGER | {"where": where}, workflow=[email("hello", subject="{{event.order}}")])
    carts: dict[str, Any] = {
        "yes": {"items": [{"category": "hats"}, {"category": "red shoes"}], "total": 51},
        "cheap": {"items": [{"category": "socks"}], "total": 50},
        "other": {"items": [{"category": "hats"}], "total": 99},
        "gift": {"items": [{"category": "socks"}, {"category": "gift"}], "total": 99},
        "empty": {"total": 99},
    }
    for order, cart in carts.items():
        await world.event("ada@example.com", "purchase", cart | {"order": order})

    assert ["yes"] == world.subjects()


@pytest.mark.spec("5.30")
@pytest.mark.parametrize("empty", [{}, {"all": []}, {"any": []}, []])
async def test_an_empty_group_is_false_in_a_branch_and_no_condition_in_an_action_condition(
    world: World, empty: Any
) -> None:
    fork = {"branch": {"if": empty, "then": [email("then")], "else": [email("else")]}}
    nested = {"all": [{"any": [{"attribute": "plan", "equals": "pro"}, {"in": "team"}]}, {"not_in": "team"}]}
    await world.segment("team", {"attribute": "team", "is_true": True})
    await world.campaign(
        trigger=TRIGGER, workflow=[fork, email("always", **{"if": empty}), email("nested", **{"if": nested})]
    )
    await world.identify("ada", plan="pro")
    await world.event("ada", "purchase")

    assert ["else", "always", "nested"] == world.subjects()


@pytest.mark.spec("5.31")
async def test_a_condition_sees_the_person_as_they_are_when_the_block_is_reached(world: World) -> None:
    await world.segment("pro", {"attribute": "plan", "equals": "pro"})
    both = {"all": [{"attribute": "plan", "equals": "pro"}, {"in": "pro"}, {"attribute": "seats", "equals": 2}]}
    workflow = [asking(1, both), {"delay": "1h"}, asking(2, both), {"delay": "1h"}, asking(3, both)]
    await world.campaign(trigger=TRIGGER, workflow=workflow)
    await world.identify("ada", plan="free", seats=1)
    await world.event("ada", "purchase")
    await world.identify("ada", plan="pro", seats=2)
    await world.advance(hours=1)
    await world.identify("ada", plan="free")
    await world.advance(hours=1)

    assert ["m2"] == world.subjects()


@pytest.mark.spec("5.31")
async def test_no_condition_ever_sees_half_a_change(world: World) -> None:
    await world.segment("left", {"attribute": "side", "equals": "left"})
    left = [{"attribute": "side", "equals": "left"}, {"attribute": "other", "equals": "right"}, {"in": "left"}]
    right = [{"attribute": "side", "equals": "right"}, {"attribute": "other", "equals": "left"}, {"not_in": "left"}]
    whole = {"any": [{"all": left}, {"all": right}]}
    mark = {"update_person": {"id": "mark", "set": {"passed": "{{event.number}}"}}}
    fork = {"branch": {"id": "fork", "if": whole, "then": [email("whole")], "else": [email("half")]}}
    await world.campaign(trigger=TRIGGER, workflow=[{"delay": "1m"}, mark, fork])
    await world.identify("ada", side="left", other="right")
    for number in range(10):
        await world.event("ada", "purchase", {"number": number})

    async def swap() -> None:
        for number in range(40):
            side, other = ("left", "right") if number % 2 else ("right", "left")
            await world.http.put("/api/v1/customers/ada", json={"side": side, "other": other})

    await asyncio.gather(swap(), world.advance(minutes=2))
    await world.settle()
    assert ["whole"] * 10 == world.subjects()
