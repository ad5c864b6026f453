"""A mail server refuses, hangs, or takes a message and drops the line: an outcome of the message, no journey's end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.channels.scripted_smtp import DROP, HANG, ScriptedSmtp
from tests.faults.account import reached
from tests.faults.burst import Burst
from tests.faults.mail_line import SlowSmtp
from tests.faults.stack import RunningStack, email
from tests.faults.waiting import until

MISSED_AFTER = 10.0
"""Seconds of silence after which Temporal takes a worker for dead and has the message sent by another one."""

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def server(stack: RunningStack) -> AsyncIterator[ScriptedSmtp]:
    """The mail server of the worker: takes everything, except for what its script says."""
    async with ScriptedSmtp() as server, stack.line.to(server.port):
        yield server


async def one_person(stack: RunningStack, campaign: str, **document: Any) -> str:
    """Have one person enter a campaign of their own; return their id."""
    await stack.start_campaign(campaign, **document)
    burst = Burst(stack.port, campaign, 1)
    await burst.identify()
    await burst.perform()
    return burst.people[0]


async def journey(stack: RunningStack, campaign: str) -> dict[str, Any]:
    [journey] = await stack.all(f"campaigns/{campaign}/journeys")
    return journey


async def log(stack: RunningStack, campaign: str) -> list[str]:
    """Return what was decided about the messages of a journey, in order."""
    answer = await stack.manage.get(f"journeys/{(await journey(stack, campaign))['id']}")
    kinds = [decision["kind"] for decision in answer.json()["decisions"]]
    return [kind for kind in kinds if kind in ("sent", "failed", "unknown")]


async def standing(stack: RunningStack, person: str) -> tuple[str, int]:
    """Return the state of the only delivery for a person, and how often it was handed over."""
    [delivery] = await stack.all(f"people/{person}/deliveries")
    return delivery["state"], delivery["attempts"]


async def hangs_longer(stack: RunningStack, campaign: str) -> None:
    """Return once a hand-over has lasted longer than a worker may be silent."""
    workflow_id = (await journey(stack, campaign))["workflow_id"]

    async def is_so() -> bool:
        return await stack.beaten_for(workflow_id) > MISSED_AFTER

    await until(is_so, within=30, what="Temporal hears for long enough that the worker lives")


@pytest.mark.spec("6.06")
async def test_a_message_waits_for_a_server_that_refuses_connections(stack: RunningStack) -> None:
    async with stack.line.closed():
        person = await one_person(stack, "refusing")
        waiting = await stack.delivered(person, "attempted")
        assert "running" == (await journey(stack, "refusing"))["state"]

    sent = await stack.delivered(person, "sent")

    assert "no connection to the mail server" in waiting["failure"]
    assert sent["attempts"] > waiting["attempts"]
    assert {"handing_over", "attempted", "sent"} == set(sent["times"])
    await stack.settled()
    assert 1 == len(stack.caught("refusing.example"))


@pytest.mark.spec("6.06")
async def test_a_message_that_the_server_wants_later_goes_later(stack: RunningStack, server: ScriptedSmtp) -> None:
    server.script["RCPT"] = ["451 busy"]
    server.script["content"] = ["452 no room"]

    person = await one_person(stack, "later")
    sent = await stack.delivered(person, "sent")
    await stack.settled()

    assert 3 == sent["attempts"]
    assert ["sent"] == await log(stack, "later")
    assert 2 == len(server.contents)  # one of them was refused


@pytest.mark.spec("6.06")
async def test_a_message_that_is_refused_for_good_has_failed_and_the_next_one_goes(
    stack: RunningStack, server: ScriptedSmtp
) -> None:
    server.script["RCPT"] = ["550 no such user"]

    person = await one_person(stack, "refused", workflow=[email("first"), email("second")])
    await stack.settled()

    second, first = await stack.all(f"people/{person}/deliveries")
    assert ("first", "failed", 1) == (first["block"], first["state"], first["attempts"])
    assert "550 no such user" in first["failure"]
    assert ("second", "sent", 1) == (second["block"], second["state"], second["attempts"])
    assert ["failed", "sent"] == await log(stack, "refused")
    assert "finished" == (await journey(stack, "refused"))["state"]


@pytest.mark.spec("6.06")
async def test_a_message_taken_without_an_answer_is_held_as_unknown(stack: RunningStack, server: ScriptedSmtp) -> None:
    server.script["content"] = [DROP]

    person = await one_person(stack, "dropped")
    unknown = await stack.delivered(person, "unknown")
    await stack.settled()

    assert [unknown["id"]] == [delivery["id"] for delivery in await stack.unknown("dropped")]
    assert "finished" == (await journey(stack, "dropped"))["state"]
    assert 1 == len(server.contents)
    await stack.settle(unknown, "drop")
    assert [] == await stack.unknown("dropped")


@pytest.mark.spec("6.06")
async def test_a_message_taken_without_an_answer_goes_again_if_the_campaign_prefers_a_copy_to_a_gap(
    stack: RunningStack, server: ScriptedSmtp
) -> None:
    server.script["content"] = [DROP]

    person = await one_person(stack, "dropped-receipt", unknown_outcome="resend")
    sent = await stack.delivered(person, "sent")
    await stack.settled()

    first, second = (content.partition(b"Message-ID: ")[2].partition(b"\r\n")[0] for content in server.contents)
    assert (first, 2) == (second, sent["attempts"])
    assert ["sent"] == await log(stack, "dropped-receipt")


@pytest.mark.spec("6.06", "9.10")
async def test_a_server_that_hangs_for_longer_than_a_dead_worker_is_missed_gets_no_second_copy(
    stack: RunningStack,
) -> None:
    async with SlowSmtp() as server, stack.line.to(server.port):
        server.script["connect"] = [HANG]
        ungreeted = await one_person(stack, "ungreeted")
        await reached(1, lambda: server.connections, "connections")
        unanswered = await one_person(stack, "unanswered")
        await reached(1, lambda: len(server.contents), "messages arrive")

        await hangs_longer(stack, "ungreeted")
        await hangs_longer(stack, "unanswered")
        assert ("handing_over", 1) == await standing(stack, ungreeted)
        assert ("handing_over", 1) == await standing(stack, unanswered)

        server.answering.set()
        await stack.delivered(unanswered, "sent")
    await stack.delivered(ungreeted, "sent")
    await stack.settled()

    assert ("sent", 1) == await standing(stack, unanswered)
    assert ("sent", 2) == await standing(stack, ungreeted)
    assert (1, 0) == (len(server.contents), len(stack.caught("unanswered.example")))
    assert 1 == len(stack.caught("ungreeted.example"))
