"""A campaign that begins with data: each call starts a journey that is nobody's (behaviour 1.90-1.98)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.world import World, email


async def call(world: World, data: Any, key: str = "campaign") -> httpx.Response:
    """Call the webhook of a campaign."""
    address = (await world.get(f"campaigns/{key}"))["webhook_url"]
    answer = await world.http.post(address, json=data)
    await world.settle()
    return answer


async def journeys(world: World) -> list[dict[str, Any]]:
    """Return the journeys of the campaign, oldest first."""
    listed = await world.get("campaigns/campaign/journeys")
    return [await world.get(f"journeys/{one['id']}") for one in reversed(listed["items"])]


@pytest.fixture
async def orders(world: World) -> World:
    """A campaign that tells, by an event, what the payload says."""
    told = {
        "event": "ordered",
        "person": {"id": "{{ trigger.order.customer }}"},
        "data": {"total": "{{ trigger.order.total }}", "sku": "{{ trigger.lines[0].sku }}{{ customer.email }}"},
    }
    await world.campaign(trigger="webhook", workflow=[{"send_event": told}])
    await world.campaign(
        "thanks",
        trigger={"event": "ordered"},
        workflow=[email("thanks", subject="{{ event.total }} for {{ event.sku }}")],
    )
    await world.identify("ada")
    return world


@pytest.mark.spec("1.90", "1.92", "1.94", "1.95", "1.96")
async def test_each_call_starts_a_journey_and_its_payload_reaches_the_blocks(orders: World) -> None:
    payload = {"order": {"customer": "ada", "total": 5}, "lines": [{"sku": "A1"}]}

    answers = [await call(orders, payload) for _ in range(2)]

    assert [200, 200] == [answer.status_code for answer in answers]
    assert ["5 for A1", "5 for A1"] == orders.subjects()
    found = await journeys(orders)
    assert [("finished", None)] * 2 == [(one["state"], one["person"]["cio_id"]) for one in found]
    assert [payload, payload] == [one["event_data"] for one in found]


@pytest.mark.spec("1.91", "1.94")
@pytest.mark.parametrize(
    ("payload", "path", "seen"),
    [([{"id": 7}], "trigger[0].id", 7), ({"a": {"b": [1, 2]}}, "trigger.a.b[1]", 2), ("text", "trigger", "text")],
)
async def test_a_payload_of_any_shape_is_read_by_its_path(world: World, payload: Any, path: str, seen: Any) -> None:
    told = {"event": "told", "person": {"id": "ada"}, "data": {"seen": f"{{{{ {path} }}}}"}}
    await world.campaign(trigger="webhook", workflow=[{"send_event": told}])

    await call(world, payload)

    [event] = (await world.get("events?name=told"))["items"]
    assert {"seen": seen} == event["data"]


@pytest.mark.spec("1.98")
async def test_a_call_while_the_campaign_is_not_running_starts_nothing(orders: World) -> None:
    await orders.stop()

    ignored = await call(orders, {"order": {"customer": "ada"}})
    await orders.start()
    await orders.advance(hours=1)

    refusals = (await orders.get("campaigns/campaign/refusals"))["items"]
    assert (202, [], []) == (ignored.status_code, await journeys(orders), orders.subjects())
    assert ["campaign_not_running"] == [one["reason"] for one in refusals]


@pytest.mark.spec("1.97")
@pytest.mark.parametrize("block", [email("hello"), {"update_person": {"set": {"a": "b"}}}])
async def test_blocks_that_need_a_person_are_refused(world: World, block: dict[str, Any]) -> None:
    document = {"name": "Orders", "trigger": "webhook", "workflow": [block]}

    answer = await world.http.put("/sojourn/v1/campaigns/orders", json=document)

    assert (422, ["workflow[0]"]) == (
        answer.status_code,
        [fault["place"].split(".")[0] for fault in answer.json()["faults"]],
    )


@pytest.mark.spec("1.93")
@pytest.mark.parametrize(
    "extra",
    [{"goal": {"event": "a"}}, {"frequency": "once"}, {"filters": {"in": "a"}}, {"exit": "never"}],
    ids=lambda extra: next(iter(extra)),
)
async def test_what_only_concerns_people_is_refused(world: World, extra: dict[str, Any]) -> None:
    document = {"name": "Orders", "trigger": "webhook", "workflow": [{"delay": "1h"}]}

    answer = await world.http.put("/sojourn/v1/campaigns/orders", json=document | extra)

    assert (422, next(iter(extra))) == (answer.status_code, answer.json()["faults"][0]["place"])
