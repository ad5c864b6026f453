"""A webhook: the journey waits for the first attempt only, and what comes later is still written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from engine.moves import Redelivered, RedeliveryAsk, RedeliveryStart, ResendStart
from engine.steps.webhook_content import masked
from storage import deliveries
from storage.database import Record
from tests.activities.passage import Passage, email, left
from tests.receiver import Answer, Receiver

DAY = timedelta(days=1)


def webhook(receiver: Receiver, **fields: Any) -> dict[str, Any]:
    return {"webhook": {"id": "crm", "url": f"{receiver.url}/people"} | fields}


async def due(passage: Passage, *workflow: dict[str, Any], **document: Any) -> int:
    await passage.campaign(*workflow, **document)
    await passage.identify()
    return await passage.event()


async def attributes(passage: Passage) -> dict[str, Any]:
    found: dict[str, Any] = await passage.pool.fetchval("SELECT attributes FROM people WHERE external_id = 'ada'")
    return found


async def started(passage: Passage) -> list[RedeliveryStart]:
    """Return the redeliveries that Temporal is to be told of."""
    rows: list[Record] = await passage.pool.fetch("SELECT payload FROM outbox ORDER BY id")
    starts = [row["payload"] for row in rows if row["payload"].get("type") == "redelivery"]
    return [RedeliveryStart.model_validate(start["argument"]) for start in starts]


async def again(passage: Passage, start: RedeliveryStart, after: timedelta = timedelta()) -> Redelivered:
    """Make one further attempt, so long after the first."""
    ask = RedeliveryAsk(journey=start.journey, block=start.block, since=start.since, now=start.since + after)
    return await passage.attempt().run(passage.redeliver, ask)


@pytest.mark.spec("6.41")
async def test_a_webhook_that_is_taken_is_sent(passage: Passage, receiver: Receiver) -> None:
    journey = await due(passage, webhook(receiver, body={"who": "{{customer.id}}"}))
    move = await passage.ask(passage.send, journey, block="crm")
    delivery = await passage.delivery()
    assert ("leave", "sent", "webhook") == (move.kind, delivery["state"], delivery["channel"])
    assert {"who": "ada"} == receiver.requests[0].json
    assert delivery["public_id"] == receiver.requests[0].headers["idempotency-key"]
    assert (f"{receiver.url}/people", "POST", 200) == (
        delivery["recipient"],
        delivery["subject"],
        delivery["content"]["response"]["status"],
    )


@pytest.mark.spec("6.50")
async def test_every_attempt_says_how_many_campaigns_it_came_through(passage: Passage, receiver: Receiver) -> None:
    receiver.answers = [Answer(status=503)]
    journey = await due(passage, webhook(receiver))
    await passage.pool.execute("UPDATE journeys SET depth = 4")
    await passage.ask(passage.send, journey, block="crm")
    (start,) = await started(passage)
    await again(passage, start, timedelta(seconds=10))

    assert ["5", "5"] == [request.headers["sojourn-depth"] for request in receiver.requests]
    assert "5" == masked((await passage.delivery())["content"])["headers"]["Sojourn-Depth"]


@pytest.mark.spec("6.39")
@pytest.mark.parametrize(("status", "counted"), [(202, "2xx"), (302, "3xx"), (404, "4xx"), (503, "5xx")])
async def test_answers_are_counted_by_class(passage: Passage, receiver: Receiver, status: int, counted: str) -> None:
    receiver.always = Answer(status=status)
    journey = await due(passage, webhook(receiver))
    await passage.ask(passage.send, journey, block="crm")
    delivery = await passage.delivery()
    assert {counted} == {name for name in delivery["times"] if name.endswith("xx")}
    assert status == delivery["content"]["response"]["status"]


@pytest.mark.spec("6.42")
async def test_a_webhook_that_nobody_takes_lets_the_journey_go_on_and_is_tried_again(
    passage: Passage, receiver: Receiver
) -> None:
    receiver.answers = [Answer(status=503), Answer(status=502)]
    journey = await due(passage, webhook(receiver), {"delay": "1d"})
    move = await passage.ask(passage.send, journey, block="crm")
    assert ("wait", "attempted") == (move.kind, (await passage.delivery())["state"])
    assert ["entered", "due", "attempted", "waiting"] == await passage.log(journey)

    (start,) = await started(passage)
    first = (await passage.delivery())["created_at"]
    assert first == start.since
    assert timedelta(seconds=10) <= start.due - start.since < timedelta(seconds=11)
    second = await again(passage, start, timedelta(seconds=10))
    assert Redelivered(state="attempted", due=first + timedelta(seconds=30)) == second
    assert Redelivered(state="sent") == await again(passage, start, timedelta(seconds=30))

    delivery = await passage.delivery()
    assert ("sent", 3, None) == (delivery["state"], delivery["attempts"], delivery["failure"])
    assert {"2xx", "5xx", "attempted", "handing_over", "sent"} == set(delivery["times"])
    assert ["entered", "due", "attempted", "waiting", "sent"] == await passage.log(journey)
    assert 1 == len({request.headers["idempotency-key"] for request in receiver.requests})


@pytest.mark.spec("6.41")
async def test_it_is_tried_for_a_day_and_then_fails(passage: Passage, receiver: Receiver) -> None:
    receiver.always = Answer(status=503)
    journey = await due(passage, webhook(receiver))
    await passage.ask(passage.send, journey, block="crm")
    (start,) = await started(passage)
    pauses = []
    at = start.due
    while True:
        done = await again(passage, start, at - start.since)
        if done.due is None:
            break
        pauses.append((done.due - at).total_seconds())
        at = done.due
    assert [20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600] == pauses[:10]
    assert ("failed", start.since + DAY) == (done.state, at)
    assert ("failed", "The server answered 503 Service Unavailable.") == (
        (await passage.delivery())["state"],
        (await passage.delivery())["failure"],
    )
    assert "failed" in await passage.log(journey)


async def test_a_receiver_that_names_a_pause_gets_it(passage: Passage, receiver: Receiver) -> None:
    receiver.answers = [Answer(status=429, headers={"Retry-After": "120"}), Answer(status=429)]
    journey = await due(passage, webhook(receiver))
    await passage.ask(passage.send, journey, block="crm")
    (start,) = await started(passage)
    assert timedelta(seconds=120) <= start.due - start.since < timedelta(seconds=121)


@pytest.mark.spec("6.41")
@pytest.mark.parametrize("status", [301, 400, 404])
async def test_a_refusal_fails_at_once(passage: Passage, receiver: Receiver, status: int) -> None:
    receiver.always = Answer(status=status)
    journey = await due(passage, webhook(receiver))
    move = await passage.ask(passage.send, journey, block="crm")
    assert ("leave", "failed", []) == (move.kind, (await passage.delivery())["state"], await started(passage))


async def test_a_further_attempt_may_be_refused(passage: Passage, receiver: Receiver) -> None:
    receiver.answers = [Answer(status=503), Answer(status=410)]
    journey = await due(passage, webhook(receiver))
    await passage.ask(passage.send, journey, block="crm")
    (start,) = await started(passage)
    assert Redelivered(state="failed") == await again(passage, start)


@pytest.mark.spec("6.40")
async def test_values_of_the_answer_become_attributes_that_the_next_block_sees(
    passage: Passage, receiver: Receiver
) -> None:
    receiver.always = Answer(body='{"data": {"id": 7, "tier": "gold", "none": null}}')
    fork = {"branch": {"id": "fork", "if": {"attribute": "tier", "equals": "gold"}, "then": [email("gold")]}}
    save = {"crm_id": "data.id", "tier": "data.tier", "nothing": "data.none"}
    journey = await due(passage, webhook(receiver, save=save), fork)
    move = await passage.ask(passage.send, journey, block="crm")
    assert ("send", "gold") == (move.kind, move.block)  # type: ignore[union-attr]  # a Send
    assert {"crm_id": 7, "tier": "gold"} == await attributes(passage)
    rows = await passage.pool.fetch(
        "SELECT kind, seen FROM decisions WHERE kind IN ('failed', 'changed') ORDER BY place"
    )
    assert [("failed", {"attributes": ["nothing"]}), ("changed", {"set": {"crm_id": 7, "tier": "gold"}})] == [
        (row["kind"], row["seen"]) for row in rows
    ]


@pytest.mark.spec("6.40", "6.42")
async def test_a_later_success_still_writes_values(passage: Passage, receiver: Receiver) -> None:
    receiver.answers = [Answer(status=503, body='{"id": 1}'), Answer(body='{"id": 2}')]
    journey = await due(passage, webhook(receiver, save={"crm_id": "id"}))
    assert "finished" == left(await passage.ask(passage.send, journey, block="crm"))
    assert {} == await attributes(passage)
    (start,) = await started(passage)
    await again(passage, start)
    assert {"crm_id": 2} == await attributes(passage)


@pytest.mark.parametrize("body", ['{"id": "\\u0000"}', '{"id": "' + "x" * 1001 + '"}', "no json", "[]"])
async def test_an_answer_that_cannot_be_kept_changes_nothing_else(
    passage: Passage, receiver: Receiver, body: str
) -> None:
    receiver.always = Answer(body=body)
    journey = await due(passage, webhook(receiver, save={"crm_id": "id"}))
    assert "finished" == left(await passage.ask(passage.send, journey, block="crm"))
    assert ("sent", {}) == ((await passage.delivery())["state"], await attributes(passage))
    assert "failed" in await passage.log(journey)


@pytest.mark.parametrize(("policy", "state", "requests"), [("hold", "unknown", 1), ("resend", "sent", 2)])
async def test_a_crash_between_hand_over_and_record_follows_the_campaigns_setting(
    passage: Passage, receiver: Receiver, policy: str, state: str, requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = await due(passage, webhook(receiver), unknown_outcome=policy)
    await _crash(passage, monkeypatch, lambda: passage.ask(passage.send, journey, block="crm"))
    await passage.ask(passage.send, journey, block="crm")
    assert (state, requests) == ((await passage.delivery())["state"], len(receiver.requests))
    assert 1 == len({request.headers["idempotency-key"] for request in receiver.requests})


@pytest.mark.parametrize(("policy", "state", "requests"), [("hold", "unknown", 2), ("resend", "sent", 3)])
async def test_so_does_one_in_a_further_attempt(
    passage: Passage, receiver: Receiver, policy: str, state: str, requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answers = [Answer(status=503)]
    journey = await due(passage, webhook(receiver, unknown_outcome=policy))
    await passage.ask(passage.send, journey, block="crm")
    (start,) = await started(passage)
    await _crash(passage, monkeypatch, lambda: again(passage, start))
    assert Redelivered(state=state) == await again(passage, start)
    assert (state, requests) == ((await passage.delivery())["state"], len(receiver.requests))


async def _crash(passage: Passage, monkeypatch: pytest.MonkeyPatch, attempt: Any) -> None:
    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError("the worker is gone")

    with monkeypatch.context() as patched:
        patched.setattr(deliveries, "record", crash)
        with pytest.raises(RuntimeError):
            await attempt()
    assert "handing_over" == (await passage.delivery())["state"]


@pytest.mark.parametrize("end", ["stopped", "ended", "deleted"])
async def test_whoever_ends_the_journey_ends_the_attempts(passage: Passage, receiver: Receiver, end: str) -> None:
    receiver.always = Answer(status=503)
    journey = await due(passage, webhook(receiver), {"delay": "1d"})
    move = await passage.ask(passage.send, journey, block="crm")
    (start,) = await started(passage)
    if end == "stopped":
        await passage.stop()
    elif end == "deleted":
        await passage.delete()
    else:
        await passage.ask(passage.next_move, journey, move.turn, ending="manual")
    assert Redelivered(state="undeliverable") == await again(passage, start)
    assert (1, "undeliverable") == (len(receiver.requests), (await passage.delivery())["state"])


@pytest.mark.parametrize("goes_on", ["finished", "drained", "goal"])
async def test_a_journey_that_ends_by_itself_leaves_the_attempts_alone(
    passage: Passage, receiver: Receiver, goes_on: str
) -> None:
    receiver.answers = [Answer(status=503)]
    rest = [{"delay": "1d"}, email()] if goes_on == "goal" else []
    goal = {"goal": {"event": "purchase"}, "exit": "goal"} if goes_on == "goal" else {}
    journey = await due(passage, webhook(receiver), *rest, **goal)
    move = await passage.ask(passage.send, journey, block="crm")
    (start,) = await started(passage)
    if goes_on == "drained":
        await passage.stop("finish")
    elif goes_on == "goal":
        await passage.event("purchase")
        passage.now += timedelta(days=2)
        assert "goal" == left(await passage.ask(passage.next_move, journey, move.turn))
    assert Redelivered(state="sent") == await again(passage, start)


async def test_a_delivery_that_is_settled_or_gone_is_left_alone(passage: Passage, receiver: Receiver) -> None:
    receiver.always = Answer(status=503)
    journey = await due(passage, webhook(receiver))
    await passage.ask(passage.send, journey, block="crm")
    (start,) = await started(passage)
    await passage.pool.execute("UPDATE deliveries SET state = 'sent'")
    assert Redelivered(state="sent") == await again(passage, start)
    await passage.pool.execute("DELETE FROM deliveries")
    assert Redelivered(state="gone") == await again(passage, start)
    assert 1 == len(receiver.requests)


async def test_an_operator_can_send_one_that_failed_again(passage: Passage, receiver: Receiver) -> None:
    receiver.answers = [Answer(status=404), Answer(body='{"id": 9}')]
    journey = await due(passage, webhook(receiver, save={"crm_id": "id"}))
    await passage.ask(passage.send, journey, block="crm")
    resend = ResendStart(delivery=(await passage.delivery())["id"], at=passage.now)
    assert "sent" == await passage.attempt().run(passage.resend, resend)
    assert {"crm_id": 9} == await attributes(passage)
    assert {"4xx", "2xx"} <= set((await passage.delivery())["times"])


@pytest.mark.spec("6.37")
async def test_it_goes_to_people_who_unsubscribed_and_to_suppressed_addresses(
    passage: Passage, receiver: Receiver
) -> None:
    await passage.campaign(webhook(receiver))
    await passage.identify(unsubscribed=True)
    await passage.suppress("ada@example.com")
    journey = await passage.event()
    await passage.ask(passage.send, journey, block="crm")
    assert ("sent", 1) == ((await passage.delivery())["state"], len(receiver.requests))


async def test_no_secret_stands_in_what_is_logged_or_listed(
    passage: Passage, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "s3cr3t"
    receiver.always = Answer(status=500)
    url = f"http://ada:{secret}@{receiver.authority}/people?token={secret}"
    journey = await due(passage, webhook(receiver, url=url, headers={"Authorization": f"Bearer {secret}"}))
    await passage.ask(passage.send, journey, block="crm")
    delivery = await passage.delivery()
    rows = await passage.pool.fetch("SELECT text, seen::text FROM decisions")
    said = [delivery["recipient"], delivery["subject"], delivery["failure"], *map(str, rows), caplog.text]
    assert [] == [text for text in said if secret in text]


async def test_one_that_was_cut_off_stays_unknown_if_its_journey_was_ended(
    passage: Passage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answers = [Answer(status=503)]
    journey = await due(passage, webhook(receiver, unknown_outcome="resend"), {"delay": "1d"})
    await passage.ask(passage.send, journey, block="crm")
    (start,) = await started(passage)
    await _crash(passage, monkeypatch, lambda: again(passage, start))
    await passage.pool.execute("UPDATE journeys SET ending = 'manual'")
    assert (Redelivered(state="unknown"), 2) == (await again(passage, start), len(receiver.requests))


async def test_a_worker_that_stops_begins_no_attempt(passage: Passage, receiver: Receiver) -> None:
    receiver.answers = [Answer(status=503)]
    journey = await due(passage, webhook(receiver))
    await passage.ask(passage.send, journey, block="crm")
    (start,) = await started(passage)
    stopping = passage.attempt()
    stopping.worker_shutdown()
    ask = RedeliveryAsk(journey=start.journey, block=start.block, since=start.since, now=start.due)
    with pytest.raises(ApplicationError):
        await stopping.run(passage.redeliver, ask)
    assert ("attempted", 1) == ((await passage.delivery())["state"], len(receiver.requests))
