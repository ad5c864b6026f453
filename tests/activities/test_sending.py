"""One message of one journey: sent once, whatever happens between claim and record."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.errors import TRY_LATER
from channels.channel import Email, OutcomeUnknown, Refused, TryLater
from engine.moves import Ask, Go, Leave, Wait
from storage import deliveries
from storage import journeys as records
from tests.activities.passage import NOW, Passage, email, left


async def _due(passage: Passage, *workflow: dict[str, Any], **document: Any) -> int:
    await passage.campaign(*(workflow or (email(),)), **document)
    await passage.identify()
    return await passage.event()


@pytest.mark.spec("7.03")
async def test_a_message_is_handed_over_and_the_journey_goes_on(passage: Passage) -> None:
    journey = await _due(passage)
    move = await passage.ask(passage.send, journey, block="hello")
    delivery = await passage.delivery()
    assert Leave(turn=2, reason="finished", text="Finished") == move
    assert ("sent", 1, "provider-1") == (delivery["state"], delivery["attempts"], delivery["provider_id"])
    assert ["handing_over", "sent"] == sorted(delivery["times"])
    assert ["entered", "due", "sent", "finished"] == await passage.log(journey)


async def test_the_content_is_kept_as_it_was_handed_over(passage: Passage) -> None:
    journey = await _due(passage, email(subject="Hello {{customer.id}}", body="<p>{{event.plan}}</p>"))
    await passage.pool.execute('UPDATE journeys SET trigger_data = \'{"plan": "pro"}\'')
    await passage.ask(passage.send, journey, block="hello")
    delivery = await passage.delivery()
    assert ("ada@example.com", "Hello ada") == (delivery["recipient"], delivery["subject"])
    assert "<p>pro</p>" == delivery["content"]["html"] == passage.mailbox.mails[0].html


async def test_asked_again_it_gives_the_same_answer_and_sends_nothing(passage: Passage) -> None:
    journey = await _due(passage)
    first = await passage.ask(passage.send, journey, block="hello")
    assert (first, 1) == (await passage.ask(passage.send, journey, block="hello"), len(passage.mailbox.mails))


async def test_two_attempts_at_once_hand_over_once(passage: Passage) -> None:
    journey = await _due(passage)
    second: list[object] = []

    async def meanwhile(message: Email) -> None:
        passage.mailbox.before = None
        second.append(await passage.ask(passage.send, journey, block="hello"))

    passage.mailbox.before = meanwhile
    await passage.ask(passage.send, journey, block="hello")
    # The second attempt cannot know that the first is still at it; the first knows better in the end.
    assert (1, "sent") == (len(passage.mailbox.mails), (await passage.delivery())["state"])
    assert [await passage.ask(passage.send, journey, block="hello")] == second


async def test_an_attempt_that_looked_before_another_claimed_does_not_claim_too(
    passage: Passage, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = await _due(passage)
    async with passage.pool.acquire() as connection:
        looked = await records.hold(connection, journey, f"{journey}:hello:1")

    async def hold(*_: object) -> object:
        return looked

    async def meanwhile(_: Email) -> None:
        passage.mailbox.before = None
        with monkeypatch.context() as patched:
            patched.setattr(records, "hold", hold)
            with pytest.raises(ApplicationError):
                await passage.ask(passage.send, journey, block="hello")

    passage.mailbox.before = meanwhile
    await passage.ask(passage.send, journey, block="hello")
    assert (1, "sent") == (len(passage.mailbox.mails), (await passage.delivery())["state"])


@pytest.mark.parametrize(("policy", "state", "copies"), [("hold", "unknown", 1), ("resend", "sent", 2)])
async def test_a_crash_between_hand_over_and_record_follows_the_campaigns_setting(
    passage: Passage, policy: str, state: str, copies: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = await _due(passage, unknown_outcome=policy)

    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError("the worker is gone")

    with monkeypatch.context() as patched:
        patched.setattr(deliveries, "record", crash)
        with pytest.raises(RuntimeError):
            await passage.ask(passage.send, journey, block="hello")
    assert ("handing_over", 1) == ((await passage.delivery())["state"], len(passage.mailbox.mails))
    move = await passage.ask(passage.send, journey, block="hello")
    assert ("leave", state, copies) == (move.kind, (await passage.delivery())["state"], len(passage.mailbox.mails))
    assert 1 == len({mail.email.key for mail in passage.mailbox.mails})


@pytest.mark.spec("6.06", "14.14")
async def test_a_refused_message_fails_and_the_journey_goes_on(passage: Passage) -> None:
    journey = await _due(passage, email(), {"delay": "1d"})
    passage.mailbox.failures = [Refused("no such mailbox")]
    move = await passage.ask(passage.send, journey, block="hello")
    delivery = await passage.delivery()
    assert ("wait", "failed", "no such mailbox") == (move.kind, delivery["state"], delivery["failure"])


@pytest.mark.spec("8.07", "6.06")
async def test_a_missing_variable_fails_the_message_and_is_named(passage: Passage) -> None:
    journey = await _due(passage, email(subject="Hello {{customer.first_name}}"))
    move = await passage.ask(passage.send, journey, block="hello")
    delivery = await passage.delivery()
    assert ("finished", "failed", []) == (left(move), delivery["state"], passage.mailbox.mails)
    assert "first_name" in delivery["failure"]


async def test_what_no_provider_takes_now_is_tried_again_with_growing_pauses(passage: Passage) -> None:
    journey = await _due(passage)
    pauses = []
    for _ in range(3):
        passage.mailbox.failures = [TryLater("busy")]
        with pytest.raises(ApplicationError) as raised:
            await passage.ask(passage.send, journey, block="hello")
        assert (TRY_LATER, ApplicationErrorCategory.BENIGN) == (raised.value.type, raised.value.category)
        pauses.append(raised.value.next_retry_delay)
    assert [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4)] == pauses
    delivery = await passage.delivery()
    assert ("attempted", 3) == (delivery["state"], delivery["attempts"])
    move = await passage.ask(passage.send, journey, block="hello")
    assert ("leave", "sent") == (move.kind, (await passage.delivery())["state"])


async def test_a_provider_that_names_a_pause_gets_it(passage: Passage) -> None:
    journey = await _due(passage)
    passage.mailbox.failures = [TryLater("slow down", after=timedelta(minutes=3))]
    with pytest.raises(ApplicationError) as raised:
        await passage.ask(passage.send, journey, block="hello")
    assert timedelta(minutes=3) == raised.value.next_retry_delay


@pytest.mark.spec("14.14")
async def test_a_day_of_refused_attempts_fails_the_message(passage: Passage) -> None:
    journey = await _due(passage)
    passage.mailbox.failures = [TryLater("busy"), TryLater("busy"), TryLater("still busy")]
    for after in (timedelta(), timedelta(hours=23, minutes=59)):
        with pytest.raises(ApplicationError):
            await passage.ask(passage.send, journey, block="hello", after=after)
    move = await passage.ask(passage.send, journey, block="hello", after=timedelta(hours=24))
    delivery = await passage.delivery()
    assert ("leave", "failed", "still busy") == (move.kind, delivery["state"], delivery["failure"])
    assert timedelta(hours=24) <= delivery["updated_at"] - NOW < timedelta(hours=24, minutes=1)


async def test_what_comes_next_begins_when_the_provider_has_answered(passage: Passage) -> None:
    journey = await _due(passage, email(), {"delay": "1d"})

    async def slow(message: Email) -> None:
        await asyncio.sleep(0.05)

    passage.mailbox.before = slow
    await passage.ask(passage.send, journey, block="hello")
    assert (await passage.journey(journey))["arrived_at"] - NOW >= timedelta(seconds=0.05)


@pytest.mark.parametrize(("policy", "state", "tried"), [("hold", "unknown", 1), ("resend", "unknown", 3)])
async def test_an_unknown_outcome_is_held_or_repeated_a_bounded_number_of_times(
    passage: Passage, policy: str, state: str, tried: int
) -> None:
    journey = await _due(passage, unknown_outcome=policy)
    passage.mailbox.failures = [OutcomeUnknown("the line was cut")] * 5
    for _ in range(tried - 1):
        with pytest.raises(ApplicationError):
            await passage.ask(passage.send, journey, block="hello")
    await passage.ask(passage.send, journey, block="hello")
    delivery = await passage.delivery()
    assert (state, tried, "the line was cut") == (delivery["state"], delivery["attempts"], delivery["failure"])


@pytest.mark.spec("11.10", "14.11")
async def test_a_suppressed_address_gets_nothing_even_from_a_campaign_that_sends_to_everybody(passage: Passage) -> None:
    journey = await _due(passage, email(to="Ada <Ada@Example.com>"), send_to_unsubscribed=True)
    await passage.suppress("ada@example.com")
    await passage.ask(passage.send, journey, block="hello")
    assert ("suppressed", []) == ((await passage.delivery())["state"], passage.mailbox.mails)
    assert "suppressed" in await passage.log(journey)


@pytest.mark.spec("6.07", "13.05")
async def test_a_campaign_stopped_between_check_and_claim_sends_nothing(passage: Passage) -> None:
    journey = await _due(passage)
    assert Go() == await passage.ask(passage.check_exit, journey, block="hello")
    await passage.stop()
    move = await passage.ask(passage.send, journey, block="hello")
    assert ("campaign_stopped", []) == (left(move), passage.mailbox.mails)
    assert 0 == await passage.pool.fetchval("SELECT count(*) FROM deliveries")


@pytest.mark.spec("13.06")
async def test_a_message_in_its_retries_becomes_undeliverable_when_the_campaign_is_stopped(passage: Passage) -> None:
    journey = await _due(passage)
    passage.mailbox.failures = [TryLater("busy")]
    with pytest.raises(ApplicationError):
        await passage.ask(passage.send, journey, block="hello")
    await passage.stop()
    await passage.ask(passage.next_move, journey, ending="campaign_stopped")
    assert "undeliverable" == (await passage.delivery())["state"]


@pytest.mark.spec("11.04", "11.05")
async def test_somebody_who_unsubscribes_between_check_and_claim_gets_nothing(passage: Passage) -> None:
    journey = await _due(passage)
    await passage.identify(unsubscribed=True)
    move = await passage.ask(passage.send, journey, block="hello")
    assert ("finished", []) == (left(move), passage.mailbox.mails)
    assert "withheld" in await passage.log(journey)


@pytest.mark.spec("15.22")
async def test_a_message_is_rendered_in_the_latest_version(passage: Passage) -> None:
    journey = await _due(passage)
    await passage.campaign(email(subject="Better"))
    await passage.ask(passage.send, journey, block="hello")
    assert ["Better"] == [mail.subject for mail in passage.mailbox.mails]


@pytest.mark.spec("8.12", "8.14")
async def test_the_events_addresses_win_over_the_campaigns(passage: Passage) -> None:
    await passage.campaign(email())
    await passage.identify()
    journey = await passage.event(data={"recipient": "desk@example.org", "from_address": "till@example.org"})
    await passage.ask(passage.send, journey, block="hello")
    sent = passage.mailbox.mails[0].email
    assert ("desk@example.org", "till@example.org") == (parseaddr(sent.to)[1], parseaddr(sent.sender)[1])


async def test_a_hand_over_is_finished_and_recorded_although_the_worker_stops(passage: Passage) -> None:
    journey = await _due(passage, email(), {"delay": "1d"})
    environment = passage.attempt()

    async def stopped(message: Email) -> None:
        environment.cancel()
        await asyncio.sleep(0.05)

    passage.mailbox.before = stopped
    move = await environment.run(passage.send, Ask(journey=journey, turn=1, now=NOW, block="hello"))
    assert isinstance(move, Wait)
    assert "sent" == (await passage.delivery())["state"]


async def test_what_a_server_said_about_a_person_does_not_come_back_after_they_were_deleted(passage: Passage) -> None:
    journey = await _due(passage)

    async def deleted(_: Email) -> None:
        await passage.delete()

    passage.mailbox.before = deleted
    passage.mailbox.failures = [Refused("the mail server answered 550 ada@example.com is unknown")]
    assert "person_deleted" == left(await passage.ask(passage.send, journey, block="hello"))
    delivery, log = await passage.delivery(), await passage.pool.fetch("SELECT seen FROM decisions")
    assert ("failed", None) == (delivery["state"], delivery["failure"])
    assert [{}] * len(log) == [row["seen"] for row in log]


@pytest.mark.spec("3.04")
async def test_nobody_exits_by_a_segment_that_is_still_being_built(passage: Passage) -> None:
    await passage.campaign(email())
    await passage.identify()
    journey = await passage.event()
    await passage.segment("new", {"attribute": "plan", "equals": "pro"})
    await passage.campaign(email(), filters={"in": "new"})
    await passage.pool.execute("UPDATE segments SET state = 'building'")
    assert isinstance(await passage.ask(passage.check_exit, journey, block="hello"), Go)
    await passage.pool.execute("UPDATE segments SET state = 'ready'")
    assert "stopped_matching" == left(await passage.ask(passage.send, journey, block="hello"))


@pytest.mark.spec("11.10")
async def test_suppressed_addresses_in_copy_are_left_out_and_the_log_says_so(passage: Passage) -> None:
    await passage.campaign(email(cc=["Desk <DESK@example.org>", "boss@example.org"], bcc="audit@example.org"))
    await passage.identify()
    journey = await passage.event()
    await passage.suppress("desk@example.org", "audit@example.org")
    await passage.ask(passage.send, journey, block="hello")
    (mail,) = passage.mailbox.mails
    assert (("boss@example.org",), ()) == (mail.email.cc, mail.email.bcc)
    assert ["entered", "due", "sent", "suppressed", "suppressed", "finished"] == await passage.log(journey)
    noted = await passage.pool.fetch("SELECT seen FROM decisions WHERE kind = 'suppressed' ORDER BY place")
    assert ["cc", "bcc"] == [place for line in noted for place in line["seen"]]
