"""Webhooks on their way to a real server on the loopback interface (behaviour 6.35-6.42)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.receiver import Answer, Receiver
from tests.world import World, email, kinds

TRIGGER = {"event": "purchase"}
BUSY = Answer(status=503)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


def webhook(receiver: Receiver, **fields: Any) -> dict[str, Any]:
    return {"webhook": {"id": "crm", "url": f"{receiver.url}/people/{{{{customer.id}}}}"} | fields}


async def delivery(world: World) -> dict[str, Any]:
    """Return the only delivery of Ada."""
    (one,) = await world.deliveries("ada")
    return one


async def enter(world: World, *workflow: Any, **document: Any) -> None:
    await world.campaign(trigger=TRIGGER, workflow=list(workflow), **document)
    await world.identify("ada", name="Ada")
    await world.event("ada", "purchase", {"order": 7})


@pytest.mark.spec("6.35")
async def test_method_url_headers_and_body_are_filled_in_and_credentials_are_sent(
    world: World, receiver: Receiver
) -> None:
    fields = {
        "method": "PUT",
        "url": f"http://sojourn:pass@{receiver.authority}/people/{{{{customer.id}}}}?order={{{{event.order}}}}",
        "headers": {"X-Name": "{{customer.name | upcase}}"},
        "body": {"order": "{{event.order}}", "text": "{{customer.name}} bought"},
    }
    await enter(world, webhook(receiver, **fields))

    (request,) = receiver.requests
    assert ("PUT", "/people/ada?order=7", "ADA") == (request.method, request.target, request.headers["x-name"])
    assert {"order": 7, "text": "Ada bought"} == request.json
    assert request.headers["authorization"].startswith("Basic ")
    shown = await delivery(world)
    assert ("sent", {"status": 200}) == (shown["state"], shown["content"]["response"])
    assert "pass@" not in repr(shown)


@pytest.mark.spec("6.35")
async def test_the_method_is_post_by_default(world: World, receiver: Receiver) -> None:
    methods = ["GET", "POST", "PUT", "DELETE", "PATCH"]
    blocks = [webhook(receiver, id=method.lower(), method=method) for method in methods]
    await enter(world, *blocks, webhook(receiver))

    assert [*methods, "POST"] == [request.method for request in receiver.requests]


@pytest.mark.spec("6.37")
async def test_it_is_sent_whatever_the_subscription(world: World, receiver: Receiver) -> None:
    await world.identify("ada", unsubscribed=True)
    await enter(world, webhook(receiver), email("hello"))

    assert (1, []) == (len(receiver.requests), world.mails)


@pytest.mark.spec("6.39", "6.41")
async def test_answers_are_counted_by_class_and_say_what_becomes_of_the_delivery(
    world: World, receiver: Receiver
) -> None:
    statuses = {"taken": 201, "moved": 302, "refused": 404, "busy": 429, "broken": 500, "late": 408}
    receiver.answers = [Answer(status=status) for status in statuses.values()]
    await enter(world, *(webhook(receiver, id=block) for block in statuses), email("hello"))

    found = {one["block"]: one for one in await world.deliveries("ada")}
    assert {
        "taken": ("sent", ["2xx"]),
        "moved": ("failed", ["3xx"]),
        "refused": ("failed", ["4xx"]),
        "busy": ("attempted", ["4xx"]),
        "broken": ("attempted", ["5xx"]),
        "late": ("attempted", ["4xx"]),
        "hello": ("sent", []),
    } == {block: (one["state"], [name for name in one["times"] if name.endswith("xx")]) for block, one in found.items()}
    assert {**statuses, "hello": None} == {
        block: one["content"].get("response", {}).get("status") for block, one in found.items()
    }


@pytest.mark.spec("6.40")
async def test_values_of_the_answer_are_written_and_later_blocks_see_them(world: World, receiver: Receiver) -> None:
    receiver.always = Answer(body='{"data": {"id": "c-9", "score": 80, "tags": ["a"]}}')
    await world.segment("hot", {"attribute": "score", "at_least": 50})
    save = {"crm_id": "data.id", "score": "data.score", "first_tag": "data.tags[0]", "nothing": "data.none"}
    fork = {"branch": {"if": {"in": "hot"}, "then": [email("hot", subject="{{customer.crm_id}}")]}}
    await enter(world, webhook(receiver, save=save), fork)

    found = (await world.get("people/ada"))["attributes"]
    assert {"crm_id": "c-9", "score": 80, "first_tag": "a"} == {name: found[name] for name in save if name in found}
    assert ["c-9"] == world.subjects()


@pytest.mark.spec("6.41", "6.42")
async def test_the_journey_waits_for_the_first_attempt_only_and_a_later_success_is_kept(
    world: World, receiver: Receiver
) -> None:
    receiver.answers = [BUSY, Answer(hangs_up=True), BUSY, Answer(body='{"id": 9}')]
    await enter(world, webhook(receiver, save={"crm_id": "id"}), email("hello"))

    journey = await world.journey("ada")
    assert ("finished", ["hello"], 1) == (journey["state"], world.subjects(), len(receiver.requests))
    assert "attempted" == (await world.deliveries("ada"))[0]["state"]
    await world.advance(minutes=5)

    sent = (await world.deliveries("ada"))[0]
    assert ("sent", 4, None) == (sent["state"], sent["attempts"], sent["failure"])
    assert 9 == (await world.get("people/ada"))["attributes"]["crm_id"]
    assert 1 == len({request.headers["idempotency-key"] for request in receiver.requests})
    assert ["sent", "changed"] == kinds(await world.journey("ada"))[-2:]


@pytest.mark.spec("6.41")
async def test_attempts_grow_rarer_and_after_a_day_it_has_failed(world: World, receiver: Receiver) -> None:
    receiver.always = BUSY
    await enter(world, webhook(receiver))
    await world.advance(minutes=60)
    in_the_first_hour = len(receiver.requests)
    await world.advance(hours=22)
    before = (await delivery(world))["state"]
    await world.advance(hours=2)

    shown = await delivery(world)
    assert ("attempted", "failed", "The server answered 503 Service Unavailable.") == (
        before,
        shown["state"],
        shown["failure"],
    )
    assert in_the_first_hour in (8, 9, 10)
    assert in_the_first_hour + 22 <= len(receiver.requests) <= in_the_first_hour + 25
    tried = len(receiver.requests)
    await world.advance(days=2)
    assert tried == len(receiver.requests)


@pytest.mark.spec("6.42")
async def test_further_attempts_outlive_a_restart(world: World, receiver: Receiver) -> None:
    receiver.answers = [BUSY]
    await enter(world, webhook(receiver))
    await world.restart()
    await world.advance(minutes=1)

    assert ("sent", 2) == ((await delivery(world))["state"], len(receiver.requests))


async def test_a_campaign_that_is_stopped_at_once_tries_nothing_more_for_those_inside(
    world: World, receiver: Receiver
) -> None:
    receiver.always = BUSY
    await enter(world, webhook(receiver), {"delay": "1d"})
    await world.stop()
    await world.advance(hours=1)

    assert ("undeliverable", 1) == ((await delivery(world))["state"], len(receiver.requests))


@pytest.mark.spec("1.96")
async def test_a_data_campaign_passes_its_payload_on(world: World, receiver: Receiver) -> None:
    await world.campaign(
        trigger="webhook", workflow=[{"webhook": {"id": "on", "url": receiver.url, "body": "{{ trigger }}"}}]
    )
    address = (await world.get("campaigns/campaign"))["webhook_url"]
    assert (await world.http.post(address, json=[{"a": 1}])).is_success
    await world.settle()

    assert [[{"a": 1}]] == [request.json for request in receiver.requests]
    (one,) = (await world.get("campaigns/campaign/deliveries"))["items"]
    assert ("sent", "webhook") == (one["state"], one["channel"])
