"""An operator settles an unknown outcome by sending once more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

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
