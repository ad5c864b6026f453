"""An operator sends once more: what may have left exactly as it was, what failed made anew."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.sending import AT_ONCE
from channels.channel import OutcomeUnknown, Refused, TryLater
from engine.moves import ResendStart
from tests.activities.passage import Passage, email


async def _unknown(passage: Passage) -> ResendStart:
    await passage.campaign(email())
    await passage.identify()
    journey = await passage.event()
    passage.mailbox.failures = [OutcomeUnknown("the line was cut")]
    await passage.ask(passage.send, journey, block="hello")
    return ResendStart(delivery=(await passage.delivery())["id"], at=passage.now)


async def test_the_same_message_goes_out_again_under_the_same_key(passage: Passage) -> None:
    start = await _unknown(passage)
    assert "sent" == await passage.attempt().run(passage.resend, start)
    delivery = await passage.delivery()
    assert (delivery["key"], 2, None) == (passage.mailbox.mails[0].email.key, delivery["attempts"], delivery["failure"])


@pytest.mark.parametrize(
    ("failure", "state"), [(Refused("no such mailbox"), "failed"), (OutcomeUnknown("cut again"), "unknown")]
)
async def test_how_it_went_is_recorded(passage: Passage, failure: Exception, state: str) -> None:
    start = await _unknown(passage)
    passage.mailbox.failures = [failure]  # type: ignore[list-item]  # one of the channel's errors
    assert (state, state) == (await passage.attempt().run(passage.resend, start), (await passage.delivery())["state"])


async def test_what_is_not_taken_is_tried_for_a_day(passage: Passage) -> None:
    start = await _unknown(passage)
    passage.mailbox.failures = [TryLater("busy"), TryLater("busy")]
    with pytest.raises(ApplicationError):
        await passage.attempt().run(passage.resend, start)
    assert "failed" == await passage.attempt(timedelta(days=1)).run(passage.resend, start)


async def test_a_delivery_that_was_settled_meanwhile_is_left_alone(passage: Passage) -> None:
    start = await _unknown(passage)
    await passage.pool.execute("UPDATE deliveries SET state = 'undeliverable'")
    assert ("undeliverable", []) == (await passage.attempt().run(passage.resend, start), passage.mailbox.mails)


async def test_a_resend_that_was_cut_off_is_unknown_again(passage: Passage) -> None:
    start = await _unknown(passage)
    await passage.pool.execute("UPDATE deliveries SET state = 'handing_over'")
    assert ("unknown", []) == (await passage.attempt().run(passage.resend, start), passage.mailbox.mails)


async def test_a_delivery_that_is_gone_is_no_error(passage: Passage) -> None:
    assert "gone" == await passage.attempt().run(passage.resend, ResendStart(delivery=1, at=passage.now))


async def _failed(passage: Passage) -> ResendStart:
    await passage.campaign(email(subject="Hello {{customer.name}}"))
    await passage.identify()
    journey = await passage.event()
    await passage.ask(passage.send, journey, block="hello")
    assert "failed" == (await passage.delivery())["state"]
    return ResendStart(delivery=(await passage.delivery())["id"], at=passage.now)


@pytest.mark.spec("8.09")
async def test_what_failed_is_made_anew_for_the_person_as_they_are_now(passage: Passage) -> None:
    start = await _failed(passage)
    before = await passage.delivery()
    await passage.identify(name="Ada")
    assert "sent" == await passage.attempt().run(passage.resend, start)
    delivery = await passage.delivery()
    assert (["Hello Ada"], "Hello Ada") == ([mail.subject for mail in passage.mailbox.mails], delivery["subject"])
    assert (before["public_id"], None) == (delivery["public_id"], delivery["failure"])
    assert ["failed", "handing_over", "sent"] == sorted(delivery["times"])


@pytest.mark.spec("8.09")
async def test_what_failed_is_made_anew_of_the_latest_version(passage: Passage) -> None:
    start = await _failed(passage)
    await passage.campaign(email(subject="Hello"))
    assert "sent" == await passage.attempt().run(passage.resend, start)
    assert (["Hello"], 2) == ([mail.subject for mail in passage.mailbox.mails], (await passage.delivery())["version"])


@pytest.mark.spec("6.103")
async def test_what_failed_in_a_test_is_made_anew_of_the_same_arm(passage: Passage) -> None:
    await passage.campaign(email(ab_test={"share": 100, "subject": "B {{customer.name}}"}))
    await passage.identify()
    await passage.ask(passage.send, await passage.event(), block="hello")
    failed = await passage.delivery()
    await passage.identify(name="Ada")
    await passage.campaign(email(ab_test={"share": 0, "subject": "B {{customer.name}}"}))
    await passage.attempt().run(passage.resend, ResendStart(delivery=failed["id"], at=passage.now))
    assert [("failed", "variation"), ("sent", "variation")] == [
        (one["state"], one["arm"]) for one in (failed, await passage.delivery())
    ]
    assert ["B Ada"] == [mail.subject for mail in passage.mailbox.mails]


async def test_a_variation_whose_sending_is_off_by_now_is_not_made_anew(passage: Passage) -> None:
    await passage.campaign(email(ab_test={"share": 100, "subject": "B {{customer.name}}"}))
    await passage.identify()
    await passage.ask(passage.send, await passage.event(), block="hello")
    await passage.campaign(email(ab_test={"share": 0, "sending": "off"}))
    start = ResendStart(delivery=(await passage.delivery())["id"], at=passage.now)
    assert "failed" == await passage.attempt().run(passage.resend, start)
    assert ("The sending of the message is off.", []) == ((await passage.delivery())["failure"], passage.mailbox.mails)


async def test_what_fails_anew_says_why_and_counts(passage: Passage) -> None:
    start = await _failed(passage)
    await passage.campaign(email(subject="Hello {{customer.surname}}"))
    assert "failed" == await passage.attempt().run(passage.resend, start)
    delivery = await passage.delivery()
    assert (2, []) == (delivery["attempts"], passage.mailbox.mails)
    assert "customer.surname" in delivery["failure"]


@pytest.mark.parametrize("again", ["not rendered", "refused", "an obstacle"])
async def test_of_two_failures_the_time_of_the_later_one_is_shown(passage: Passage, again: str) -> None:
    start = await _failed(passage)
    passage.now += timedelta(hours=1)
    await passage.identify(name="Ada", unsubscribed=again == "an obstacle")
    if again == "not rendered":
        await passage.campaign(email(subject="Hello {{customer.surname}}"))
    passage.mailbox.failures = [Refused("no such mailbox")]
    anew = ResendStart(delivery=start.delivery, at=passage.now)
    assert "failed" == await passage.attempt().run(passage.resend, anew)
    failed_at = datetime.fromisoformat((await passage.delivery())["times"]["failed"])
    assert timedelta() <= failed_at - passage.now < timedelta(minutes=1)


async def test_it_is_claimed_only_when_there_is_a_connection_for_it(passage: Passage) -> None:
    start = await _unknown(passage)
    for _ in range(AT_ONCE):
        await passage.turns.acquire()
    resending = asyncio.create_task(passage.attempt().run(passage.resend, start))
    await asyncio.wait({resending}, timeout=0.1)
    waiting = (await passage.delivery())["state"]
    passage.turns.release()
    assert ("unknown", "sent") == (waiting, await resending)


async def test_a_worker_that_stops_while_it_waits_leaves_the_message_alone(passage: Passage) -> None:
    start = await _unknown(passage)
    for _ in range(AT_ONCE):
        await passage.turns.acquire()
    attempt = passage.attempt()
    resending = asyncio.create_task(attempt.run(passage.resend, start))
    await asyncio.wait({resending}, timeout=0.1)
    attempt.worker_shutdown()
    passage.turns.release()
    with pytest.raises(ApplicationError):
        await resending
    assert ("unknown", []) == ((await passage.delivery())["state"], passage.mailbox.mails)


@pytest.mark.parametrize("obstacle", ["unsubscribed", "deleted", "off", "gone"])
async def test_what_failed_is_not_made_anew_where_something_speaks_against_it(passage: Passage, obstacle: str) -> None:
    start = await _failed(passage)
    await passage.identify(name="Ada", unsubscribed=obstacle == "unsubscribed")
    if obstacle == "deleted":
        await passage.delete()
    elif obstacle == "off":
        await passage.campaign(email(sending="off"))
    elif obstacle == "gone":
        await passage.campaign(email("other"))
    assert ("failed", []) == (await passage.attempt().run(passage.resend, start), passage.mailbox.mails)
    delivery = await passage.delivery()
    assert (2, True) == (
        delivery["attempts"],
        obstacle in delivery["failure"] or "no such message" in delivery["failure"],
    )


async def test_a_suppressed_address_gets_nothing_anew(passage: Passage) -> None:
    start = await _failed(passage)
    await passage.identify(name="Ada")
    await passage.suppress("ada@example.com")
    assert ("suppressed", []) == (await passage.attempt().run(passage.resend, start), passage.mailbox.mails)


async def test_what_no_provider_takes_anew_is_tried_again_as_it_was_made(passage: Passage) -> None:
    start = await _failed(passage)
    await passage.identify(name="Ada")
    passage.mailbox.failures = [TryLater("busy")]
    with pytest.raises(ApplicationError):
        await passage.attempt().run(passage.resend, start)
    assert ("attempted", 2) == ((await passage.delivery())["state"], (await passage.delivery())["attempts"])
    assert "sent" == await passage.attempt(timedelta(seconds=1)).run(passage.resend, start)
    assert ["Hello Ada"] == [mail.subject for mail in passage.mailbox.mails]


@pytest.mark.spec("11.10")
async def test_nothing_is_sent_again_to_an_address_that_was_suppressed_since(passage: Passage) -> None:
    start = await _unknown(passage)
    await passage.suppress("ada@example.com")
    assert ("suppressed", []) == (await passage.attempt().run(passage.resend, start), passage.mailbox.mails)
    delivery = await passage.delivery()
    assert ("suppressed", "The address is suppressed.") == (delivery["state"], delivery["failure"])
