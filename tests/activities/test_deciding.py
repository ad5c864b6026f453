"""What comes next, and may this message go: decided once, from the record as it is."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from engine.moves import Go, Leave, Wait
from intake.loop import Intake
from storage import inbox
from storage.inbox import Input
from tests.activities.passage import NOW, Passage, email, left

PAYING = {"attribute": "plan", "equals": "pro"}


async def _waiting(passage: Passage, **document: Any) -> int:
    await passage.campaign({"delay": "1d"}, email(), **document)
    await passage.identify()
    return await passage.event()


async def test_a_wait_that_is_over_leads_on(passage: Passage) -> None:
    journey = await _waiting(passage)
    passage.now += timedelta(days=1)
    move = await passage.ask(passage.next_move, journey)
    assert ("send", 2, "hello") == (move.kind, move.turn, move.block)  # type: ignore[union-attr]  # a Send
    row = await passage.journey(journey)
    assert ("hello", 2, NOW + timedelta(days=1)) == (row["block"], row["turn"], row["arrived_at"])


async def test_a_wake_up_that_changes_nothing_writes_nothing(passage: Passage) -> None:
    journey = await _waiting(passage)
    before = await passage.journey(journey)
    move = await passage.ask(passage.next_move, journey)
    assert isinstance(move, Wait)
    assert (1, before) == (move.turn, await passage.journey(journey))


async def test_a_question_that_was_answered_is_answered_the_same(passage: Passage) -> None:
    journey = await _waiting(passage)
    passage.now += timedelta(days=1)
    first = await passage.ask(passage.next_move, journey)
    passage.now += timedelta(days=1)
    assert first == await passage.ask(passage.next_move, journey)
    assert 2 == (await passage.journey(journey))["turn"]


async def test_two_questions_at_once_are_one_decision(passage: Passage) -> None:
    journey = await _waiting(passage)
    passage.now += timedelta(days=1)
    one, other = await asyncio.gather(*(passage.ask(passage.next_move, journey) for _ in range(2)))
    assert one == other
    assert ["entered", "waiting", "passed", "due"] == await passage.log(journey)


@pytest.mark.spec("15.01")
async def test_the_block_is_looked_up_in_the_latest_version(passage: Passage) -> None:
    journey = await _waiting(passage)
    await passage.campaign({"delay": "3d"}, email())
    passage.now += timedelta(days=1)
    move = await passage.ask(passage.next_move, journey)
    assert isinstance(move, Wait)
    assert (NOW + timedelta(days=3), 2) == (move.until, (await passage.journey(journey))["version"])


@pytest.mark.spec("15.26")
async def test_a_journey_whose_block_was_deleted_goes_on_behind_it(passage: Passage) -> None:
    await passage.campaign(email("first"), email("second"))
    await passage.identify()
    journey = await passage.event()
    await passage.campaign(email("second"))
    move = await passage.ask(passage.send, journey, block="first")
    assert ("send", "second", []) == (move.kind, move.block, passage.mailbox.mails)  # type: ignore[union-attr]  # a Send


async def test_a_check_that_lets_the_message_go_writes_nothing(passage: Passage) -> None:
    await passage.campaign(email())
    await passage.identify()
    journey = await passage.event()
    before = await passage.journey(journey)
    move = await passage.ask(passage.check_exit, journey, block="hello")
    assert (Go(), before) == (move, await passage.journey(journey))


@pytest.mark.spec("4.04", "4.07")
async def test_a_check_that_finds_the_filters_failing_ends_the_journey(passage: Passage) -> None:
    await passage.segment("paying", PAYING)
    await passage.campaign(email(), filters={"in": "paying"})
    await passage.identify(plan="pro")
    journey = await passage.event()
    await passage.identify(plan="free")
    move = await passage.ask(passage.check_exit, journey, block="hello")
    row = await passage.journey(journey)
    assert ("stopped_matching", "exited", "stopped_matching") == (left(move), row["state"], row["exit_reason"])


@pytest.mark.spec("10.37", "10.41")
async def test_a_goal_event_since_the_beginning_ends_the_journey_and_an_earlier_one_does_not(passage: Passage) -> None:
    await passage.campaign(email(), goal={"event": "purchase"}, exit="goal")
    await passage.identify()
    await passage.event("purchase")
    passage.now += timedelta(seconds=5)
    journey = await passage.event()
    assert Go() == await passage.ask(passage.check_exit, journey, block="hello")
    await passage.event("purchase")
    passage.now += timedelta(days=400)
    move = await passage.ask(passage.check_exit, journey, block="hello")
    assert "goal" == left(move)


async def test_a_goal_with_a_condition_on_its_data_looks_through_all_events(passage: Passage) -> None:
    where = [{"path": "total", "at_least": 100}]
    await passage.campaign(email(), goal={"event": "purchase", "where": where}, exit="goal")
    await passage.identify()
    journey = await passage.event()
    for _ in range(205):
        await passage.event("purchase", {"total": 1})
    assert Go() == await passage.ask(passage.check_exit, journey, block="hello")
    await passage.event("purchase", {"total": 100})
    assert isinstance(await passage.ask(passage.check_exit, journey, block="hello"), Leave)


@pytest.mark.spec("9.09")
async def test_a_deleted_person_leaves(passage: Passage) -> None:
    journey = await _waiting(passage)
    await passage.delete()
    move = await passage.ask(passage.next_move, journey)
    assert "person_deleted" == left(move)


async def test_an_end_asked_for_by_signal_ends_the_journey_with_its_reason(passage: Passage) -> None:
    journey = await _waiting(passage)
    move = await passage.ask(passage.next_move, journey, ending="manual")
    assert ("manual", "exited") == (left(move), (await passage.journey(journey))["state"])


async def test_a_reason_of_an_operators_own_is_an_end_by_hand(passage: Passage) -> None:
    journey = await _waiting(passage)
    move = await passage.ask(passage.next_move, journey, ending="because I can")
    assert "manual" == left(move)


@pytest.mark.spec("13.11")
async def test_who_was_forced_out_does_not_resume_when_the_campaign_is_started_again(passage: Passage) -> None:
    journey = await _waiting(passage)
    passage.now += timedelta(minutes=1)
    await passage.stop()
    passage.now += timedelta(minutes=1)
    await passage.pool.execute("UPDATE campaigns SET state = 'running', started_at = $1", passage.now)
    passage.now += timedelta(days=1)
    move = await passage.ask(passage.next_move, journey)
    assert "campaign_stopped" == left(move)


async def _retrying(passage: Passage) -> int:
    await passage.segment("paying", PAYING)
    await passage.campaign(email(), filters={"in": "paying"})
    await passage.identify(plan="free")
    await passage.event()
    return int(await passage.pool.fetchval("SELECT id FROM filter_retries"))


async def test_a_wait_for_filters_goes_on_until_its_end(passage: Passage) -> None:
    retry = await _retrying(passage)
    move = await passage.ask(passage.next_move, retry, turn=0)
    assert isinstance(move, Wait)
    assert (0, NOW + timedelta(minutes=30)) == (move.turn, move.until)


@pytest.mark.spec("4.12", "9.03")
async def test_at_its_end_a_wait_for_filters_that_never_matched_leaves_a_refusal_and_no_journey(
    passage: Passage,
) -> None:
    retry = await _retrying(passage)
    passage.now += timedelta(minutes=30)
    move = await passage.ask(passage.next_move, retry, turn=0)
    assert ("not_entered", "filters_never_matched", 0) == (
        left(move),
        await passage.pool.fetchval("SELECT reason FROM refusals"),
        await passage.pool.fetchval("SELECT count(*) FROM journeys"),
    )


async def test_a_wait_for_filters_that_came_true_goes_on_as_the_journey(passage: Passage) -> None:
    retry = await _retrying(passage)
    await passage.identify(plan="pro")
    move = await passage.ask(passage.next_move, retry, turn=0)
    assert ("send", 1, retry) == (move.kind, move.turn, await passage.pool.fetchval("SELECT id FROM journeys"))


@pytest.mark.spec("4.14")
async def test_a_stop_drops_the_wait_for_filters(passage: Passage) -> None:
    retry = await _retrying(passage)
    await passage.stop()
    move = await passage.ask(passage.next_move, retry, turn=0)
    assert ("not_entered", "campaign_not_running") == (
        left(move),
        await passage.pool.fetchval("SELECT reason FROM refusals"),
    )


@pytest.mark.spec("4.12")
async def test_nobody_is_refused_while_a_change_from_within_the_time_waits_to_be_applied(passage: Passage) -> None:
    """Intake was away, or has much to do: what was accepted in time still counts."""
    retry = await _retrying(passage)
    passage.now += timedelta(minutes=29)
    who = {"who": {"id": "ada"}, "attributes": {"plan": "pro"}}
    change = Input(workspace_id=passage.workspace, kind="identify", payload=who, received_at=passage.now)
    async with passage.pool.acquire() as connection:
        await inbox.append(connection, [change])
    passage.now += timedelta(minutes=2)
    early = await passage.ask(passage.next_move, retry, turn=0)
    await Intake(passage.pool, lambda: passage.now).settle()
    move = await passage.ask(passage.next_move, retry, turn=0)
    assert ("wait", "send", 1) == (early.kind, move.kind, move.turn)


async def test_what_came_in_after_the_time_is_not_waited_for(passage: Passage) -> None:
    retry = await _retrying(passage)
    passage.now += timedelta(minutes=31)
    late = Input(workspace_id=passage.workspace, kind="identify", payload={}, received_at=passage.now)
    async with passage.pool.acquire() as connection:
        await inbox.append(connection, [late])
    assert "not_entered" == left(await passage.ask(passage.next_move, retry, turn=0))


async def test_an_operator_can_end_a_wait_for_filters(passage: Passage) -> None:
    retry = await _retrying(passage)
    move = await passage.ask(passage.next_move, retry, turn=0, ending="manual")
    assert ("leave", "manual") == (move.kind, await passage.pool.fetchval("SELECT reason FROM refusals"))


@pytest.mark.spec("13.03")
async def test_the_last_journey_of_a_stopping_campaign_says_so_and_no_other(passage: Passage) -> None:
    await passage.campaign({"delay": "1d"})
    for person in ("ada", "bob"):
        await passage.identify(person)
    ada, bob = await passage.event(person="ada"), await passage.event(person="bob")
    await passage.stop("finish")
    await passage.pool.execute("DELETE FROM outbox")
    passage.now += timedelta(days=1)
    assert isinstance(await passage.ask(passage.next_move, ada), Leave)
    assert 0 == await passage.pool.fetchval("SELECT count(*) FROM outbox")
    assert isinstance(await passage.ask(passage.next_move, bob), Leave)
    told = await passage.pool.fetch("SELECT workflow_id, payload FROM outbox")
    assert [("campaign:1:1", "look_again")] == [(row["workflow_id"], row["payload"]["signal"]) for row in told]


async def test_of_two_last_journeys_at_once_one_says_so(passage: Passage) -> None:
    await passage.campaign({"delay": "1d"})
    for person in ("ada", "bob"):
        await passage.identify(person)
    journeys = [await passage.event(person=person) for person in ("ada", "bob")]
    await passage.stop("finish")
    await passage.pool.execute("DELETE FROM outbox")
    passage.now += timedelta(days=1)
    await asyncio.gather(*(passage.ask(passage.next_move, journey) for journey in journeys))
    assert 1 == await passage.pool.fetchval("SELECT count(*) FROM outbox")


@pytest.mark.spec("4.12", "17.14")
async def test_a_wait_whose_person_is_just_merged_is_decided_for_whoever_they_are_then(passage: Passage) -> None:
    retry = await _retrying(passage)
    await passage.identify("eve", plan="free")
    passage.now += timedelta(minutes=30)
    who = {"primary": {"id": "eve"}, "secondary": {"id": "ada"}}
    merge = Input(workspace_id=passage.workspace, kind="merge", payload=who, received_at=passage.now)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async with passage.pool.acquire() as connection, connection.transaction(), asyncio.timeout(10):
        await passage.processor.process(connection, [merge], now=passage.now)
        asked = asyncio.create_task(passage.ask(passage.next_move, retry, turn=0))
        while not await passage.pool.fetchval(waiting):
            await asyncio.sleep(0)
    early = await asked
    passage.now += timedelta(minutes=1)
    move = await passage.ask(passage.next_move, retry, turn=0)

    assert isinstance(early, Wait)
    assert (passage.now, "not_entered") == (early.until, left(move))
    query = "SELECT external_id, reason FROM refusals JOIN people ON people.id = person_id"
    assert [("eve", "filters_never_matched")] == [tuple(row) for row in await passage.pool.fetch(query)]
