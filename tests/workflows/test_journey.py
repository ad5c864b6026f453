"""The interpreter of moves, on a real Temporal server."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from engine import names
from engine.moves import Ask, LookAgain, Move
from tests.workflows.scripted_rules import GO, LEAVE, Journeys, ScriptedRules, act, send, wait
from workflows.journey import Journey


async def _events(handle: WorkflowHandle[Journey, str]) -> list[str]:
    history = await handle.fetch_history()
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events]


async def _until_asked(rules: ScriptedRules, count: int) -> None:
    while len(rules.asked) < count:
        await asyncio.sleep(0.01)


async def test_a_first_move_decided_at_entry_saves_the_first_question(journeys: Journeys) -> None:
    async with journeys.ruled_by(GO, LEAVE) as rules:
        handle = await journeys.start(send(1))
        reason = await handle.result()
    assert ("finished", ["check_exit", "send"]) == (reason, rules.questions)


async def test_without_a_first_move_the_rules_are_asked(journeys: Journeys) -> None:
    async with journeys.ruled_by(LEAVE) as rules:
        await (await journeys.start()).result()
    assert ["next_move"] == rules.questions


async def test_every_message_is_preceded_by_an_exit_check_of_its_own(journeys: Journeys) -> None:
    async with journeys.ruled_by(GO, send(2, "two"), GO, LEAVE) as rules:
        await (await journeys.start(send(1, "one"))).result()
    assert [("check_exit", "one"), ("send", "one"), ("check_exit", "two"), ("send", "two")] == [
        (name, ask.block) for name, ask in rules.asked
    ]


async def test_a_check_that_says_leave_means_no_message(journeys: Journeys) -> None:
    async with journeys.ruled_by(LEAVE.model_copy(update={"reason": "goal"})) as rules:
        reason = await (await journeys.start(send(1))).result()
    assert ("goal", ["check_exit"]) == (reason, rules.questions)


async def test_a_data_block_is_carried_out_and_its_answer_followed(journeys: Journeys) -> None:
    async with journeys.ruled_by(LEAVE) as rules:
        await (await journeys.start(act(1))).result()
    assert [("act", "mark")] == [(name, ask.block) for name, ask in rules.asked]


async def test_a_wait_ends_at_its_instant_and_the_rules_are_asked_with_that_instant(journeys: Journeys) -> None:
    until = journeys.later(days=3)
    async with journeys.ruled_by(LEAVE) as rules:
        handle = await journeys.start(wait(1, until))
        assert not await journeys.environment.fast_forward(handle, timedelta(days=4))
    assert until <= rules.asked[0][1].now < until + timedelta(minutes=1)


async def test_an_instant_that_has_passed_is_not_waited_for(journeys: Journeys) -> None:
    async with journeys.ruled_by(LEAVE):
        handle = await journeys.start(wait(1, journeys.later(days=2)), at=journeys.later(days=2))
        await handle.result()
    assert "TIMER_STARTED" not in await _events(handle)


async def test_look_again_wakes_a_wait_and_moves_the_journeys_clock(journeys: Journeys) -> None:
    async with journeys.ruled_by(LEAVE) as rules:
        handle = await journeys.start(wait(1, journeys.later(days=3)))
        await handle.signal(Journey.look_again, LookAgain(at=journeys.later(days=1)))
        await handle.result()
    assert [("next_move", journeys.later(days=1))] == [(name, ask.now) for name, ask in rules.asked]


async def test_signals_can_be_sent_by_hand_without_an_argument(journeys: Journeys) -> None:
    async with journeys.ruled_by(wait(2, journeys.later(days=3)), LEAVE) as rules:
        handle = await journeys.start(wait(1, journeys.later(days=3)))
        await handle.signal("look_again")
        await _until_asked(rules, 1)
        await handle.signal("end")
        await handle.result()
    assert [None, "manual"] == [ask.ending for _, ask in rules.asked]


async def test_an_end_is_asked_about_again_if_the_answer_was_from_before_it(journeys: Journeys) -> None:
    """A decision that is recorded is given again, whoever asks: it knows nothing of an end that was said since."""
    async with journeys.ruled_by(wait(2, journeys.later(days=30)), LEAVE) as rules, asyncio.timeout(20):
        handle = await journeys.start(wait(1, journeys.later(days=3)))
        await handle.signal("end")
        await _until_asked(rules, 2)
    assert [(1, "manual"), (2, "manual")] == [(ask.turn, ask.ending) for _, ask in rules.asked]
    assert rules.asked[1][1].now < journeys.later(days=1)


async def test_a_change_during_the_question_is_not_lost(journeys: Journeys) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(ask: Ask) -> Move:
        asked.set()
        await answer.wait()
        return wait(2, journeys.later(days=30))

    async with journeys.ruled_by(slow, LEAVE) as rules:
        handle = await journeys.start()
        await asked.wait()
        await handle.signal(Journey.look_again)  # what it tells of was not read by the answer on its way
        answer.set()
        reason = await handle.result()
    assert ("finished", ["next_move", "next_move"]) == (reason, rules.questions)


async def test_a_signal_that_arrives_with_the_start_is_not_lost(journeys: Journeys) -> None:
    handle = await journeys.start(wait(1, journeys.later(days=30)))
    await handle.signal(Journey.look_again)
    async with journeys.ruled_by(LEAVE):
        await handle.result()
    assert "TIMER_STARTED" not in await _events(handle)


async def test_the_deadline_and_a_change_at_once_ask_once(journeys: Journeys) -> None:
    handle = await journeys.start(wait(1, journeys.later(days=30)))
    async with journeys.ruled_by(LEAVE) as rules:
        while "TIMER_STARTED" not in await _events(handle):
            await asyncio.sleep(0.01)
        await handle.signal(Journey.look_again, LookAgain(at=journeys.later(days=30)))
        await handle.result()
    assert ["next_move"] == rules.questions


async def test_an_end_names_its_reason_and_the_first_one_stands(journeys: Journeys) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(ask: Ask) -> Move:
        asked.set()
        await answer.wait()
        return wait(2, journeys.later(days=30))

    async with journeys.ruled_by(slow, LEAVE) as rules:
        handle = await journeys.start()
        await asked.wait()
        await handle.signal(Journey.end, "campaign_stopped")
        await handle.signal(Journey.end, "manual")
        answer.set()
        await handle.result()
    assert [None, "campaign_stopped"] == [ask.ending for _, ask in rules.asked]


async def test_an_end_takes_a_message_out_of_its_retries(journeys: Journeys) -> None:
    refused = asyncio.Event()

    async def refuse(ask: Ask) -> Move:
        refused.set()
        raise ApplicationError("try later", next_retry_delay=timedelta(hours=10))

    async with journeys.ruled_by(GO, refuse, LEAVE.model_copy(update={"reason": "manual"})) as rules:
        handle = await journeys.start(send(1))
        await refused.wait()
        await handle.signal(Journey.end)
        reason = await handle.result()
    assert ("manual", ["check_exit", "send", "next_move"], "manual") == (
        reason,
        rules.questions,
        rules.asked[-1][1].ending,
    )


async def test_an_end_never_cuts_a_hand_over_in_half(journeys: Journeys) -> None:
    handing_over, accepted = asyncio.Event(), asyncio.Event()

    async def hand_over(ask: Ask) -> Move:
        handing_over.set()
        await accepted.wait()
        return wait(2, journeys.later(days=30))

    async with journeys.ruled_by(GO, hand_over, LEAVE) as rules:
        handle = await journeys.start(send(1))
        await handing_over.wait()
        await handle.signal(Journey.end)
        while "ACTIVITY_TASK_CANCEL_REQUESTED" not in await _events(handle):
            await asyncio.sleep(0.01)
        accepted.set()
        await handle.result()
    assert ["check_exit", "send", "next_move"] == rules.questions
    assert "ACTIVITY_TASK_COMPLETED" in await _events(handle)


async def test_a_cancellation_from_the_web_ui_is_an_end(journeys: Journeys) -> None:
    async with journeys.ruled_by(LEAVE.model_copy(update={"reason": "manual"})) as rules:
        handle = await journeys.start(wait(1, journeys.later(days=30)))
        await handle.cancel()
        reason = await handle.result()
    assert ("manual", "manual") == (reason, rules.asked[0][1].ending)


async def test_a_message_failed_by_hand_does_not_end_the_journey(journeys: Journeys) -> None:
    async def fail(ask: Ask) -> Move:
        raise ApplicationError("failed by an operator", non_retryable=True)

    async with journeys.ruled_by(GO, fail, LEAVE) as rules:
        reason = await (await journeys.start(send(1))).result()
    assert ("finished", "next_move") == (reason, rules.questions[-1])


async def test_a_record_that_is_away_is_asked_again_as_a_regular_activity(journeys: Journeys) -> None:
    async def away(ask: Ask) -> Move:
        raise ConnectionError("no database")

    async with journeys.ruled_by(away, away, away, away, LEAVE) as rules:
        handle = await journeys.start()
        reason = await handle.result()
    assert ("finished", 5) == (reason, len(rules.asked))
    assert 1 == (await _events(handle)).count("ACTIVITY_TASK_SCHEDULED")


@pytest.mark.parametrize("first", ["send", "wait"])
async def test_what_a_journey_waits_for_is_said_in_plain_words(journeys: Journeys, first: str) -> None:
    async with journeys.ruled_by(GO, wait(2, journeys.later(days=3))):
        handle = await journeys.start(send(1) if first == "send" else wait(2, journeys.later(days=3)))
        while "TIMER_STARTED" not in await _events(handle):
            await asyncio.sleep(0.01)
        said = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    assert said.current_details.startswith("wait at block pause until")


async def test_a_change_that_looks_through_everybody_is_an_activity_of_its_own(journeys: Journeys) -> None:
    async with journeys.ruled_by(LEAVE) as rules:
        handle = await journeys.start(act(1).model_copy(update={"slow": True}))
        await handle.result()
    assert ["act"] == rules.questions
    assert "ACTIVITY_TASK_SCHEDULED" in await _events(handle)


async def test_webhooks_have_a_queue_of_their_own(journeys: Journeys) -> None:
    async with journeys.ruled_by(GO) as rules:
        calls = ScriptedRules(LEAVE)
        queue = journeys.queue + names.WEBHOOK_QUEUE
        async with Worker(journeys.environment.client, task_queue=queue, activities=[calls.send]):
            await (await journeys.start(send(1).model_copy(update={"channel": "webhook"}))).result()
    assert (["check_exit"], ["send"]) == (rules.questions, calls.questions)
